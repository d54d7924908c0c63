r"""The affine functions of a netted tax as rows, and the bounds of its columns.

The tax that a rebalance adds is the least of two convex functions, each the largest of
a few affine ones of its net results *s* and *l* (`portfolio.netting`). A case holds the
rows of its own:

.. math:: T \ge a_p s + b_p l + c_p

Rows of both cases at once would state the larger of the two functions. Without a case
they are therefore open: a relaxation, that `netting_cases` closes; or a binary *o*
says which apply, :math:`T \ge a_p s + b_p l + c_p - M_p o` and the same with
:math:`1 - o`, with :math:`M_p` the most by which the function may pass T.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from sma_research.arrays import Index, Matrix, Vector, sparse
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.rows import Rows
from sma_research.portfolio.netting import netted_tax, pieces
from sma_research.portfolio.problem import Problem

SHORT, LONG, TAX = range(3)  # columns of the block "netted"
MARGIN = 1.0  # percent of account value, by which bounds of sums stand off


@dataclass(frozen=True, eq=False, kw_only=True)
class Pieces:
    """Affine functions of what a rebalance adds to the year's results."""

    slope: Vector  # (p, 2) by short-term and long-term result
    floor: Vector  # (p,) constants, percent of account value
    case: Index  # (p,) convex function that each belongs to


def pieces_of(problem: Problem) -> Pieces:
    """The affine functions of both cases, of tax added to the year so far."""
    rates, year = problem.account.tax_rates, problem.account.year_to_date
    cases = pieces(rates, year.ordinary_limit)
    found = [piece for case in cases for piece in case]
    before = float(netted_tax(year.short, year.long, rates, year.ordinary_limit))
    constant = np.array([
        p.short * year.short + p.long * year.long + p.constant - before for p in found
    ])  # fmt: skip
    return Pieces(
        slope=np.array([[p.short, p.long] for p in found]),
        floor=PERCENT * constant / problem.value,
        case=np.repeat(np.arange(len(cases)), [len(case) for case in cases]),
    )


def tax_pieces(layout: Layout, problem: Problem) -> Rows:
    """Tax above the affine functions of its case; open where no case is chosen."""
    found = pieces_of(problem)
    lower, upper = net_bounds(problem)
    most = found.slope @ upper[:TAX] + found.floor - lower[TAX]
    second = found.case == 1
    switched = layout.shape.switched
    closed = found.floor - np.where(second, most, 0.0)

    def terms() -> Mapping[str, Matrix]:
        rows = np.column_stack([-found.slope, np.ones(found.floor.size)])
        out = {"netted": sparse(csc_array(rows))}
        if switched:
            signed = np.where(second, -most, most)
            out["case"] = sparse(csc_array(signed[:, None]))
        return out

    return Rows(
        lower=closed if switched else np.full(closed.size, -np.inf),
        upper=np.full(closed.size, np.inf),
        terms=terms,
    )


def net_bounds(problem: Problem) -> tuple[Vector, Vector]:
    """What selling everything or nothing of each lot can add to the year ``(3,)``."""
    gain = PERCENT * problem.taxed_gain_rate * problem.lot_weight
    lower, upper = np.zeros(3), np.zeros(3)
    for which, lots in ((SHORT, ~problem.long_term), (LONG, problem.long_term)):
        lower[which] = np.minimum(gain, 0.0)[lots].sum() - MARGIN
        upper[which] = np.maximum(gain, 0.0)[lots].sum() + MARGIN
    found = pieces_of(problem)
    # Slopes are at least zero: affine functions are extreme at the same corners.
    lower[TAX] = (found.slope @ lower[:TAX] + found.floor).min() - MARGIN
    upper[TAX] = (found.slope @ upper[:TAX] + found.floor).max() + MARGIN
    return lower, upper
