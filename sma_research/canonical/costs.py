"""Linear costs: tax, transaction cost and the client's preferences, amortized."""

import numpy as np

from sma_research.arrays import Vector
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.tax_pieces import TAX
from sma_research.canonical.tax_switches import washed_of
from sma_research.portfolio.preferences import substitution_rate, waiting_rate
from sma_research.portfolio.problem import Problem


def costs(layout: Layout, problem: Problem) -> Vector:
    """Linear costs of all columns ``(p,)``, in units of the objective."""
    mandate, columns = problem.account.mandate, layout.columns
    rate = layout.market.universe.cost_rate[layout.tradable] * mandate.cost_aversion
    yearly = substitution_rate(problem)[layout.tradable] * mandate.horizon_years
    q = np.zeros(layout.size)
    q[columns["hold"]] = np.where(layout.plain, rate, 0.0) + yearly
    if layout.slotted.size:
        q[columns["buy"]] = rate[layout.slotted]
        sell = rate[layout.slotted][layout.slot_owner]
        sell[layout.lot_slot(problem)] += waiting_rate(problem)
        q[columns["sell"]] = sell
    _add_tax(layout, problem, q)
    return PERCENT / (mandate.risk_aversion * mandate.horizon_years) * q


def _add_tax(layout: Layout, problem: Problem, q: Vector) -> None:
    """Tax by lot, or of the year where it is netted."""
    aversion, columns = problem.account.mandate.tax_aversion, layout.columns
    if layout.shape.netted:
        q[columns["netted"].start + TAX] = aversion
        return
    if layout.slotted.size:
        slot = columns["sell"].start + layout.lot_slot(problem)
        q[slot] += aversion * problem.tax_rate
    if layout.shape.washed:
        lots = washed_of(problem).lots
        q[columns["washed"]] = -aversion * problem.tax_rate[lots]
