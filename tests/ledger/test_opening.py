"""Ledgers that go on from the open lots of another."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sma_research.errors import DataError
from sma_research.portfolio.ledger import keep_ledger
from sma_research.portfolio.pieces import OpenLot
from sma_research.portfolio.transactions import AccountKind, Transaction

Trade = Callable[..., Transaction]


def plain(*values: object) -> tuple[object, ...]:
    """Values that compare with the numbers and words of a test."""
    return values


@pytest.fixture
def opening(trade: Trade) -> tuple[OpenLot, ...]:
    """A lot of one purchase, half of which was moved to another account."""
    rows = [
        trade("2024-01-02", "buy", 100, 1_000, account="A", lot="p"),
        trade("2024-01-03", "transfer", 50, account="B", lot="p"),
    ]
    return keep_ledger(rows).open_lots


def test_opening_lots_come_before_the_first_transaction(trade: Trade) -> None:
    opening = keep_ledger([trade("2024-01-08", "buy", 10, 1_000, lot="A")]).open_lots
    sale = trade("2025-01-09", "sell", 10, 1_100, lot="A")
    (sold,) = keep_ledger([sale], opening=opening).disposals
    assert plain(sold.gain, sold.term) == (100, "long")
    earlier = trade("2023-01-09", "buy", 10, 1_100)
    with pytest.raises(DataError, match="acquired is 2024-01-08, expected 2023-01-09"):
        keep_ledger([earlier], opening=opening)


def test_sales_of_opening_lots_come_in_the_order_of_purchase(trade: Trade) -> None:
    bought = [
        trade("2024-01-08", "buy", 10, 1_000, lot="older"),
        trade("2024-01-09", "buy", 10, 1_200, lot="newer"),
    ]
    rest = [
        trade("2025-03-03", "sell", 10, 900, lot="newer"),
        trade("2025-03-03", "sell", 10, 900, lot="older"),
        trade("2025-03-10", "buy", 10, 900, lot="N"),
    ]
    kept = keep_ledger(rest, opening=keep_ledger(bought).open_lots)
    assert [sold.lot for sold in kept.disposals if sold.disallowed] == ["older"]
    assert kept.disposals == keep_ledger(bought + rest).disposals


def test_a_purchase_stays_one_in_two_accounts(
    trade: Trade, opening: tuple[OpenLot, ...]
) -> None:
    half = trade("2024-01-10", "sell", 50, 250, account="A", lot="p")
    kept = keep_ledger([half], opening=opening)
    assert [plain(s.gain, s.disallowed) for s in kept.disposals] == [(-250, 0)]
    again = keep_ledger(
        [trade("2024-01-11", "sell", 10, 50, account="B", lot="p")],
        opening=kept.open_lots,
    )
    assert [plain(s.gain, s.disallowed) for s in again.disposals] == [(-50, 0)]


def test_lots_without_a_purchase_are_purchases_of_their_accounts(
    trade: Trade, opening: tuple[OpenLot, ...]
) -> None:
    apart = [replace(lot, purchase=None) for lot in opening]
    half = trade("2024-01-10", "sell", 50, 250, account="A", lot="p")
    kept = keep_ledger([half], opening=apart)
    assert [plain(s.gain, s.disallowed) for s in kept.disposals] == [(-250, 250)]


def test_purchases_of_a_day_keep_their_order(trade: Trade) -> None:
    rows = [
        trade("2024-01-02", "buy", 10, 200, account="B", lot="first"),
        trade("2024-01-02", "buy", 10, 300, account="A", lot="second"),
    ]
    later = [
        trade("2024-06-03", "sell", 10, 100, account="A"),
        trade("2024-06-03", "sell", 10, 100, account="B"),
        trade("2024-06-10", "buy", 10, 100, account="A", lot="back"),
    ]
    kept = keep_ledger(later, opening=keep_ledger(rows).open_lots)
    assert kept.disposals == keep_ledger(rows + later).disposals
    assert [s.lot for s in kept.disposals if s.disallowed] == ["first"]


def test_labels_of_opening_lots_hold_for_later_rows(trade: Trade) -> None:
    bought = [
        trade("2024-01-02", "buy", 10, 200, asset="GOOG", identical="alphabet"),
        trade("2024-01-02", "buy", 10, 200, asset="GOOGL", identical="alphabet"),
    ]
    later = [
        trade("2024-06-03", "sell", 10, 100, asset="GOOG"),
        trade("2024-06-05", "buy", 10, 100, asset="GOOGL"),
    ]
    kept = keep_ledger(later, opening=keep_ledger(bought).open_lots)
    assert kept.disposals[0].disallowed == 100


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"acquired": "2024-01-01"}, "lot is 'p', expected that of one purchase, on"),
        ({"account_kind": AccountKind.SPOUSE}, "account_kind is spouse, expected tax"),
        ({"identical": "Z"}, "identical is Z, expected Y, as for another lot of X"),
    ],
)
def test_opening_lots_that_do_not_agree_are_refused(
    opening: tuple[OpenLot, ...], change: dict[str, object], message: str
) -> None:
    first = replace(opening[0], identical="Y")
    if "acquired" in change:
        change = {"acquired": first.acquired.replace(day=1)}
    second = replace(first, **change)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=message):
        keep_ledger([], opening=[first, second])


def test_a_label_of_an_opening_lot_names_its_group(
    trade: Trade, opening: tuple[OpenLot, ...]
) -> None:
    first = replace(opening[0], identical="Y")
    row = trade("2024-06-03", "buy", 10, 100, asset="Y", identical="Z")
    with pytest.raises(
        DataError, match="identical is Y, expected Z, the group of asse"
    ):
        keep_ledger([row], opening=[first])
