"""One day, many sales: the order of the rows decides nothing the law decides."""

from collections.abc import Callable
from itertools import permutations

import pytest

from sma_research.portfolio.ledger import Ledger, LedgerRules, keep_ledger
from sma_research.portfolio.rules import SoldReplacement, WashRules
from sma_research.portfolio.transactions import Transaction

Trade = Callable[..., Transaction]


def columns(kept: Ledger, *names: str) -> list[tuple[object, ...]]:
    """Fields of the disposals."""
    return [tuple(getattr(sold, name) for name in names) for sold in kept.disposals]


def test_unnamed_sales_of_two_accounts_count_as_acquired(trade: Trade) -> None:
    bought = [
        trade("2024-01-02", "buy", 100, 2_000, account="A"),
        trade("2024-02-01", "buy", 100, 3_000, account="B"),
    ]
    sold = [
        trade("2024-06-03", "sell", 100, 1_000, account="A"),
        trade("2024-06-03", "sell", 100, 1_000, account="B"),
    ]
    back = trade("2024-06-10", "buy", 100, 1_100, account="A")
    for order in permutations(sold):
        kept = keep_ledger([*bought, *order, back])
        assert columns(kept, "account", "disallowed") == [
            ("A", 1_000),
            ("B", 0),
        ]


def test_a_sale_of_two_purchases_lets_another_come_between(trade: Trade) -> None:
    # January and March are sold in one account, February in the other: the purchase
    # of 150 shares replaces January's and half of February's.
    bought = [
        trade("2024-01-02", "buy", 100, 2_000, account="A"),
        trade("2024-02-01", "buy", 100, 3_000, account="B"),
        trade("2024-03-01", "buy", 100, 4_000, account="A"),
    ]
    sold = [
        trade("2024-06-03", "sell", 100, 1_000, account="B"),
        trade("2024-06-03", "sell", 200, 2_000, account="A"),
    ]
    back = trade("2024-06-10", "buy", 150, 1_650, account="A")
    for order in permutations(sold):
        kept = keep_ledger([*bought, *order, back])
        assert columns(kept, "shares", "disallowed") == [
            (100, 1_000),
            (50, 1_000),
            (50, 0),
            (100, 0),
        ]


def test_a_sale_of_the_day_can_replace_only_another_sale(trade: Trade) -> None:
    # A sells February and May, B sells January: January's loss moves to May's shares
    # before they are sold, February's does not, for May is part of the same sale.
    bought = [
        trade("2024-01-02", "buy", 10, 200, account="B", lot="january"),
        trade("2024-02-01", "buy", 10, 300, account="A", lot="february"),
        trade("2024-05-20", "buy", 10, 100, account="A", lot="may"),
    ]
    sold = [
        trade("2024-06-03", "sell", 20, 200, account="A"),
        trade("2024-06-03", "sell", 10, 100, account="B"),
    ]
    for order in permutations(sold):
        kept = keep_ledger([*bought, *order])
        assert columns(kept, "lot", "gain", "disallowed", "replacement") == [
            ("january", -100, 100, "may"),
            ("february", -200, 0, ""),
            ("may", -100, 0, ""),
        ]


@pytest.mark.parametrize("lots", [("2024-01-02", "2024-01-02#2"), ("one", "two")])
def test_automatic_names_of_lots_are_names(trade: Trade, lots: tuple[str, str]) -> None:
    names = ("", "") if lots[0] == "2024-01-02" else lots
    rows = [
        trade("2024-01-02", "buy", 100, 2_000, lot=names[0]),
        trade("2024-01-02", "buy", 100, 2_100, lot=names[1]),
        trade("2024-06-03", "sell", 100, 1_000, lot=lots[1]),
        trade("2024-06-03", "sell", 100, 1_000, lot=lots[0]),
        trade("2024-06-05", "buy", 100, 1_000),
    ]
    kept = keep_ledger(rows)
    assert columns(kept, "lot", "disallowed") == [
        (lots[0], 1_000),
        (lots[1], 0),
    ]


def test_a_named_lot_is_taken_before_fifo_takes_it(trade: Trade) -> None:
    bought = [
        trade("2024-01-02", "buy", 10, 100, lot="first"),
        trade("2024-01-03", "buy", 10, 200, lot="second"),
    ]
    sold = [
        trade("2024-06-03", "sell", 10, 300),
        trade("2024-06-03", "sell", 10, 400, lot="first"),
    ]
    for order in permutations(sold):
        kept = keep_ledger([*bought, *order])
        assert columns(kept, "lot", "proceeds") == [
            ("first", 400),
            ("second", 300),
        ]


def test_what_is_sold_the_same_day_counts_as_acquired(trade: Trade) -> None:
    # Bought in the window and sold the day of the loss, before and after its turn.
    rules = LedgerRules(wash=WashRules(sold_replacement=SoldReplacement.REPLACES))
    bought = [
        trade("2024-05-20", "buy", 10, 100, account="A", lot="may"),
        trade("2024-06-01", "buy", 10, 300, account="B", lot="june"),
    ]
    sold = [
        trade("2024-06-03", "sell", 10, 90, account="A"),
        trade("2024-06-03", "sell", 10, 90, account="B"),
    ]
    for order in permutations(sold):
        kept = keep_ledger([*bought, *order], rules)
        assert columns(kept, "lot", "shares", "gain", "disallowed") == [
            ("may", 10, -10, 10),
            ("june", 10, -220, 220),
            ("may", 0, -220, 0),
        ]
