"""From one rebalance of a path to the next: what is held, realized, and earned."""

from dataclasses import dataclass, replace

import numpy as np

from sma_benchmarks.instances.instance import PathCase, Period
from sma_research.arrays import Vector
from sma_research.portfolio import metrics
from sma_research.portfolio.account import Account
from sma_research.portfolio.history import Side, TradeHistory
from sma_research.portfolio.lots import Lots
from sma_research.portfolio.priced import price
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.tax import YearToDate
from sma_research.portfolio.tax_year import net_year
from sma_research.portfolio.transactions import AccountKind

LEAST_SHARES = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Realized:
    """What a portfolio did until the next rebalance."""

    tracking_error: float  # annual, standard deviation of active returns
    active_return: float  # sum over the days


def next_problem(case: PathCase, number: int, account: Account) -> Problem:
    """The account, as carried, on the date of a period; losses left of a year go on."""
    market, before = case.periods[number].market, case.periods[max(number - 1, 0)]
    if market.as_of.year > before.market.as_of.year:
        account = replace(account, year_to_date=next_year(account.year_to_date))
    return Problem(market=market, account=account)


def next_year(year: YearToDate) -> YearToDate:
    """Where the next tax year starts: with the losses that this one carries on."""
    netted = net_year(
        year.net_short + year.held_away_short,
        year.net_long + year.held_away_long,
        carry_short=year.carry_short,
        carry_long=year.carry_long,
        limit=year.ordinary_limit,
    )
    return YearToDate(
        carry_short=float(netted.carry_short),
        carry_long=float(netted.carry_long),
        ordinary_limit=year.ordinary_limit,
    )


def carried(problem: Problem, rebalance: Rebalance) -> Account:
    """The account after its trades.

    Lots kept, purchases as new lots, cash left, the year's results as the ledger has
    them, and sales at a loss for the windows to come.
    """
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
            purchased=[
                *(lots.bought[j] for j in kept),
                *(problem.market.as_of for _ in bought),
            ],
            purchase=[*(lots.purchase[j] for j in kept), *("" for _ in bought)],
        ),
        cash=max(cash_after(problem, rebalance), 0.0),
        contribution=0.0,
        year_to_date=_added(problem, rebalance),
        history=_recent(problem, rebalance),
    )


def _added(problem: Problem, rebalance: Rebalance) -> YearToDate:
    """The year so far with what these trades realize."""
    year, found = problem.account.year_to_date, price(problem, rebalance)
    return replace(
        year,
        net_short=year.net_short + found.short_term_gain,
        net_long=year.net_long + found.long_term_gain,
    )


def _recent(problem: Problem, rebalance: Rebalance) -> TradeHistory:
    """The household's trades so far with today's losses of this account."""
    lots, before = problem.account.lots, problem.account.history or TradeHistory()
    sold = [
        int(j)
        for j in np.flatnonzero(problem.at_loss & (rebalance.sell > LEAST_SHARES))
    ]
    own, today = problem.account.account_id, problem.market.as_of
    return TradeHistory(
        asset=[*before.asset, *(lots.asset[j] for j in sold)],
        date=[*before.date, *(today for _ in sold)],
        side=[*before.side, *(Side.LOSS for _ in sold)],
        shares=np.concatenate([before.quantity, rebalance.sell[sold]]),
        account=[*before.account, *(own for _ in sold)],
        account_kind=[*before.account_kind, *(AccountKind.TAXABLE for _ in sold)],
        identical=[*before.identical, *("" for _ in sold)],
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
