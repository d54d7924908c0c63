"""The ledger: what a household realized, and what it still holds.

It goes through the days once. Dates have no hours, so within a day splits come first,
then purchases and transfers in the order given, and sales. Sales that name a lot choose
their shares before those that do not; what is chosen is then sold in the order of
acquisition (`sales`). Rows decide only between two sales of one account that name the
same lot, or two of the same asset that name none.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import localcontext
from itertools import groupby
from typing import Final

from sma_research.errors import DataError
from sma_research.portfolio.amounts import EXACT
from sma_research.portfolio.books import Books
from sma_research.portfolio.household import check_household
from sma_research.portfolio.pieces import Disposal, OpenLot
from sma_research.portfolio.rules import Filing, Method, WashRules
from sma_research.portfolio.tax import TaxRates
from sma_research.portfolio.tax_year import TaxYear, tax_years
from sma_research.portfolio.transactions import (
    EARLIEST,
    LATEST,
    Action,
    Transaction,
)

TOP_RATES: Final = TaxRates(short_term=0.37, long_term=0.20, niit=0.038)
RANK: Final[Mapping[Action, int]] = {
    Action.SPLIT: 0,
    Action.BUY: 1,
    Action.REINVEST: 1,
    Action.TRANSFER: 2,
    Action.SELL: 3,
}


@dataclass(frozen=True, kw_only=True)
class LedgerRules:
    """Everything about a ledger that is a choice.

    Losses carried in enter ``first_year``, by default the year of the first
    transaction; years before it are not reported.

    Raises
    ------
    DataError
        A carried loss that is negative or not a number, a year of another age.
    """

    method: Method = Method.FIFO
    wash: WashRules = field(default_factory=WashRules)
    rates: TaxRates = TOP_RATES  # what `min_tax` minimizes
    filing: Filing = Filing.SINGLE
    carry_short: float = 0.0  # USD of losses carried into the first year, positive
    carry_long: float = 0.0
    first_year: int | None = None

    def __post_init__(self) -> None:
        for name in ("carry_short", "carry_long"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise DataError(f"{name} is {value}, expected a number, 0 or more")
        year, (least, most) = self.first_year, (EARLIEST.year, LATEST.year)
        if year is not None and not least <= year <= most:
            raise DataError(
                f"first_year is {year}, expected one from {least} to {most}"
            )


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What was realized, what is held, and what each year has to report."""

    disposals: tuple[Disposal, ...]  # by date of sale
    open_lots: tuple[OpenLot, ...]  # by asset, account and date of purchase
    years: tuple[TaxYear, ...]  # without gaps, to the year of the last transaction


def keep_ledger(
    transactions: Sequence[Transaction],
    rules: LedgerRules | None = None,
    *,
    opening: Sequence[OpenLot] = (),
) -> Ledger:
    """Go through a household's transactions, given in the order of their dates.

    ``opening`` are lots from before, as another ledger left them, with the identity
    of their purchases. Losses that were still waiting for a replacement then are not
    among them.

    Raises
    ------
    DataError
        A date out of order, more sold than is held, an unknown lot, a lot bought
        twice, an account of two kinds, identity groups that do not agree; the message
        says where. Losses carried into no year: no transaction, and no ``first_year``.
    """
    rules = rules or LedgerRules()
    first = _first_year(rules, transactions)
    groups = check_household(transactions, opening)
    with localcontext(EXACT):
        books = Books(method=rules.method, rates=rules.rates, wash=rules.wash)
        for lot in sorted(opening, key=_acquisition):
            books.carry_in(lot, groups[lot.asset])
        for sales, rows in groupby(_in_order(transactions), key=_sales_of_a_day):
            named = [(row, groups[row.asset]) for row in rows]
            if sales:
                books.sell(named)
                continue
            for row, identity in named:
                books.enter(row, identity)
        last = transactions[-1].date if transactions else dt.date.min
        provisional = books.close(last)
        disposals = books.disposals()
    years = tax_years(
        disposals,
        filing=rules.filing,
        carry_in=(rules.carry_short, rules.carry_long),
        span=(first, last.year),
        provisional=provisional,
    )
    return Ledger(disposals=disposals, open_lots=books.open_lots(), years=years)


def _first_year(rules: LedgerRules, transactions: Sequence[Transaction]) -> int | None:
    if rules.first_year is not None or not (rules.carry_short or rules.carry_long):
        return rules.first_year
    if not transactions:
        raise DataError("losses are carried in, expected a transaction or a first_year")
    return transactions[0].date.year


def _acquisition(lot: OpenLot) -> tuple[object, ...]:
    return lot.acquired, lot.purchase is None, lot.purchase or 0


def _in_order(transactions: Sequence[Transaction]) -> list[Transaction]:
    def key(row: Transaction) -> tuple[object, ...]:
        sale = (not row.lot, row.account) if row.action is Action.SELL else ()
        return row.date, RANK[row.action], *sale

    return sorted(transactions, key=key)


def _sales_of_a_day(row: Transaction) -> dt.date | None:
    return row.date if row.action is Action.SELL else None
