"""Readings of the points that law and practice leave open."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from sma_research.portfolio.ledger import LedgerRules, keep_ledger
from sma_research.portfolio.rules import (
    IraOrder,
    SoldReplacement,
    SpouseBasis,
    WashRules,
)
from sma_research.portfolio.transactions import Transaction

Trade = Callable[..., Transaction]


def plain(*values: object) -> tuple[object, ...]:
    """Values that compare with the numbers and words of a test."""
    return values


@pytest.fixture
def ira_then_taxable(trade: Trade) -> list[Transaction]:
    """A loss of 1,000 on 100 shares; 30 bought in an IRA, then 100 outside."""
    return [
        trade("2024-01-08", "buy", 100, 10_000, lot="A"),
        trade("2025-03-03", "sell", 100, 9_000, lot="A"),
        trade("2025-03-05", "buy", 30, 2_700, kind="ira", lot="I"),
        trade("2025-03-10", "buy", 100, 9_100, lot="N"),
    ]


def test_taxable_accounts_may_come_first(ira_then_taxable: list[Transaction]) -> None:
    rules = LedgerRules(wash=WashRules(ira_order=IraOrder.TAXABLE_FIRST))
    kept = keep_ledger(ira_then_taxable, rules)
    (sold,) = kept.disposals
    assert plain(sold.disallowed, sold.permanent, sold.replacement) == (1000, 0, "N")


def test_an_ira_takes_what_taxable_accounts_leave(
    ira_then_taxable: list[Transaction],
) -> None:
    *rows, last = ira_then_taxable
    rules = LedgerRules(wash=WashRules(ira_order=IraOrder.TAXABLE_FIRST))
    smaller = Transaction(
        date=last.date, account="taxable", asset="X", action=last.action,
        shares=Decimal(80), amount=Decimal(7_280), lot="N",
    )  # fmt: skip
    kept = keep_ledger([*rows, smaller], rules)
    found = {
        sold.replacement: plain(sold.shares, sold.permanent) for sold in kept.disposals
    }
    assert found == {"N": (80, 0), "I": (20, 200)}


def test_shares_an_ira_sold_before_the_loss_wait_for_none(trade: Trade) -> None:
    rules = LedgerRules(wash=WashRules(ira_order=IraOrder.TAXABLE_FIRST))
    rows = [
        trade("2024-01-08", "buy", 10, 1_000, lot="A"),
        trade("2025-02-20", "buy", 10, 900, kind="ira", lot="I"),
        trade("2025-02-25", "sell", 4, 360, kind="ira", lot="I"),
        trade("2025-03-03", "sell", 10, 900, lot="A"),
    ]
    kept = keep_ledger(rows, rules)
    assert sum(sold.permanent for sold in kept.disposals) == 60
    assert keep_ledger(rows).years == kept.years


@pytest.mark.parametrize(
    ("reading", "allowed", "restated"),
    [
        (SoldReplacement.IGNORED, [10, -30], []),
        (SoldReplacement.REPLACES, [10, -20, 0], [-10]),
    ],
)
def test_shares_sold_before_the_loss(
    trade: Trade, reading: SoldReplacement, allowed: list[int], restated: list[int]
) -> None:
    rows = [
        trade("2018-01-01", "buy", 1, 100, lot="L1"),
        trade("2018-01-01", "sell", 1, 110, lot="L1"),
        trade("2018-01-02", "buy", 3, 300, lot="L2"),
        trade("2018-01-02", "sell", 3, 270, lot="L2"),
    ]
    rules = LedgerRules(wash=WashRules(sold_replacement=reading))
    kept = keep_ledger(rows, rules)
    assert sorted(s.allowed for s in kept.disposals if s.shares) == sorted(allowed)
    assert [s.gain for s in kept.disposals if not s.shares] == restated
    assert kept.years[0].net_short == -20


@pytest.mark.parametrize(
    ("reading", "basis", "permanent"),
    [(SpouseBasis.ADDED, 6_000, 0), (SpouseBasis.LOST, 5_400, 600)],
)
def test_a_loss_replaced_by_the_spouse(
    trade: Trade, reading: SpouseBasis, basis: int, permanent: int
) -> None:
    rows = [
        trade("2024-01-08", "buy", 100, 10_000, lot="A"),
        trade("2025-03-03", "sell", 100, 9_000, lot="A"),
        trade("2025-03-10", "buy", 60, 5_400, kind="spouse", lot="S"),
    ]
    kept = keep_ledger(rows, LedgerRules(wash=WashRules(spouse_basis=reading)))
    assert sum(sold.disallowed for sold in kept.disposals) == 600
    assert sum(sold.permanent for sold in kept.disposals) == permanent
    assert [lot.adjusted_basis for lot in kept.open_lots] == [basis]


def test_shares_an_ira_sold_before_the_loss_can_cost_it_for_good(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 10, 1_000, lot="A"),
        trade("2025-02-20", "buy", 10, 900, kind="ira", lot="I"),
        trade("2025-02-25", "sell", 10, 950, kind="ira", lot="I"),
        trade("2025-03-03", "sell", 10, 900, lot="A"),
    ]
    rules = LedgerRules(wash=WashRules(sold_replacement=SoldReplacement.REPLACES))
    kept = keep_ledger(rows, rules)
    assert [plain(s.lot, s.permanent) for s in kept.disposals] == [("I", 0), ("A", 100)]
    assert not keep_ledger(rows).years[0].permanent


def test_a_spouse_who_buys_back_loses_nothing(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 10, 1_000, kind="spouse", lot="A"),
        trade("2025-03-03", "sell", 10, 900, kind="spouse", lot="A"),
        trade("2025-03-10", "buy", 10, 950, kind="spouse", lot="B"),
    ]
    rules = LedgerRules(wash=WashRules(spouse_basis=SpouseBasis.LOST))
    kept = keep_ledger(rows, rules)
    assert plain(kept.disposals[0].disallowed, kept.disposals[0].permanent) == (100, 0)
    assert kept.open_lots[0].adjusted_basis == 1_050


def test_shares_an_ira_held_at_the_loss_are_counted_after_a_split(trade: Trade) -> None:
    rules = LedgerRules(wash=WashRules(ira_order=IraOrder.TAXABLE_FIRST))
    rows = [
        trade("2024-01-02", "buy", 100, 2_000, lot="old"),
        trade("2024-06-03", "buy", 100, 1_000, kind="ira", lot="I"),
        trade("2024-06-05", "sell", 100, 1_000, lot="old"),
        trade("2024-06-07", "split", 2),
        trade("2024-09-10", "buy", 1, 1, lot="later"),
    ]
    kept = keep_ledger(rows, rules)
    assert [plain(s.shares, s.permanent) for s in kept.disposals] == [(100, 1_000)]


def test_shares_sold_before_the_loss_are_counted_after_a_split(trade: Trade) -> None:
    rules = LedgerRules(wash=WashRules(sold_replacement=SoldReplacement.REPLACES))
    rows = [
        trade("2024-01-02", "buy", 100, 2_000, lot="old"),
        trade("2024-06-03", "buy", 100, 1_000, lot="new"),
        trade("2024-06-05", "sell", 100, 1_000, lot="new"),
        trade("2024-06-07", "split", 2),
        trade("2024-06-10", "sell", 200, 1_000, lot="old"),
    ]
    kept = keep_ledger(rows, rules)
    assert [
        plain(sold.date.day, sold.shares, sold.gain, sold.disallowed)
        for sold in kept.disposals
    ] == [(5, 100, 0, 0), (5, 0, -1_000, 0), (10, 200, -1_000, 1_000)]


def test_a_restated_sale_stands_at_its_own_date(trade: Trade) -> None:
    rules = LedgerRules(wash=WashRules(sold_replacement=SoldReplacement.REPLACES))
    rows = [
        trade("2024-01-02", "buy", 10, 2_000, lot="old"),
        trade("2024-06-03", "buy", 10, 1_000, lot="new"),
        trade("2024-06-05", "sell", 10, 1_000, lot="new"),
        trade("2024-06-06", "sell", 10, 1_000, lot="old"),
    ]
    days = [sold.date for sold in keep_ledger(rows, rules).disposals]
    assert days == sorted(days)
    assert len(days) == 3


def test_two_fills_in_an_ira_replace_no_more_than_is_held(trade: Trade) -> None:
    rules = LedgerRules(wash=WashRules(ira_order=IraOrder.TAXABLE_FIRST))
    rows = [
        trade("2024-01-08", "buy", 10, 1_000, lot="A"),
        trade("2025-02-20", "buy", 6, 540, kind="ira", lot="I"),
        trade("2025-02-20", "buy", 4, 360, kind="ira", lot="I"),
        trade("2025-02-25", "sell", 4, 360, kind="ira", lot="I"),
        trade("2025-03-03", "sell", 10, 900, lot="A"),
    ]
    kept = keep_ledger(rows, rules)
    assert sum(sold.permanent for sold in kept.disposals) == 60
