"""x -> Rebalance: trades by lot, clean of a solver's dust, cash from the trades."""

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.portfolio.metrics import HELD
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance

DUST = 1e-8  # of account value, of a trade
SMALL = 1e-4  # of account value, of cash beyond its limits


def recover(program: Program, x: Vector) -> Rebalance:
    """Trades of a point ``(p,)`` of the program."""
    problem, layout = program.problem, program.layout
    columns, tradable = layout.columns, layout.tradable
    lot = problem.lot_weight
    sell = np.zeros(lot.size)
    if lot.size:
        sell = np.clip(x[columns["sell"]][program.slot] / PERCENT, 0.0, lot)
        sell = np.where(sell < DUST, 0.0, np.where(sell > lot - DUST, lot, sell))
    hold = np.clip(x[columns["hold"]] / PERCENT, 0.0, problem.weight_upper[tradable])
    n = problem.market.universe.size
    after = np.zeros(n)
    after[tradable] = np.where((hold < HELD) | _off(program, x), 0.0, hold)
    sell = np.where(after[problem.lot_asset] == 0.0, lot, sell)
    sold = np.bincount(problem.lot_asset, weights=sell, minlength=n)
    buy, sell = _netted(program, after - problem.held + sold, sell)
    buy = np.where(buy < DUST, 0.0, buy)
    return _settled(program, buy, sell)


def _off(program: Program, x: Vector) -> Mask:
    """Tradable assets that are switched off, by the pairs that the program has."""
    pairs, hold = program.structure.on_off, program.layout.columns["hold"]
    off = np.zeros(x.size, dtype=np.bool_)
    off[pairs.column[x[pairs.binary] <= 0.5]] = True
    return off[hold]


def _netted(program: Program, buy: Vector, sell: Vector) -> tuple[Vector, Vector]:
    """Undo purchases that a solver's inexactness paired with sales."""
    problem = program.problem
    short = np.where(buy < -DUST, -buy, 0.0)
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
    """Shares and cash; purchases give way to cash, by what it is short of or above."""
    problem = program.problem
    rate = problem.market.universe.cost_rate
    proceeds = float(sell @ (1.0 - rate[problem.lot_asset])) if sell.size else 0.0
    cash = problem.cash_before + proceeds - float(buy @ (1.0 + rate))
    more = _more(problem, buy, sell, cash)
    buy = buy + more
    cash -= float(more @ (1.0 + rate))
    price = problem.price / problem.value
    quantity = problem.account.lots.quantity
    # A lot that is sold whole leaves no sliver of a share.
    whole = sell >= problem.lot_weight
    shares = np.where(whole, quantity, sell / price[problem.lot_asset])
    return Rebalance(
        buy=buy / price,
        sell=np.minimum(shares, quantity),
        cash=cash * problem.value,
    )


def _more(problem: Problem, buy: Vector, sell: Vector, cash: float) -> Vector:
    """What purchases must change so that cash is within its limits ``(n,)``.

    Dust that was shed leaves a little too much cash, a solver's inexactness a little
    too much or too little; anything larger is left for the audit to find.
    """
    mandate, rate = problem.account.mandate, problem.market.universe.cost_rate
    over, missing = cash - mandate.max_cash, mandate.min_cash - cash
    if 0.0 < missing <= SMALL:
        share, amount = buy, -missing
    elif 0.0 < over <= SMALL:
        n = problem.market.universe.size
        sold = np.bincount(problem.lot_asset, weights=sell, minlength=n)
        room = problem.weight_upper - (problem.held + buy - sold)
        share, amount = np.minimum(buy, np.clip(room, 0.0, None)), over
    else:
        return np.zeros_like(buy)
    total = float(share @ (1.0 + rate))
    return share * (amount / total) if total > abs(amount) else np.zeros_like(buy)
