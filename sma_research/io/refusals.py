"""Refusals of files, one line each: the file, the field, what was found and expected."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sma_research.errors import DataError
from sma_research.io.documents import (
    AccountEntry,
    BandEntry,
    BookFile,
    BoundsEntry,
    MarketEntry,
    SyntheticEntry,
    Wishes,
)
from sma_research.io.tax_documents import (
    EquivalentsEntry,
    LimitEntry,
    TaxEntry,
    YearEntry,
)

MOST_LINES = 20

EXPECTED: Final = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number, the position of a factor",
    "string_type": "text in quotes",
    "string_too_short": "a name",
    "bool_type": "true or false",
    "list_type": 'a list like ["A", "B"]',
    "dict_type": "a table like { name = value }",
    "model_type": "a table like { name = value }",
    "date_type": "a date like 2025-06-30, without quotes",
    "too_short": "at least one",
}

TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "market": MarketEntry,
    "synthetic": SyntheticEntry,
    "defaults": Wishes,
    "account": AccountEntry,
    "tax_rates": TaxEntry,
    "year_to_date": YearEntry,
    "gain_limits": LimitEntry,
    "equivalents": EquivalentsEntry,
    "sector_bands": BandEntry,
    "factor_bands": BandEntry,
    "weight_bounds": BoundsEntry,
}


def refuse_all(lines: Iterable[str]) -> None:
    """Raise one error of all lines, of the first twenty when there are more."""
    found = list(dict.fromkeys(lines))
    if len(found) > MOST_LINES:
        rest = len(found) - MOST_LINES
        found = [*found[:MOST_LINES], f"{rest} more refusals like these"]
    if found:
        raise DataError("\n".join(found))


def unreadable(path: Path, error: OSError) -> DataError:
    """The refusal of a file that the system does not hand over."""
    reason = error.strerror or type(error).__name__
    return DataError(f"{path}: cannot be read: {reason}; expected a file")


def refuse_market(path: Path, document: Mapping[str, object]) -> None:
    """Refuse the file of a market where a book is expected."""
    if "account" not in document and {"as_of", "tables"} <= document.keys():
        raise DataError(
            f"{path}: this is a market, not a book; expected a book that names it: "
            f'[market] folder = "{path.absolute().parent.name}"'
        )


def book_refusals(
    path: Path, error: ValidationError, document: Mapping[str, object]
) -> list[str]:
    """One line for each field of a book file that is refused."""
    accounts = document.get("account")
    found = accounts if isinstance(accounts, list) else []
    ids = [entry.get("id") if isinstance(entry, dict) else None for entry in found]
    return [
        f"{path}: {_where(detail['loc'], ids)} {mistake(detail, _names(detail['loc']))}"
        for detail in error.errors(include_url=False)
    ]


def _where(location: tuple[int | str, ...], ids: Sequence[object]) -> str:
    parts = [part for part in location if part != "[key]"]
    if len(parts) > 1 and parts[0] == "account":
        name = ids[int(parts[1])]
        shown = (
            name if isinstance(name, str) and name else f"number {int(parts[1]) + 1}"
        )
        rest = ".".join(str(part) for part in parts[2:])
        return f"account {shown}, {rest}" if rest else f"account {shown}"
    return ".".join(str(part) for part in parts)


def mistake(
    detail: ErrorDetails,
    names: Iterable[str],
    expected: Mapping[str, str] = EXPECTED,
) -> str:
    """What is wrong with a field, and what was expected, in the words of a reader.

    ``names`` are the fields that its table has, ``expected`` the words by pydantic's
    kind of error.
    """
    kind = detail["type"]
    if kind == "missing":
        return "is missing, expected to be given"
    if kind == "extra_forbidden":
        return f"is unknown, expected {_known(str(detail['loc'][-1]), names)}"
    if kind == "value_error":  # raised by a validator, with a sentence of its own
        return f"is refused: {detail['ctx']['error']}"
    if detail["loc"][-1] == "[key]":
        return f"is not {expected[kind]}"
    literal = detail.get("ctx", {}).get("expected")
    fallback = detail["msg"].removeprefix("Input should be ")
    return f"is {_shown(detail['input'])}, expected {expected.get(kind, literal or fallback)}"


def _names(location: tuple[int | str, ...]) -> Iterable[str]:
    tables = [TABLES[str(part)] for part in location[:-1] if part in TABLES]
    return (tables[-1] if tables else BookFile).model_fields


def _known(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(names), n=1)
    return f"{close[0]!r}?" if close else f"one of {', '.join(sorted(names))}"


def _shown(value: object, most: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."
