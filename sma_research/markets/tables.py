"""Reading tables without guessing: text stays text, numbers are checked one by one."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MISSING = ("", "nan", "NaN")  # cells that say there is no number


def read_table(path: Path) -> "pd.DataFrame":
    """Read a CSV file as text, or a Parquet file with its types.

    Tickers such as NA, TRUE and ON stay what they are.

    Raises
    ------
    DataError
        A file that is missing, empty, damaged, or neither CSV nor Parquet.
    """
    import pandas as pd
    from pyarrow import ArrowException

    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not there, expected a CSV or Parquet file")
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return pd.read_parquet(path)
        if path.suffix.lower() == ".csv":
            return pd.read_csv(
                path, dtype=str, keep_default_na=False, encoding="utf-8-sig"
            )
    except (ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path} cannot be read: {reason}") from error
    raise DataError(f"{path} ends in {path.suffix!r}, expected .csv or .parquet")


def write_table(frame: "pd.DataFrame", path: Path) -> None:
    """Write a frame as CSV or Parquet, without its index, numbers in full."""
    if path.suffix.lower() in {".parquet", ".pq"}:
        frame.to_parquet(path, index=False)
    elif path.suffix.lower() == ".csv":
        frame.to_csv(path, index=False, lineterminator="\n")
    else:
        raise DataError(f"{path} ends in {path.suffix!r}, expected .csv or .parquet")


def find_column(frame: "pd.DataFrame", names: Sequence[str]) -> str | None:
    """First column called one of some names, in their order, whatever the case."""
    lower = {str(column).strip().lower(): str(column) for column in frame.columns}
    return next((lower[name] for name in names if name in lower), None)


def require_column(frame: "pd.DataFrame", names: Sequence[str], path: Path) -> str:
    """Find a column or refuse the file, naming what it has."""
    column = find_column(frame, names)
    if column is None:
        shown = ", ".join(str(c) for c in list(frame.columns)[:8])
        raise DataError(
            f"{path} has no column {' or '.join(names)}, found {shown}; rename one"
        )
    return column


def numbers(column: "pd.Series", path: Path, *, blank: bool = False) -> "pd.Series":
    """Convert a column to float64.

    Raises
    ------
    DataError
        Names file, row and column of the first cell that is no finite number;
        ``blank`` accepts empty cells as NaN.
    """
    import numpy as np
    import pandas as pd

    text = column.astype(str).str.strip()
    empty = column.isna() | text.isin(MISSING)
    plain = text.mask(empty, "nan").str.replace(",", "", regex=False)
    values = pd.to_numeric(plain, errors="coerce").astype(np.float64)
    bad = ~np.isfinite(values) & ~(empty & blank)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"{path}, row {row + 1}, column {column.name}: found {text.iloc[row]!r}, "
            "expected a number"
        )
    return values


def labels(column: "pd.Series", path: Path) -> "pd.Series":
    """Return a column of identifiers as stripped text, refusing empty ones."""
    import numpy as np

    text = column.astype(str).str.strip()
    bad = np.flatnonzero(column.isna() | (text == ""))
    if bad.size:
        raise DataError(
            f"{path}, row {int(bad[0]) + 1}, column {column.name}: empty, expected a name"
        )
    return text


def refuse_repeats(keys: "pd.DataFrame | pd.Series", path: Path, what: str) -> None:
    """Refuse a key that appears twice, naming it and its second row."""
    import numpy as np

    repeated = np.flatnonzero(keys.duplicated())
    if repeated.size:
        row = int(repeated[0])
        found = keys.iloc[row]
        shown = found if isinstance(found, str) else ", ".join(str(v) for v in found)
        raise DataError(f"{path}, row {row + 1}: {what} {shown} appears twice")
