"""Integer programs: right answers, honest bounds, observers, limits."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sma_research.program.backend import Backend, Service, Settings
from sma_research.program.form import ProblemClass
from sma_research.program.solution import Incumbent, Solution, Termination
from sma_research.testing import integer_programs
from sma_research.testing.clauses.base import (
    TOLERANCE,
    ConformanceError,
    clause,
    demand,
    optimum,
    same_value,
    solve,
    verify,
)

EXACT = Settings(relative_gap=0.0)
SLACK_S = 2.0  # how long after its limit a solve may end


def _bounded(solution: Solution) -> None:
    if solution.bound is not None and solution.objective is not None:
        demand(
            solution.bound <= solution.objective + TOLERANCE,
            f"bound {solution.bound} above the value {solution.objective}",
        )


@clause("0.1", ProblemClass.MILP)
def solves_a_knapsack(backend: Backend) -> None:
    """The answer is known by trying every subset; the constant counts."""
    for seed in range(5):
        case = integer_programs.knapsack(seed=seed)
        shifted = replace(
            case,
            parameters=replace(case.parameters, r=3.0),
            objective=case.objective + 3.0,
        )
        _bounded(optimum(backend, shifted, EXACT))


@clause("0.1", ProblemClass.MILP, Service.BOUND)
def bound_of_a_knapsack(backend: Backend) -> None:
    """A solved program has a bound, and no subset is worth less."""
    case = integer_programs.knapsack()
    solution = optimum(backend, case, EXACT)
    demand(
        solution.bound is not None
        and abs(solution.bound - case.objective) <= TOLERANCE * abs(case.objective),
        f"bound {solution.bound}, every subset tried gives {case.objective}",
    )


@clause("0.1", ProblemClass.MIQP)
def solves_cardinality(backend: Backend) -> None:
    """At most three of twelve names, against every support and active set."""
    for seed in range(3):
        case = integer_programs.cardinality(seed=seed, pairs=False)
        _bounded(optimum(backend, case, Settings(relative_gap=1e-6)))


@clause("0.1", ProblemClass.MIQP, Service.ON_OFF)
def reads_on_off_pairs(backend: Backend) -> None:
    """The same by pairs: a name is out, or between its two limits."""
    for seed in range(3):
        case = integer_programs.cardinality(seed=seed)
        _bounded(optimum(backend, case, Settings(relative_gap=1e-6)))


@clause("0.1", ProblemClass.MIQP, Service.ON_OFF)
def on_limits_belong_to_the_account(backend: Backend) -> None:
    """Wider limits of the next account are read, and never cost more."""
    case = integer_programs.cardinality(8)
    session = backend.compile(case.structure, Settings(relative_gap=1e-6))
    d = case.parameters
    wide = replace(d, on_lower=d.on_lower * 0.0, on_upper=d.on_upper + 0.4)
    tight = session.solve(d)
    same_value(tight, case.objective)
    free = session.solve(wide)
    verify(replace(case, parameters=wide), free)
    demand(
        free.objective is not None and free.objective <= case.objective + TOLERANCE,
        f"wider limits cost {free.objective}, the tight ones {case.objective}",
    )
    same_value(session.solve(d), case.objective)


@clause("0.1", ProblemClass.MILP, Service.TIME_LIMIT)
def keeps_the_incumbent_at_a_limit(backend: Backend) -> None:
    """Out of time is not out of an answer, nor of patience."""
    limit = 0.5
    case = integer_programs.market_split()
    solution = solve(backend, case, Settings(time_limit_s=limit, relative_gap=0.0))
    demand(
        solution.termination is Termination.TIME_LIMIT,
        f"out of time, but ended {solution.termination} ({solution.native_status})",
    )
    demand(solution.x is not None, "the incumbent was lost at the limit")
    demand(
        solution.solve_s <= limit + SLACK_S,
        f"{solution.solve_s:.1f} s at a limit of {limit} s",
    )
    _bounded(solution)


def _observed(backend: Backend, observe: Callable[[Incumbent], bool]) -> Solution:
    case = integer_programs.market_split()
    settings = Settings(relative_gap=0.0, time_limit_s=1.5)
    session = backend.compile(case.structure, settings)
    solution = session.solve(case.parameters, observe=observe)
    verify(case, solution)
    return solution


@clause("0.1", ProblemClass.MILP, Service.INCUMBENTS)
def shows_incumbents_in_order(backend: Backend) -> None:
    """Values fall, bounds rise, time moves on, and the last one is the answer."""
    seen: list[Incumbent] = []

    def observe(incumbent: Incumbent) -> bool:
        seen.append(incumbent)
        return True

    solution = _observed(backend, observe)
    demand(seen, "the observer was never called")
    demand(len(solution.incumbents) >= len(seen), "incumbents seen, but not returned")
    for name, sign in (("objective", -1), ("bound", 1), ("elapsed_s", 1)):
        values = np.array([sign * getattr(incumbent, name) for incumbent in seen])
        rises = values[1:] >= values[:-1] - 1e-9
        demand(rises.all(), f"{name} of the incumbents runs backwards: {values}")
    demand(
        solution.objective is not None
        and seen[-1].objective >= solution.objective - TOLERANCE,
        f"answer {solution.objective} is worse than incumbent {seen[-1].objective}",
    )


@clause("0.1", ProblemClass.MILP, Service.INCUMBENTS, Service.INTERRUPT)
def stops_when_told(backend: Backend) -> None:
    """An observer that returns False ends the search, and the point is kept."""
    solution = _observed(backend, lambda _: False)
    demand(
        solution.termination is Termination.INTERRUPTED,
        f"told to stop, but ended {solution.termination} ({solution.native_status})",
    )
    demand(solution.x is not None, "the incumbent was lost at the stop")


@clause("0.1", ProblemClass.MILP, Service.INCUMBENTS)
def raises_what_the_observer_raises(backend: Backend) -> None:
    """An exception in the observer reaches the caller; the session lives on."""

    def explode(_: Incumbent) -> bool:
        raise LookupError("from the observer")

    case = integer_programs.knapsack()
    session = backend.compile(case.structure, EXACT)
    try:
        session.solve(case.parameters, observe=explode)
    except LookupError:
        same_value(session.solve(case.parameters), case.objective)
        return
    raise ConformanceError("swallowed the observer's exception")


@clause("0.1", ProblemClass.MILP, Service.PRIMAL_START)
def starts_from_a_point(backend: Backend) -> None:
    """Given its own best point, a search ends at least as good at once."""
    case = integer_programs.market_split()
    settings = Settings(relative_gap=0.0, time_limit_s=0.5)
    session = backend.compile(case.structure, settings)
    cold = session.solve(case.parameters)
    warm = session.solve(case.parameters, start=cold.x)
    verify(case, warm)
    demand(
        cold.objective is not None
        and warm.objective is not None
        and warm.objective <= cold.objective + TOLERANCE,
        f"{warm.objective} from a point of value {cold.objective}",
    )


CHECKS = (
    solves_a_knapsack,
    bound_of_a_knapsack,
    solves_cardinality,
    reads_on_off_pairs,
    on_limits_belong_to_the_account,
    keeps_the_incumbent_at_a_limit,
    shows_incumbents_in_order,
    stops_when_told,
    raises_what_the_observer_raises,
    starts_from_a_point,
)
