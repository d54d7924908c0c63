"""Tables in files: every cell is text until a column says what it means.

Tickers such as ``NA``, ``ON`` and ``TRUE`` therefore stay tickers. Spaces around cells
and the case of column names do not matter. Every bad cell is refused, one line each;
columns that are missing or unknown in one line for all.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sma_research.errors import DataError
from sma_research.io.refusals import refuse_all, unreadable

if TYPE_CHECKING:
    import pandas as pd


OTHER_MARKS: Final = (";", "\t", "|")  # what some spreadsheets write for commas


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: how its text is read, and what a good cell is."""

    parse: Callable[[str], object]  # text -> value, None or NaN if it cannot be read
    accepts: Callable[[object], bool]
    expected: str


def read_text(path: Path) -> str:
    """Text of a UTF-8 file, without the mark that spreadsheets put in front.

    Raises
    ------
    DataError
        A file that is missing, empty or not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        byte, line = error.object[error.start], error.object[: error.start].count(b"\n")
        raise DataError(
            f"{path}: line {line + 1}, byte {byte:#04x} is not UTF-8, expected a UTF-8 "
            "text file; save it with that encoding"
        ) from error
    if not text.strip():
        raise DataError(f"{path}: the file is empty, expected at least one line")
    return text


def read_table(
    path: Path, columns: Mapping[str, Column], *, optional: frozenset[str] = frozenset()
) -> "pd.DataFrame":
    """A CSV file, checked; the index holds the lines of the file.

    Raises
    ------
    DataError
        Lists the missing and the unknown columns, or every bad cell, one line each.
    """
    import pandas as pd

    header, rows = _cells(path)
    named = {name.casefold(): name for name in columns}
    header = [named.get(name.casefold(), name) for name in header]
    refuse_all(_bad_header(path, header, columns, optional))
    text = {name: {line: row[i] for line, row in rows} for i, name in enumerate(header)}
    frame = pd.DataFrame({
        name: pd.Series(  # as parsed: pandas would make words text, and None NaN
            [columns[name].parse(cell) for cell in cells.values()], dtype=object
        )
        for name, cells in text.items()
    }).set_axis([line for line, _ in rows])  # fmt: skip
    refuse_all(
        f"{path}: line {line}, {name} is {text[name][line]!r}, "
        f"expected {columns[name].expected}"
        for line, name in _failures(frame, columns)
    )
    return frame


def read_names(path: Path) -> tuple[str, ...]:
    """Identifiers of a CSV's column asset, or of a text file with one per line.

    In a text file, blank lines and what follows a ``#`` are skipped.
    """
    if path.suffix.lower() == ".csv":
        return tuple(read_table(path, {"asset": TEXT})["asset"])
    lines = (line.partition("#")[0].strip() for line in read_text(path).splitlines())
    return tuple(line for line in lines if line)


def _cells(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    reader = csv.reader(StringIO(read_text(path), newline=""), strict=True)
    try:
        rows = [(reader.line_num, [c.strip() for c in row]) for row in reader if row]
    except csv.Error as error:
        raise DataError(
            f"{path}: line {reader.line_num} is not CSV: {error}; "
            "expected cells separated by commas"
        ) from error
    (_, header), *body = rows
    other = [mark for mark in OTHER_MARKS if len(header) == 1 and mark in header[0]]
    refuse_all(
        f"{path}: the first line is separated by {mark!r}, expected commas; save the "
        "file as comma-separated values with decimal points"
        for mark in other[:1]
    )
    refuse_all(
        f"{path}: line {line} has {len(row)} cells, expected {len(header)}"
        for line, row in body
        if len(row) != len(header)
    )
    return header, body


def _bad_header(
    path: Path,
    header: list[str],
    columns: Mapping[str, Column],
    optional: frozenset[str],
) -> Iterator[str]:
    allowed = ", ".join(columns)
    found = {
        "missing": [c for c in columns if c not in header and c not in optional],
        "unknown": [name for name in dict.fromkeys(header) if name not in columns],
    }
    for what, names in found.items():
        if names:
            listed = ", ".join(map(repr, names))
            are = f"column {listed} is" if len(names) == 1 else f"columns {listed} are"
            yield f"{path}: {are} {what}, expected columns {allowed}"
    for name in columns:
        if header.count(name) > 1:
            yield f"{path}: column {name!r} appears more than once, expected once"


def _failures(
    frame: "pd.DataFrame", columns: Mapping[str, Column]
) -> list[tuple[int, str]]:
    import pandera.pandas as pa

    schema = pa.DataFrameSchema({
        name: pa.Column(
            None, pa.Check(columns[name].accepts, element_wise=True, ignore_na=False),
            nullable=True,
        )
        for name in frame.columns
    })  # fmt: skip
    if not len(frame):
        return []
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        return sorted(zip(cases["index"].astype(int), cases["column"], strict=True))
    return []


def _number(text: str) -> float:
    try:
        # Zero is added for what a file writes as -0.
        return float(text) + 0.0 if "_" not in text and text.isascii() else nan
    except ValueError:
        return nan


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


TEXT: Final = Column(parse=str, accepts=bool, expected="an identifier")
ANY_TEXT: Final = Column(parse=str, accepts=lambda _: True, expected="text")
ABOVE_ZERO: Final = Column(
    parse=_number,
    accepts=lambda value: isfinite(value) and value > 0,  # type: ignore[arg-type,operator]
    expected="a number above 0",
)
ZERO_OR_MORE: Final = Column(
    parse=_number,
    accepts=lambda value: isfinite(value) and value >= 0,  # type: ignore[arg-type,operator]
    expected="a number, 0 or more",
)
DATE: Final = Column(
    parse=_date,
    accepts=lambda value: isinstance(value, date),
    expected="a date like 2024-03-15",
)
