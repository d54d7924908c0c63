r"""The one documented repair: the nearest portfolio that holds every limit.

An answer that breaks limits looks better than it is, so it is compared only after

1. names: what may not be held is dropped, then all but the ``max_names`` largest;
2. weights: with those names fixed,

.. math::

    \min_x \tfrac12\|h - h^{raw}\|^2 \quad\text{s.t. every row, bound and cap of the
    account}

with holdings *h* in percent. Its objective knows nothing of tracking error, so a
repair never polishes. The distance :math:`\frac12\|h - h^{raw}\|_1` is reported.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import diags_array

from sma_research.arrays import Mask, Vector, sparse
from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import PERCENT, Layout, shape_of
from sma_research.canonical.recover import recover
from sma_research.portfolio.audit import audit
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.program.backend import Settings
from sma_research.program.form import OnOff
from sma_research.program.registry import load_backend

DUST = 1e-6  # of account value; a smaller holding is not a name
NEAREST = "clarabel"  # solves the projection
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class Repaired:
    """The nearest portfolio with all limits held, and how far it was."""

    rebalance: Rebalance
    distance: float  # one-way, of account value


def program_of(problem: Problem) -> Program:
    """The program of one account on its own."""
    return build(problem, Layout(market=problem.market, shape=shape_of(problem)))


def repair(problem: Problem, raw: Vector) -> Repaired | None:
    """The nearest portfolio to holdings ``(n,)``; None if there is none.

    None means that no weights on these names hold every limit.
    """
    program = program_of(problem)
    held = _names(problem, raw)
    s, d, columns = program.structure, program.parameters, program.layout.columns
    tradable, hold = program.layout.tradable, program.layout.columns["hold"]
    square = np.zeros(s.integer.size)
    square[hold] = 1.0
    lower, upper = d.lower.copy(), d.upper.copy()
    on = held[tradable]
    upper[hold] = np.where(on, upper[hold], 0.0)
    if "on" in columns:
        lower[columns["on"]] = upper[columns["on"]] = on.astype(float)
        lower[hold] = np.where(on, np.maximum(lower[hold], d.on_lower), 0.0)
    if (lower > upper).any():
        return None
    q = np.zeros(square.size)
    q[hold] = -PERCENT * raw[tradable]
    nearest = replace(
        s, P=sparse(diags_array(square)), integer=np.zeros_like(s.integer),
        on_off=OnOff(),
    )  # fmt: skip
    asked = replace(d, q=q, lower=lower, upper=upper, on_lower=np.zeros(0),
                    on_upper=np.zeros(0))  # fmt: skip
    session = load_backend(NEAREST).compile(nearest, Settings(tolerance=TOLERANCE))
    x = session.solve(asked).x
    if x is None:
        return None
    rebalance = recover(program, x)
    if audit(problem, rebalance):
        return None
    distance = 0.5 * np.abs(rebalance.weight(problem) - raw).sum()
    return Repaired(rebalance=rebalance, distance=float(distance))


def from_weights(problem: Problem, weight: Vector) -> Rebalance:
    """Trades that lead to holdings ``(n,)``: lots of least tax sold first."""
    excess = np.clip(problem.held - weight, 0.0, None)
    sell = np.zeros(problem.lot_weight.size)
    order = np.lexsort((problem.tax_rate, problem.lot_asset))
    asset, lot = problem.lot_asset[order], problem.lot_weight[order]
    if order.size:
        total = np.cumsum(lot)
        first = np.searchsorted(asset, asset, side="left")
        before = total - lot - (total[first] - lot[first])
        sell[order] = np.clip(excess[asset] - before, 0.0, lot)
    sold = np.bincount(problem.lot_asset, weights=sell, minlength=weight.size)
    buy = np.clip(weight - problem.held + sold, 0.0, None)
    rate = problem.market.universe.cost_rate
    earned = float(sell @ (1.0 - rate[problem.lot_asset])) if sell.size else 0.0
    cash = problem.cash_before + earned - float(buy @ (1.0 + rate))
    price = problem.price / problem.value
    return Rebalance(
        buy=buy / price,
        sell=sell / price[problem.lot_asset] if sell.size else sell,
        cash=cash * problem.value,
    )


def _names(problem: Problem, raw: Vector) -> Mask:
    """The names that stay: allowed, above dust, the largest of them, and the forced."""
    most = problem.account.mandate.max_names or raw.size
    forced = problem.weight_lower > 0
    size = np.where((problem.weight_upper > 0) & (raw > DUST), raw, 0.0)
    rank = np.argsort(-np.where(forced, np.inf, size), kind="stable")
    kept = np.zeros(raw.size, dtype=np.bool_)
    kept[rank[:most]] = True
    return np.asarray(kept & ((size > 0) | forced), dtype=np.bool_)
