"""A hundred thousand transactions, and the shapes that make naive ledgers quadratic."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from time import process_time

import numpy as np
import pytest

from sma_research.portfolio.ledger import LedgerRules, keep_ledger
from sma_research.portfolio.rules import Method
from sma_research.portfolio.transactions import AccountKind, Action, Transaction

Trade = Callable[..., Transaction]


@dataclass(frozen=True)
class Shape:
    transactions: int
    assets: int
    days: int
    buys_first: bool = False


def book(shape: Shape, seed: int) -> list[Transaction]:
    """Random trades on a random walk; nothing is sold that is not held."""
    rng = np.random.default_rng(seed)
    n = shape.transactions
    days = np.sort(rng.integers(0, shape.days, n))
    assets = rng.integers(0, shape.assets, n)
    price = np.round(np.maximum(100.0 + np.cumsum(rng.normal(0.0, 0.2, n)), 5.0), 2)
    wish = rng.integers(1, 100, n)
    buys = np.arange(n) < n // 2 if shape.buys_first else rng.random(n) < 0.55
    held = np.zeros(shape.assets, dtype=np.int64)
    rows = []
    for i, asset in enumerate(assets):
        buy = bool(buys[i]) or not held[asset]
        shares = int(wish[i] if buy else min(wish[i], held[asset]))
        held[asset] += shares if buy else -shares
        rows.append(
            Transaction(
                date=date(2015, 1, 1) + timedelta(days=int(days[i])),
                account="a",
                account_kind=AccountKind.TAXABLE,
                asset=f"asset {asset}",
                action=Action.BUY if buy else Action.SELL,
                shares=shares,  # type: ignore[arg-type]
                amount=shares * float(price[i]),  # type: ignore[arg-type]
            )
        )
    return rows


def microseconds(rows: list[Transaction], method: Method) -> float:
    """Processor time for each piece disposed of."""
    start = process_time()
    kept = keep_ledger(rows, LedgerRules(method=method))
    return 1e6 * (process_time() - start) / len(kept.disposals)


@pytest.mark.parametrize("method", [Method.FIFO, Method.HIFO, Method.MIN_TAX])
def test_a_piece_of_a_long_history_costs_what_one_of_a_short_does(
    method: Method,
) -> None:
    # All purchases first, in one asset: a ledger that looks through them pays 16-fold.
    short = book(Shape(750, 1, 750, buys_first=True), 1)
    long = book(Shape(12_000, 1, 12_000, buys_first=True), 1)
    assert microseconds(long, method) < 6 * microseconds(short, method)


@pytest.mark.slow
@pytest.mark.parametrize("method", [Method.FIFO, Method.HIFO, Method.MIN_TAX])
def test_a_hundred_thousand_transactions_take_seconds(method: Method) -> None:
    rows = book(Shape(100_000, 500, 3_650), 0)
    start = process_time()
    assert keep_ledger(rows, LedgerRules(method=method)).disposals
    assert process_time() - start < 60.0
