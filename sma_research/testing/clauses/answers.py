"""Right answers to continuous programs, and honest words where there is none."""

from dataclasses import replace

import numpy as np

from sma_research.program.backend import Backend, Service, Settings
from sma_research.program.form import ProblemClass
from sma_research.program.solution import Termination
from sma_research.program.verify import residuals
from sma_research.testing import programs
from sma_research.testing.clauses.base import (
    TOLERANCE,
    clause,
    demand,
    optimum,
    same_value,
    solve,
    verify,
)

NO_SOLUTION = {Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED}
NO_MINIMUM = {Termination.UNBOUNDED, Termination.INFEASIBLE_OR_UNBOUNDED}
SEEDS = 50


@clause("0.1", ProblemClass.QP)
def reaches_a_known_optimum(backend: Backend) -> None:
    """QPs built backwards from their optimum."""
    for seed in range(SEEDS):
        optimum(backend, programs.kkt_qp(seed))


@clause("0.1", ProblemClass.LP)
def reaches_a_known_vertex(backend: Backend) -> None:
    """LPs built backwards from their one optimal vertex."""
    for seed in range(SEEDS // 5):
        optimum(backend, programs.kkt_lp(seed))


@clause("0.1", ProblemClass.QP)
def reads_the_whole_hessian(backend: Backend) -> None:
    """Neither triangle may be dropped or counted twice."""
    optimum(backend, programs.dense_hessian())


@clause("0.1", ProblemClass.QP)
def counts_the_constant(backend: Backend) -> None:
    """The constant r is part of the objective, and of the bound."""
    case = programs.dense_hessian()
    shifted = replace(
        case,
        parameters=replace(case.parameters, r=5.0),
        objective=case.objective + 5.0,
    )
    solution = optimum(backend, shifted)
    if solution.bound is not None:
        demand(
            abs(solution.bound - shifted.objective) <= TOLERANCE,
            f"bound {solution.bound} of a solved QP, expected {shifted.objective}",
        )


@clause("0.1", ProblemClass.QP)
def accepts_programs_without_rows(backend: Backend) -> None:
    """No rows; a fixed column, a free one, and two half open ones."""
    optimum(backend, programs.without_rows())


@clause("0.1", ProblemClass.LP)
def names_infeasibility(backend: Backend) -> None:
    """An infeasible program has no point and no objective."""
    solution = solve(backend, programs.infeasible())
    demand(
        solution.termination in NO_SOLUTION,
        f"infeasible, but ended {solution.termination}",
    )
    demand(solution.x is None, f"infeasible, but has the point {solution.x}")


@clause("0.1", ProblemClass.LP)
def names_crossed_bounds(backend: Backend) -> None:
    """A row or column whose sides exclude each other is infeasible, no error."""
    case = programs.unbounded()
    session = backend.compile(case.structure, Settings())
    for name in ("row_lower", "lower"):
        sides = getattr(case.parameters, name) + 1e3
        other = {"row_lower": "row_upper", "lower": "upper"}[name]
        crossed = replace(case.parameters, **{name: sides, other: sides - 1.0})
        solution = session.solve(crossed)
        demand(
            solution.termination in NO_SOLUTION and solution.x is None,
            f"{name} lies above {other}, but it ended {solution.termination}",
        )


@clause("0.1", ProblemClass.LP)
def names_unboundedness(backend: Backend) -> None:
    """A program without a minimum has no objective."""
    solution = solve(backend, programs.unbounded())
    demand(
        solution.termination in NO_MINIMUM,
        f"unbounded, but ended {solution.termination}",
    )
    demand(solution.objective is None, f"unbounded, but worth {solution.objective}")


@clause("0.1", ProblemClass.QP, Service.BOUND)
def bound_is_below_objective(backend: Backend) -> None:
    """A proven bound never exceeds the value of a feasible point."""
    for seed in range(5):
        case = programs.kkt_qp(seed)
        bound = solve(backend, case).bound
        demand(
            bound is not None and bound <= case.objective + TOLERANCE,
            f"bound {bound}, but a point of value {case.objective} exists",
        )


@clause("0.1", ProblemClass.QP)
def tolerance_rules_residuals(backend: Backend) -> None:
    """Asking for more digits gives more digits."""
    case = programs.kkt_qp(7, p=20, r=8)
    for tolerance in (1e-3, 1e-5, 1e-7):
        settings = Settings(tolerance=tolerance)
        solution = backend.compile(case.structure, settings).solve(case.parameters)
        worst = residuals(case.structure, case.parameters, solution)
        demand(
            worst.within(10 * tolerance),
            f"{worst} at a tolerance of {tolerance}",
        )


@clause("0.1", ProblemClass.QP, Service.PRIMAL_START)
def start_is_never_worse(backend: Backend) -> None:
    """From its own optimum a program ends at the optimum, at no more cost."""
    case = programs.kkt_qp(3, p=30, r=10)
    session = backend.compile(case.structure, Settings())
    cold = session.solve(case.parameters)
    warm = session.solve(case.parameters, start=case.x)
    verify(case, warm)
    demand(
        warm.objective is not None
        and cold.objective is not None
        and warm.objective <= cold.objective + TOLERANCE,
        f"{warm.objective} from the optimum, {cold.objective} from nothing",
    )
    if warm.iterations is not None and cold.iterations is not None:
        demand(
            warm.iterations <= cold.iterations,
            f"{warm.iterations} steps from the optimum, {cold.iterations} from nothing",
        )


@clause("0.1", ProblemClass.QP, Service.TIME_LIMIT)
def ends_near_the_limit(backend: Backend) -> None:
    """A limit that is too short ends the solve, and what is returned is honest."""
    case = programs.kkt_qp(0, p=300, r=100)
    session = backend.compile(case.structure, Settings(time_limit_s=1e-3))
    solution = session.solve(case.parameters)
    demand(
        solution.termination in {Termination.TIME_LIMIT, Termination.OPTIMAL},
        f"out of time, but ended {solution.termination} ({solution.native_status})",
    )
    demand(solution.solve_s <= 2.0, f"{solution.solve_s:.1f} s at a limit of 1 ms")
    if solution.termination is Termination.OPTIMAL:
        verify(case, solution)
    elif solution.x is not None:
        demand(np.isfinite(solution.x).all(), "a point at the limit holds NaN")


@clause("0.1", ProblemClass.QP, Service.TIME_LIMIT)
def limits_each_account_alone(backend: Backend) -> None:
    """The clock starts again with every account of a session."""
    limit = 0.3
    case = programs.kkt_qp(1, p=60, r=20)
    session = backend.compile(case.structure, Settings(time_limit_s=limit))
    spent = 0.0
    for _ in range(1000):
        if spent > 1.5 * limit:
            return
        solution = session.solve(case.parameters)
        spent += solution.solve_s
        if solution.solve_s < limit / 2:
            same_value(solution, case.objective)


CHECKS = (
    reaches_a_known_optimum,
    reaches_a_known_vertex,
    reads_the_whole_hessian,
    counts_the_constant,
    accepts_programs_without_rows,
    names_infeasibility,
    names_crossed_bounds,
    names_unboundedness,
    bound_is_below_objective,
    tolerance_rules_residuals,
    start_is_never_worse,
    ends_near_the_limit,
    limits_each_account_alone,
)
