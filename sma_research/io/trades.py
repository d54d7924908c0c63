"""Histories of trades in CSV files: read, and refused by line and column."""

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sma_research.errors import DataError
from sma_research.io.refusals import refuse_all
from sma_research.io.tables import ANY_TEXT, DATE, TEXT, Column, read_table
from sma_research.portfolio.amounts import CENT_PARTS, SHARE_PARTS, ZERO, exact
from sma_research.portfolio.transactions import (
    AMOUNT,
    NONE,
    SHARES,
    AccountKind,
    Action,
    Transaction,
)


def _given(value: object) -> bool:
    return value is not None


def _word(words: type[StrEnum], empty: StrEnum | None = None) -> Column:
    known: dict[str, StrEnum | None] = {str(word): word for word in words}
    known.setdefault("", empty)
    return Column(
        parse=lambda text: known.get(text.lower()),
        accepts=_given,
        expected=f"one of {', '.join(words)}",
    )


def _number(parts: Decimal, expected: str, empty: Decimal | None) -> Column:
    def parse(text: str) -> Decimal | None:
        if not text:
            return empty
        number = exact(text, parts)
        return None if number is None or number < 0 else number

    return Column(parse=parse, accepts=_given, expected=expected)


TRADES: Final = {
    "date": DATE,
    "account": TEXT,
    "account_kind": _word(AccountKind, AccountKind.TAXABLE),
    "asset": TEXT,
    "identical": ANY_TEXT,
    "action": _word(Action),
    "shares": _number(SHARE_PARTS, SHARES, None),
    "amount": _number(CENT_PARTS, AMOUNT, NONE),
    "fee": _number(CENT_PARTS, AMOUNT, ZERO),
    "lot": ANY_TEXT,
}
OPTIONAL: Final = frozenset({"account_kind", "identical", "fee", "lot"})


def read_trades(path: Path) -> list[Transaction]:
    """A household's transactions, in the order of the file.

    Columns ``date``, ``account``, ``asset``, ``action``, ``shares`` and ``amount``
    (USD for all shares, before the fee); ``account_kind``, ``identical``, ``fee`` and
    ``lot`` may be left out or empty. A file of a header alone is an empty ledger.

    Raises
    ------
    DataError
        Columns that are missing or unknown, or every bad cell, one line each.
    """
    table = read_table(path, TRADES, optional=OPTIONAL)
    found: list[Transaction] = []
    refusals: list[str] = []
    for line, *cells in table.itertuples(name=None):
        row: dict[str, Any] = dict(zip(table.columns, cells, strict=True))
        source = f"{path}: line {line}"
        if row["amount"].is_nan():
            del row["amount"]
        try:
            found.append(Transaction(**row, source=source))
        except DataError as error:
            refusals.append(str(error))
    refuse_all(refusals)
    return found
