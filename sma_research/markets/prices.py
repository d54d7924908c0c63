"""Price panels from CSV or Parquet files, long or wide."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_research.errors import DataError
from sma_research.markets.tables import (
    find_column,
    labels,
    numbers,
    read_table,
    refuse_repeats,
)

if TYPE_CHECKING:
    import pandas as pd

DATE: Final = ("date", "day", "as_of")
ASSET: Final = ("asset", "ticker", "symbol", "name")
PRICE: Final = ("adj_close", "adj close", "adjusted_close", "close", "price")


def read_prices(path: Path) -> "pd.DataFrame":
    """Read prices as a frame of days by assets, sorted by day and by asset.

    A *long* file has a column of dates, one of assets (asset, ticker, symbol or name)
    and one of prices (adjusted close, close or price, the first of these that is
    there). A *wide* file has a column of dates, or a date index in Parquet, and one
    column of prices per asset. An empty cell is a day without a quote and stays NaN;
    nothing is filled.

    Raises
    ------
    DataError
        No date column, a date or number that cannot be read, an asset twice on one
        day, a price that is not above zero, or an asset without any price.
    """
    path = Path(path)
    frame = _dated(read_table(path), path)
    asset = find_column(frame, ASSET)
    price = find_column(frame, PRICE)
    if asset is not None and price is None and _is_text(frame[asset]):
        shown = ", ".join(str(c) for c in list(frame.columns)[:8])
        raise DataError(
            f"{path} has a column {asset} but none of prices, expected one of "
            f"{', '.join(PRICE)}; found {shown}"
        )
    if asset is not None and price is not None:
        panel = _from_long(frame, asset, price, path=path)
    else:
        panel = _from_wide(frame, path)
    panel = panel.sort_index().sort_index(axis=1)
    panel.columns.name = "asset"
    _require_prices(panel, path)
    return panel


def returns(prices: "pd.DataFrame", *, largest: float = 10.0) -> "pd.DataFrame":
    """Simple returns from one day to the next, NaN where either day has no quote.

    Raises
    ------
    DataError
        Fewer than two days, or a return above ``largest`` (10 is 1,000 % in a day),
        which is a split or a typing error rather than a return.
    """
    if len(prices) < 2:
        raise DataError(f"prices of {len(prices)} day, expected at least two")
    change = prices.pct_change(fill_method=None).iloc[1:]
    values = change.to_numpy()
    bad = np.argwhere(values > largest)
    if bad.size:
        row, column = (int(i) for i in bad[0])
        raise DataError(
            f"return of {change.columns[column]!s} on "
            f"{_day(change.index[row])} is {values[row, column]:.0%}, expected at most {largest:.0%}; "
            "correct the price or leave the asset out"
        )
    return change


def _dated(frame: "pd.DataFrame", path: Path) -> "pd.DataFrame":
    """Move the dates into a column called ``date``."""
    import pandas as pd

    if isinstance(frame.index, pd.DatetimeIndex):
        frame = frame.rename_axis("date").reset_index()
    column = find_column(frame, DATE)
    if column is None:
        shown = ", ".join(str(c) for c in list(frame.columns)[:8])
        raise DataError(
            f"{path} has no column {' or '.join(DATE)}, found {shown}; rename one"
        )
    text = frame[column].astype(str).str.strip()
    day = pd.to_datetime(text, errors="coerce", format="ISO8601").dt.normalize()
    bad = np.flatnonzero(day.isna())
    if bad.size:
        row = int(bad[0])
        raise DataError(
            f"{path}, row {row + 1}, column {column}: found {text.iloc[row]!r}, "
            "expected a date like 2025-05-08"
        )
    return frame.drop(columns=column).assign(date=day.astype("datetime64[ns]"))


def _from_long(
    frame: "pd.DataFrame", asset: str, price: str, *, path: Path
) -> "pd.DataFrame":
    import pandas as pd

    long = pd.DataFrame(
        {
            "date": frame["date"],
            "asset": labels(frame[asset], path),
            "price": numbers(frame[price], path, blank=True),
        }
    )
    key = long[["date", "asset"]].assign(date=long["date"].dt.strftime("%Y-%m-%d"))
    refuse_repeats(key, path, "date and asset")
    return long.pivot(index="date", columns="asset", values="price")


def _from_wide(frame: "pd.DataFrame", path: Path) -> "pd.DataFrame":
    import pandas as pd

    refuse_repeats(frame["date"].dt.strftime("%Y-%m-%d"), path, "date")
    wide = frame.set_index("date")
    wide.columns = pd.Index([str(column).strip() for column in wide.columns])
    # pandas renames a repeated CSV header to "X.1", which would hide the repeat
    repeated = [c for c in wide.columns if c.endswith(".1") and c[:-2] in wide.columns]
    if wide.columns.has_duplicates or repeated:
        raise DataError(f"{path}: an asset has two columns, expected one each")
    if not len(wide.columns):
        raise DataError(f"{path} has dates but no prices, expected a column per asset")
    return wide.apply(lambda column: numbers(column, path, blank=True))


def _require_prices(panel: "pd.DataFrame", path: Path) -> None:
    values = panel.to_numpy()
    bad = np.argwhere(values <= 0)
    if bad.size:
        row, column = (int(i) for i in bad[0])
        raise DataError(
            f"{path}: price of {panel.columns[column]!s} on {_day(panel.index[row])} is "
            f"{values[row, column]:g}, expected above 0"
        )
    empty = np.flatnonzero(np.isnan(values).all(axis=0))
    if empty.size:
        raise DataError(
            f"{path}: {panel.columns[int(empty[0])]!s} has no price on any day, expected "
            "at least one; leave it out"
        )


def _is_text(cells: "pd.Series") -> bool:
    """Whether a column holds no number at all, so that it cannot be prices."""
    import pandas as pd

    return bool(pd.to_numeric(cells, errors="coerce").isna().all())


def _day(stamp: object) -> str:
    return str(stamp)[:10]
