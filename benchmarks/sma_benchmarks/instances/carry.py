"""From one rebalance of a path to the next: what is held, and what it earned."""

from dataclasses import dataclass, replace

import numpy as np

from sma_benchmarks.instances.instance import PathCase, Period
from sma_research.arrays import Vector
from sma_research.portfolio import metrics
from sma_research.portfolio.account import Account
from sma_research.portfolio.lots import Lots
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance

LEAST_SHARES = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Realized:
    """What a portfolio did until the next rebalance."""

    tracking_error: float  # annual, standard deviation of active returns
    active_return: float  # sum over the days


def next_problem(case: PathCase, number: int, account: Account) -> Problem:
    """The account, as carried, on the date of a period."""
    return Problem(market=case.periods[number].market, account=account)


def carried(problem: Problem, rebalance: Rebalance) -> Account:
    """The account after its trades: lots kept, purchases as new lots, cash left."""
    lots, asset = problem.account.lots, problem.market.universe.asset
    left = lots.quantity - rebalance.sell
    kept = [int(j) for j in np.flatnonzero(left > LEAST_SHARES)]
    bought = [int(i) for i in np.flatnonzero(rebalance.buy > LEAST_SHARES)]
    return replace(
        problem.account,
        lots=Lots(
            asset=[*(lots.asset[j] for j in kept), *(asset[i] for i in bought)],
            shares=np.concatenate([left[kept], rebalance.buy[bought]]),
            cost_per_share=np.concatenate([lots.cost[kept], problem.price[bought]]),
            acquired=[
                *(lots.acquired[j] for j in kept),
                *(problem.market.as_of for _ in bought),
            ],
        ),
        cash=max(cash_after(problem, rebalance), 0.0),
        contribution=0.0,
    )


def cash_after(problem: Problem, rebalance: Rebalance) -> float:
    """Cash that trades leave by the books, USD, whatever the proposal claims of it."""
    bought = rebalance.buy_weight(problem).sum()
    sold = rebalance.sell_weight(problem).sum()
    cost = metrics.transaction_cost(problem, rebalance)
    return float(problem.cash_before - bought + sold - cost) * problem.value


def realized(period: Period, weight: Vector) -> Realized | None:
    """Active returns of drifting holdings ``(n,)`` until the next rebalance.

    Cash earns nothing; holdings drift with their own returns and are not rebalanced.
    """
    days = period.benchmark_returns.size
    if days < 2:
        return None
    grown = weight[:, None] * np.cumprod(1.0 + period.returns, axis=1)
    cash = 1.0 - weight.sum()
    value = np.concatenate([[1.0], grown.sum(axis=0) + cash])
    active = value[1:] / value[:-1] - 1.0 - period.benchmark_returns
    return Realized(
        tracking_error=float(np.std(active, ddof=1) * np.sqrt(period.per_year)),
        active_return=float(active.sum()),
    )
