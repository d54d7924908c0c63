r"""The convex cases of exact netting: each a program of its own on one structure.

Tax is the least of two convex functions, so the least objective is the least of two
convex programs, and the lesser of their bounds bounds it. Both need the same rows; a
case leaves those of the other without a lower side.
"""

from dataclasses import replace

import numpy as np

from sma_research.arrays import Index, Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.canonical.tax_pieces import Pieces, pieces_of
from sma_research.canonical.trades_apart import trades_apart
from sma_research.program.certificate import Certificate, certify


def netting_cases(program: Program) -> tuple[Program, ...]:
    """The programs whose best answer is the account's; itself if it is only one."""
    shape = program.layout.shape
    if not shape.netted or shape.switched:
        return (program,)
    found, at = pieces_of(program.problem), program.structure.rows["tax_pieces"]
    out = []
    for case in np.unique(found.case):
        lower = program.parameters.row_lower.copy()
        lower[at] = np.where(found.case == case, found.floor, -np.inf)
        parameters = replace(program.parameters, row_lower=lower)
        out.append(replace(program, parameters=parameters))
    return tuple(out)


def case_at(program: Program, short: float, long: float) -> Program:
    """The case whose tax of two added results is the account's, of account value."""
    cases, found = netting_cases(program), pieces_of(program.problem)
    if len(cases) == 1:
        return program
    tax = found.slope @ (PERCENT * np.array([short, long])) + found.floor
    return min(
        zip(cases, np.unique(found.case), strict=True),
        key=lambda pair: float(tax[found.case == pair[1]].max()),
    )[0]


def certified(
    case: Program, y: Vector | None, cap_y: Vector | None = None,
    point: Vector | None = None,
) -> Certificate:  # fmt: skip
    """The bound of a case, from multipliers of this case or of another one.

    It knows that nothing is bought the day that it is sold at a loss.
    """
    s, d, apart = case.structure, case.parameters, trades_apart(case)
    own = certify(s, d, y, cap_y=cap_y, point=point, apart=apart)
    if y is None or "tax_pieces" not in s.rows or case.layout.shape.switched:
        return own
    over = carried_over(case, y)
    carried = certify(s, d, over, cap_y=cap_y, point=point, apart=apart)
    return max(own, carried, key=lambda one: one.bound)


def carried_over(case: Program, y: Vector) -> Vector:
    r"""Multipliers ``(r,)`` with the best weights :math:`\pi` of the case's pieces.

    All others stay. With reduced costs *c* of the columns of net results and tax,

    .. math:: \max_{\pi \ge 0} \sum_p \pi_p c_p + \sum_j \min(c_j l_j, c_j u_j)

    a linear program in a handful of numbers.
    """
    from scipy.optimize import linprog

    s, d = case.structure, case.parameters
    at, block = s.rows["tax_pieces"], s.columns["netted"]
    found = pieces_of(case.problem)
    mine = np.flatnonzero(d.row_lower[at] > -np.inf)
    rest = y.copy()
    rest[at] = 0.0
    cost = (d.q + s.A.T @ rest)[block]
    add, floor = _effect(found, mine), found.floor[mine]
    size, width = mine.size, cost.size
    low, high = d.lower[block], d.upper[block]
    # t_j <= l_j c_j and t_j <= u_j c_j, with c = cost + add pi.
    limit = np.vstack([
        np.hstack([-side[:, None] * add, np.eye(width)]) for side in (low, high)
    ])  # fmt: skip
    best = linprog(
        -np.concatenate([floor, np.ones(width)]),
        A_ub=limit,
        b_ub=np.concatenate([low * cost, high * cost]),
        bounds=[(0.0, None)] * size + [(None, None)] * width,
    )
    if best.x is not None:
        rest[at.start + mine] = -best.x[:size]
    return rest


def _effect(found: Pieces, mine: Index) -> Vector:
    """What a multiplier of each piece adds to the reduced costs ``(3, p)``."""
    return np.vstack([found.slope[mine].T, -np.ones(mine.size)])
