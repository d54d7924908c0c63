"""Bounds of the columns that state taxes, and which of them are integers.

Every bound is finite: the certificate prices a column by its interval.
"""

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.tax_pieces import net_bounds
from sma_research.canonical.tax_switches import washed_of
from sma_research.portfolio.problem import Problem

BINARIES = ("order", "replaced", "side", "case")


def tax_bounds(layout: Layout, problem: Problem, lower: Vector, upper: Vector) -> None:
    """Set the bounds of sales, purchases and of all columns about taxes."""
    columns = layout.columns
    if layout.slotted.size:
        most = PERCENT * problem.weight_upper[layout.tradable][layout.slotted]
        barred = problem.wash.no_buy[layout.tradable][layout.slotted]
        lower[columns["buy"]], upper[columns["buy"]] = 0.0, np.where(barred, 0.0, most)
        room = np.zeros(layout.slot_owner.size)
        sellable = np.where(problem.no_sell, 0.0, problem.lot_weight)
        room[layout.lot_slot(problem)] = PERCENT * sellable
        lower[columns["sell"]], upper[columns["sell"]] = 0.0, room
    if layout.shape.netted:
        lower[columns["netted"]], upper[columns["netted"]] = net_bounds(problem)
    for name in BINARIES:
        if name in columns:
            lower[columns[name]], upper[columns[name]] = 0.0, 1.0
    if layout.shape.washed:
        lots = washed_of(problem).lots
        lower[columns["washed"]] = 0.0
        upper[columns["washed"]] = PERCENT * problem.lot_weight[lots]


def tax_integers(layout: Layout) -> Mask:
    """Binaries of taxes ``(p,)``."""
    integer = np.zeros(layout.size, dtype=np.bool_)
    for name in BINARIES:
        if name in layout.columns:
            integer[layout.columns[name]] = True
    return integer
