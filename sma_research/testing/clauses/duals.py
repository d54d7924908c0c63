"""Multipliers: sizes, and signs on both sides of a row."""

import numpy as np

from sma_research.program.backend import Backend, Service
from sma_research.program.form import ProblemClass
from sma_research.program.solution import Solution
from sma_research.testing import programs
from sma_research.testing.clauses.base import clause, demand, optimum
from sma_research.testing.programs import Case

TOLERANCE = 1e-4  # multipliers of a nearly optimal point


def same_multipliers(case: Case, solution: Solution) -> None:
    """Demand the multipliers a program was built from."""
    demand(solution.y is not None, "declares DUALS, but returns no y")
    for name in ("y", "cap_y"):
        found, known = getattr(solution, name), getattr(case, name)
        if known is None:
            continue
        demand(
            found is not None and np.allclose(found, known, atol=TOLERANCE),
            f"{name} is {found}, the program was built from {known}",
        )


@clause("0.1", ProblemClass.QP, Service.DUALS)
def signs_of_a_qp(backend: Backend) -> None:
    """Row multipliers of QPs are those the programs were built from."""
    for seed in range(10):
        case = programs.kkt_qp(seed)
        same_multipliers(case, optimum(backend, case))


@clause("0.1", ProblemClass.LP, Service.DUALS)
def signs_of_an_lp(backend: Backend) -> None:
    """Row multipliers of LPs are those the programs were built from."""
    for seed in range(5):
        case = programs.kkt_lp(seed)
        same_multipliers(case, optimum(backend, case))


@clause("0.1", ProblemClass.QP, Service.DUALS)
def signs_by_hand(backend: Backend) -> None:
    r"""One column, one row, :math:`\min (x - c)^2 / 2`, :math:`0 \le x \le 1`.

    Above the row the upper side binds and y is positive, below it negative,
    inside zero; where the column's own bound binds, the row has no part in it.
    """
    for centre, lower, expected in (
        (3.0, -5.0, 2.0),
        (-3.0, -5.0, -3.0),
        (0.5, -5.0, 0.0),
        (-3.0, 0.5, 0.0),
    ):
        case = Case(
            structure=programs.structure([[1.0]], [[1.0]]),
            parameters=programs.bounds(
                [-centre], rows=(0.0, 1.0), columns=(lower, 5.0)
            ),
            objective=_value(centre, max(lower, 0.0)),
            y=np.array([expected]),
        )
        same_multipliers(case, optimum(backend, case))


def _value(centre: float, lower: float) -> float:
    x = min(max(centre, lower), 1.0)
    return 0.5 * x * x - centre * x


CHECKS = (signs_of_a_qp, signs_of_an_lp, signs_by_hand)
