"""Lot relief: the minimum is a minimum, and ties are broken the same way each time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sma_research.portfolio.ledger import LedgerRules, keep_ledger
from sma_research.portfolio.rules import Method
from sma_research.portfolio.transactions import Action, Transaction

Trade = Callable[..., Transaction]

LOTS = st.lists(
    st.tuples(st.integers(1, 800), st.integers(1, 9), st.integers(1, 30)),
    min_size=1,
    max_size=8,
)


@given(LOTS, st.integers(1, 30), st.floats(0.1, 1.0))
def test_no_method_pays_less_than_the_minimum(
    lots: list[tuple[int, int, int]], price: int, share: float
) -> None:
    sale = date(2025, 6, 2)
    rows = [
        Transaction(
            date=sale - timedelta(days=days), account="a", asset="A",
            action=Action.BUY, shares=Decimal(shares), amount=Decimal(shares * cost),
        )
        for days, shares, cost in sorted(lots, reverse=True)
    ]  # fmt: skip
    held = sum((row.shares for row in rows), Decimal(0))
    sold = Decimal(max(round(float(held) * share), 1))
    rows.append(replace(rows[-1], date=sale, action=Action.SELL, shares=sold,
                        amount=sold * price, lot=""))  # fmt: skip
    rates = {"short": Decimal("0.408"), "long": Decimal("0.238")}
    tax = {
        method: sum(
            rates[one.term] * one.gain
            for one in keep_ledger(rows, LedgerRules(method=method)).disposals
        )
        for method in Method
        if method is not Method.SPECIFIC
    }
    assert min(tax.values()) == tax[Method.MIN_TAX]


@pytest.mark.parametrize(
    "method", [method for method in Method if method != "specific"]
)
def test_equal_lots_are_sold_in_the_order_of_purchase(
    trade: Trade, method: Method
) -> None:
    rows = [trade("2024-01-08", "buy", 10, 1_000, lot=lot) for lot in "ABC"]
    rows.append(trade("2025-06-02", "sell", 15, 1_500))
    sold = keep_ledger(rows, LedgerRules(method=method)).disposals
    first = {"lifo": ["B", "C"]}.get(method, ["A", "B"])
    assert [one.lot for one in sold] == first


def test_a_lot_changes_its_rank_on_the_day_it_becomes_long_term(trade: Trade) -> None:
    rows = [
        trade("2022-01-03", "buy", 10, 850, lot="long"),
        trade("2024-06-03", "buy", 10, 900, lot="turning"),
    ]
    rules = LedgerRules(method=Method.MIN_TAX)
    for day, lot in (("2025-06-03", "long"), ("2025-06-04", "turning")):
        sale = trade(day, "sell", 10, 1_000)
        (sold,) = keep_ledger([*rows, sale], rules).disposals
        assert sold.lot == lot, day
