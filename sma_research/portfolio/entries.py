"""A proposal as the transactions that the ledger would see, with what matters before.

The household's own lots come in as purchases on the date that decides their term;
purchases elsewhere as `WashLimits` knows them. Assets are named with their group.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import numpy as np

from sma_research.arrays import Index, Mask
from sma_research.portfolio.acquisitions import WINDOW
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.transactions import EARLIEST, Action, Transaction

SMALLEST: Final = 1e-9  # shares
OWN, ELSEWHERE = "own", "elsewhere"


def live_groups(problem: Problem, rebalance: Rebalance) -> Index:
    """Groups that are sold from and have shares that might replace what is sold."""
    group = problem.market.universe.identical_group
    of_lot = group[problem.lot_asset]
    sold = of_lot[rebalance.sell > SMALLEST]
    fresh = of_lot[_recent(problem) & problem.account.lots.is_fresh]
    bought = group[rebalance.buy > SMALLEST]
    elsewhere = np.array([one.group for one in problem.wash.elsewhere], dtype=np.intp)
    return np.intersect1d(sold, np.concatenate([fresh, bought, elsewhere]))


def group_of(asset: str) -> int:
    """Identity group of an asset as it is named here."""
    return int(asset.rpartition("@")[2])


def _recent(problem: Problem) -> Mask:
    """Lots bought in the last 30 days ``(m,)``."""
    since = problem.market.as_of - WINDOW
    days = problem.account.lots.bought
    return np.array([day >= since for day in days], dtype=np.bool_)


def entries(
    problem: Problem, rebalance: Rebalance, live: Index
) -> Iterator[Transaction]:
    """Lots, purchases elsewhere and trades of some identity groups, in no order."""
    account, universe = problem.account, problem.market.universe
    lots, group, as_of = account.lots, universe.identical_group, problem.market.as_of

    def row(
        i: int, day: dt.date, action: Action, shares: float, each: float, lot: str
    ) -> Transaction:
        held = ELSEWHERE if lot == ELSEWHERE else OWN
        return Transaction(
            date=max(day, EARLIEST), account=held, asset=f"{universe.asset[i]}@{group[i]}",
            action=action, shares=Decimal(repr(float(shares))), identical=str(group[i]),
            amount=Decimal(repr(float(shares * each))),
            lot="" if lot == ELSEWHERE else lot,
        )  # fmt: skip

    # An old lot that is kept neither realizes anything nor replaces what is sold.
    recent = _recent(problem)
    seen = np.isin(group[problem.lot_asset], live) & (lots.quantity > SMALLEST)
    for j in map(int, np.flatnonzero(seen & (recent | (rebalance.sell > SMALLEST)))):
        i, number = int(problem.lot_asset[j]), str(problem.wash.purchase[j])
        # `acquired` is the date that decides the term of a lot that replaced another;
        # out of the window, where its shares would replace once more.
        day, sold = lots.acquired[j], float(rebalance.sell[j])
        if day != lots.bought[j]:
            day = min(day, as_of - WINDOW - dt.timedelta(days=1))
        yield row(i, day, Action.BUY, lots.quantity[j], lots.cost[j], number)
        if sold > SMALLEST:
            yield row(i, as_of, Action.SELL, sold, problem.price[i], number)
    bought = np.isin(group, live) & (rebalance.buy > SMALLEST)
    for i in map(int, np.flatnonzero(bought)):
        each = float(problem.price[i])
        yield row(i, as_of, Action.BUY, float(rebalance.buy[i]), each, "today")
    for one in problem.wash.elsewhere:
        if one.group in live and one.shares > SMALLEST:
            first = int(np.flatnonzero(group == one.group)[0])
            yield row(first, one.day, Action.BUY, one.shares, 1.0, ELSEWHERE)
