r"""The one documented repair: the nearest trades that hold every limit.

An answer that breaks limits looks better than it is, so it is compared only after

1. names: what may not be held is dropped, then all but the ``max_names`` largest;
2. sides: where purchases of a group meet its sales at a loss, the larger one stays;
3. trades: with those names and sides fixed,

.. math::

    \min_x \tfrac12\big(\|h - h^{raw}\|^2 + \|u - u^{raw}\|^2 + \|v - v^{raw}\|^2
    + (c - c^{raw})^2\big) \quad\text{s.t. every row, bound and cap of the account}

with holdings *h*, purchases *u* by asset, sales *v* by lot and cash *c* in percent. The
claim is its own and only target, so a repair keeps poor holdings and needless trades as
they are: it never polishes. Claims of weights alone have the trades of `from_weights`.
"""

from dataclasses import replace

import numpy as np
from scipy.sparse import diags_array

from sma_benchmarks.instances.carry import cash_after
from sma_research.arrays import Mask, Vector, sparse
from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import PERCENT, Layout, shape_of
from sma_research.canonical.meeting import meeting_of
from sma_research.canonical.netting_cases import case_at
from sma_research.canonical.recover import recover
from sma_research.portfolio.audit import audit
from sma_research.portfolio.metrics import HELD
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import counted_gains
from sma_research.portfolio.rebalance import Rebalance
from sma_research.program.backend import Settings
from sma_research.program.form import OnOff, Parameters
from sma_research.program.registry import load_backend

NEAREST = "clarabel"  # solves the projection
TOLERANCE = 1e-9


def program_of(problem: Problem) -> Program:
    """The program of one account on its own."""
    return build(problem, Layout(market=problem.market, shape=shape_of(problem)))


def booked(problem: Problem, claimed: Rebalance) -> Rebalance:
    """The same trades with the cash that they leave."""
    return replace(claimed, cash=cash_after(problem, claimed))


def distance(problem: Problem, claimed: Rebalance, found: Rebalance) -> float:
    r"""One-way, of account value: :math:`\frac12(\|\Delta u\|_1+\|\Delta v\|_1+|\Delta c|)`."""
    bought = found.buy_weight(problem) - claimed.buy_weight(problem)
    sold = found.sell_weight(problem) - claimed.sell_weight(problem)
    cash = abs(found.cash - claimed.cash) / problem.value
    return float(0.5 * (np.abs(bought).sum() + np.abs(sold).sum() + cash))


def repair(problem: Problem, claimed: Rebalance) -> Rebalance | None:
    """The nearest trades with all limits held; None if there are none.

    None means that no trades on these names and sides hold every limit.
    """
    program = case_at(
        program_of(problem), *counted_gains(problem, claimed.sell_weight(problem))
    )
    s, columns = program.structure, program.layout.columns
    target, square = _target(program, claimed), np.zeros(s.integer.size)
    for name in ("hold", "buy", "sell", "cash"):
        square[columns.get(name, slice(0))] = 1.0
    held = _names(problem, claimed.weight(problem))
    asked = _fixed(program, _one_sided(program, target, held), held)
    if (asked.lower > asked.upper).any():
        return None
    nearest = replace(
        s, P=sparse(diags_array(square)), integer=np.zeros_like(s.integer),
        on_off=OnOff(),
    )  # fmt: skip
    none = np.zeros(0)
    asked = replace(asked, q=-square * target, on_lower=none, on_upper=none)
    session = load_backend(NEAREST).compile(nearest, Settings(tolerance=TOLERANCE))
    x = session.solve(asked).x
    if x is None:
        return None
    found = recover(program, x)
    return None if audit(problem, found) else found


def _target(program: Program, claimed: Rebalance) -> Vector:
    """The claim in the columns of the program ``(p,)``, percent."""
    problem, layout = program.problem, program.layout
    columns, target = layout.columns, np.zeros(layout.size)
    target[columns["hold"]] = claimed.weight(problem)[layout.tradable]
    if layout.slotted.size:
        bought = claimed.buy_weight(problem)[layout.tradable]
        target[columns["buy"]] = bought[layout.slotted]
        target[columns["sell"].start + program.slot] = claimed.sell_weight(problem)
    target[columns["cash"]] = cash_after(problem, claimed) / problem.value
    return PERCENT * target


def _one_sided(program: Program, target: Vector, held: Mask) -> Parameters:
    """No group both buys and sells at a loss; what is dropped has to be sold."""
    problem, meeting = program.problem, meeting_of(program)
    if not meeting.sell.size:
        return program.parameters
    group, lots = problem.market.universe.identical_group, problem.lot_asset
    gone = group[lots[problem.at_loss & ~held[lots]]]
    bought, lost = meeting.bought(target), meeting.lost(target)
    selling = (lost > 0) & (lost >= bought)
    selling[gone] = True
    return meeting.restricted(program.parameters, selling=selling, buying=~selling)


def _fixed(program: Program, d: Parameters, held: Mask) -> Parameters:
    """The numbers with the names settled."""
    columns = program.layout.columns
    hold = columns["hold"]
    lower, upper = d.lower.copy(), d.upper.copy()
    on = held[program.layout.tradable] & (upper[hold] > 0)
    upper[hold] = np.where(on, upper[hold], 0.0)
    if "on" in columns:
        lower[columns["on"]] = upper[columns["on"]] = on.astype(float)
        lower[hold] = np.where(on, np.maximum(lower[hold], d.on_lower), 0.0)
    return replace(d, lower=lower, upper=upper)


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
    price = problem.price / problem.value
    trades = Rebalance(
        buy=buy / price,
        sell=sell / price[problem.lot_asset] if sell.size else sell,
        cash=0.0,
    )
    return booked(problem, trades)


def _names(problem: Problem, raw: Vector) -> Mask:
    """The names that stay: allowed, above dust, the largest of them, and the forced."""
    most = problem.account.mandate.max_names or raw.size
    forced = problem.weight_lower > 0
    size = np.where((problem.weight_upper > 0) & (raw > HELD), raw, 0.0)
    rank = np.argsort(-np.where(forced, np.inf, size), kind="stable")
    kept = np.zeros(raw.size, dtype=np.bool_)
    kept[rank[:most]] = True
    return np.asarray(kept & ((size > 0) | forced), dtype=np.bool_)
