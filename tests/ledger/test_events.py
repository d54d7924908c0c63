"""What households do: splits, transfers, dividends, IRAs, years that end."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sma_research.errors import DataError
from sma_research.portfolio.ledger import LedgerRules, keep_ledger
from sma_research.portfolio.rules import Filing, Method
from sma_research.portfolio.transactions import Transaction

Trade = Callable[..., Transaction]


def plain(*values: object) -> tuple[object, ...]:
    """Values that compare with the numbers and words of a test."""
    return values


def test_share_classes_of_one_group_replace_each_other(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 10, 1_000, asset="GOOG", identical="alphabet"),
        trade("2025-03-03", "sell", 10, 900, asset="GOOG", identical="alphabet"),
        trade("2025-03-05", "buy", 10, 880, asset="GOOGL", identical="alphabet"),
    ]
    kept = keep_ledger(rows)
    assert kept.years[0].disallowed == 100
    assert kept.open_lots[0].adjusted_basis == 980


def test_a_reinvested_dividend_is_a_purchase(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 100, 10_000, lot="A"),
        trade("2025-02-21", "reinvest", 2.5, 237.5, lot="D"),
        trade("2025-03-03", "sell", 100, 9_500, lot="A"),
    ]
    assert keep_ledger(rows).years[0].disallowed == 12.5


def test_a_split_multiplies_lots_and_losses_that_wait(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 100, 10_000, lot="A"),
        trade("2024-01-09", "buy", 10, 1_000, lot="B", kind="spouse"),
        trade("2025-03-03", "sell", 100, 9_000, lot="A"),
        trade("2025-03-05", "split", 2),
        trade("2025-03-05", "split", 2, kind="spouse"),  # the other broker's report
        trade("2025-03-10", "buy", 60, 2_700, lot="N"),
    ]
    kept = keep_ledger(rows)
    washed = [sold for sold in kept.disposals if sold.disallowed]
    assert [plain(sold.shares, sold.disallowed) for sold in washed] == [(30, 300)]
    held = {lot.lot: plain(lot.shares, lot.adjusted_basis) for lot in kept.open_lots}
    assert held == {"B": (20, 1_000), "N": (60, 3_000)}


def test_a_reverse_split_of_one_for_three(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 90, 900, lot="A"),
        trade("2024-06-03", "split", 1, 3),
        trade("2024-06-04", "sell", 10, 400, lot="A"),
    ]
    (sold,) = keep_ledger(rows).disposals
    assert plain(sold.basis, sold.gain) == (300, 100)


def test_a_transfer_takes_basis_and_dates_along(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 100, 10_000, lot="A", account="old"),
        trade("2024-06-03", "transfer", 60, lot="A", account="new"),
        trade("2025-01-09", "sell", 60, 7_200, lot="A", account="new"),
    ]
    kept = keep_ledger(rows)
    (sold,), (left,) = kept.disposals, kept.open_lots
    assert plain(sold.account, sold.gain, sold.term) == ("new", 1_200, "long")
    assert plain(left.account, left.shares) == ("old", 40)
    assert not kept.years[0].disallowed


def test_fees_belong_to_basis_and_proceeds(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 10, 1_000, fee=5),
        trade("2024-02-08", "sell", 10, 1_100, fee=7),
    ]
    (sold,) = keep_ledger(rows).disposals
    assert plain(sold.proceeds, sold.basis, sold.gain) == (1_093, 1_005, 88)


def test_one_sale_of_two_lots_washes_neither_with_the_other(trade: Trade) -> None:
    rows = [
        trade("2025-03-03", "buy", 10, 1_000, lot="A"),
        trade("2025-03-10", "buy", 10, 1_000, lot="B"),
        trade("2025-03-20", "sell", 20, 1_800),
    ]
    assert not any(sold.disallowed for sold in keep_ledger(rows).disposals)


def test_an_ira_realizes_nothing(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 10, 1_000, kind="ira"),
        trade("2024-02-08", "sell", 10, 500, kind="ira"),
        trade("2024-02-09", "buy", 10, 500),
    ]
    kept = keep_ledger(rows)
    assert plain(kept.disposals[0].gain, kept.disposals[0].disallowed) == (-500, 0)
    assert kept.years == ()
    assert kept.open_lots[0].adjusted_basis == 500


def test_a_january_purchase_undoes_a_december_loss(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 100, 10_000, lot="A"),
        trade("2024-12-20", "sell", 100, 6_000, lot="A"),
    ]
    before = keep_ledger(rows).years[0]
    assert (before.net_short, before.provisional) == (-4_000, True)
    back = trade("2025-01-19", "buy", 100, 6_100, lot="B")
    after = keep_ledger([*rows, back]).years[0]
    assert (after.net_short, after.disallowed, after.provisional) == (0, 4_000, False)


def test_losses_are_carried_through_years_without_sales(trade: Trade) -> None:
    rows = [
        trade("2021-01-08", "buy", 100, 20_000),
        trade("2021-06-08", "sell", 50, 5_000),
        trade("2023-01-08", "buy", 1, 100),
    ]
    rules = LedgerRules(filing=Filing.SEPARATE, carry_long=700.0)
    years = keep_ledger(rows, rules).years
    assert [year.year for year in years] == [2021, 2022, 2023]
    assert [year.ordinary_offset for year in years] == [1_500] * 3
    assert [year.carry_short for year in years] == [3_500, 2_000, 500]
    assert [year.carry_long for year in years] == [700] * 3


def test_carried_losses_enter_the_year_of_the_first_transaction(trade: Trade) -> None:
    rules = LedgerRules(carry_short=10_000.0)
    rows = [
        trade("2020-01-02", "buy", 100, 1_000, lot="A"),
        trade("2023-06-03", "sell", 100, 1_000, lot="A"),
    ]
    years = keep_ledger(rows, rules).years
    assert [year.year for year in years] == [2020, 2021, 2022, 2023]
    assert [year.ordinary_offset for year in years] == [3_000] * 3 + [1_000]
    assert [year.carry_short for year in years] == [7_000, 4_000, 1_000, 0]


@pytest.mark.parametrize("kind", ["taxable", "ira"])
def test_carried_losses_survive_years_without_taxable_sales(
    trade: Trade, kind: str
) -> None:
    rows = [
        trade("2024-01-02", "buy", 10, 100, kind=kind),
        trade("2024-03-02", "sell", 10, 300, kind="ira")
        if kind == "ira"
        else trade("2024-03-02", "buy", 10, 300),
    ]
    (year,) = keep_ledger(rows, LedgerRules(carry_long=4_000.0)).years
    assert (year.year, year.ordinary_offset, year.carry_long) == (2024, 3_000, 1_000)


def test_carried_losses_may_enter_another_year(trade: Trade) -> None:
    rows = [
        trade("2015-01-02", "buy", 100, 1_000, lot="A"),
        trade("2016-06-03", "sell", 50, 5_000, lot="A"),
        trade("2024-06-03", "sell", 50, 5_500, lot="A"),
    ]
    years = keep_ledger(rows, LedgerRules(carry_long=9_000.0, first_year=2023)).years
    assert [year.year for year in years] == [2023, 2024]
    assert [year.carry_long for year in years] == [6_000, 0]
    assert [year.taxable_long for year in years] == [0, 0]
    (later,) = keep_ledger(rows, LedgerRules(carry_long=9_000.0, first_year=2025)).years
    assert (later.year, later.carry_long) == (2025, 6_000)


def test_carried_losses_need_a_year() -> None:
    (year,) = keep_ledger([], LedgerRules(carry_short=5.0, first_year=2024)).years
    assert (year.year, year.ordinary_offset) == (2024, 5)
    with pytest.raises(DataError, match="expected a transaction or a first_year"):
        keep_ledger([], LedgerRules(carry_short=5.0))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"carry_short": -1.0}, "carry_short is -1.0, expected a number, 0 or more"),
        ({"carry_long": float("nan")}, "carry_long is nan, expected a number"),
        ({"carry_long": float("inf")}, "carry_long is inf, expected a number"),
        ({"first_year": 24}, "first_year is 24, expected one from 1900 to 2199"),
    ],
)
def test_rules_are_refused(rules: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        LedgerRules(**rules)


def test_a_lot_is_ranked_by_its_adjusted_basis(trade: Trade) -> None:
    rows = [
        trade("2024-01-08", "buy", 100, 10_000, lot="A"),
        trade("2024-05-01", "buy", 100, 10_500, lot="old"),
        trade("2025-01-10", "sell", 100, 9_500, lot="old"),
        trade("2025-01-15", "buy", 100, 9_500, lot="B"),
        trade("2025-06-02", "sell", 100, 9_800),
    ]
    sold = keep_ledger(rows, LedgerRules(method=Method.HIFO)).disposals[-1]
    assert plain(sold.lot, sold.gain) == ("B", -700)


def test_thirds_of_a_lot_add_up(trade: Trade) -> None:
    rows = [trade("2024-01-08", "buy", 3, 100, lot="A")]
    rows += [trade(f"2024-03-0{i}", "sell", 1, 50, lot="A") for i in (1, 2, 3)]
    kept = keep_ledger(rows)
    assert sum(sold.basis for sold in kept.disposals) == 100
    assert [round(sold.basis, 2) for sold in kept.disposals] == [Decimal("33.33")] * 3


def test_the_term_of_a_replacement_counts_the_period_of_what_was_sold(
    trade: Trade,
) -> None:
    rows = [
        trade("2024-05-01", "buy", 100, 10_000, lot="A"),
        trade("2025-03-03", "sell", 100, 9_000, lot="A"),
        trade("2025-03-10", "buy", 100, 9_100, lot="N"),
    ]
    (lot,) = keep_ledger(rows).open_lots
    assert lot.adjusted_acquired == date(2024, 5, 8)


def test_a_household_without_transactions_has_an_empty_ledger() -> None:
    kept = keep_ledger([])
    assert plain(kept.disposals, kept.open_lots, kept.years) == ((), (), ())
