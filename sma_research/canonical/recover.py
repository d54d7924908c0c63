"""x -> Rebalance: trades by lot, clean of a solver's dust, cash from the trades."""

import numpy as np

from sma_research.arrays import Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.portfolio.rebalance import Rebalance

DUST = 1e-8  # of account value


def recover(program: Program, x: Vector) -> Rebalance:
    """Trades of a point ``(p,)`` of the program."""
    problem, layout = program.problem, program.layout
    columns, tradable = layout.columns, layout.tradable
    lot = problem.lot_weight
    sell = np.zeros(lot.size)
    if lot.size:
        sell = np.clip(x[columns["sell"]][program.slot] / PERCENT, 0.0, lot)
        sell = np.where(sell < DUST, 0.0, np.where(sell > lot - DUST, lot, sell))
    hold = np.clip(x[columns["hold"]] / PERCENT, 0.0, None)
    upper = problem.weight_upper[tradable]
    hold = np.minimum(np.where(hold < DUST, 0.0, hold), upper)
    if layout.shape.counted:
        hold = np.where(x[columns["on"]] > 0.5, hold, 0.0)
    n = problem.market.universe.size
    after = np.zeros(n)
    after[tradable] = hold
    gone = after == 0.0
    sell = np.where(gone[problem.lot_asset], lot, sell)
    buy = (
        after - problem.held + np.bincount(problem.lot_asset, weights=sell, minlength=n)
    )
    buy, sell = _netted(program, buy, sell)
    buy = np.where(buy < DUST, 0.0, buy)
    return _settled(program, buy, sell)


def _netted(program: Program, buy: Vector, sell: Vector) -> tuple[Vector, Vector]:
    """Undo purchases that a solver's inexactness paired with sales."""
    problem = program.problem
    short = np.clip(-buy, 0.0, None)
    if not short.any():
        return buy, sell
    # What is held falls short of what was kept: sell that much more, cheapest first.
    sell = sell.copy()
    for i in np.flatnonzero(short > 0):
        lots = np.flatnonzero(problem.lot_asset == i)
        for j in lots[np.argsort(problem.tax_rate[lots], kind="stable")]:
            more = min(short[i], problem.lot_weight[j] - sell[j])
            sell[j] += more
            short[i] -= more
    return np.clip(buy, 0.0, None), sell


def _settled(program: Program, buy: Vector, sell: Vector) -> Rebalance:
    """Shares and cash; purchases shrink by what cash would fall short."""
    problem = program.problem
    rate = problem.market.universe.cost_rate
    proceeds = float(sell @ (1.0 - rate[problem.lot_asset])) if sell.size else 0.0
    spent = float(buy @ (1.0 + rate))
    cash = problem.cash_before + proceeds - spent
    missing = problem.account.mandate.min_cash - cash
    if 0.0 < missing <= 1e-4 and spent > 0:
        buy = buy * (1.0 - missing / spent)
        cash += missing
    price = problem.price / problem.value
    shares = sell / price[problem.lot_asset] if sell.size else sell
    return Rebalance(
        buy=buy / price,
        sell=np.minimum(shares, problem.account.lots.quantity),
        cash=cash * problem.value,
    )
