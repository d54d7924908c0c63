"""What a clause is, and the few tools clauses share."""

from collections.abc import Callable
from dataclasses import dataclass

from sma_research.program.backend import Backend, Service, Settings
from sma_research.program.form import ProblemClass
from sma_research.program.solution import Solution, Termination
from sma_research.program.verify import residuals
from sma_research.testing import integer_programs, programs
from sma_research.testing.programs import Case

TOLERANCE = 1e-5  # ten times what the default settings ask for
Need = ProblemClass | Service


class ConformanceError(AssertionError):
    """A backend breaks a clause of the contract."""


@dataclass(frozen=True, slots=True)
class Check:
    """One clause of the contract."""

    name: str
    since: str  # first version of this project that asks for it
    needs: frozenset[Need]
    run: Callable[[Backend], None]

    def applies_to(self, backend: Backend) -> bool:
        """Whether the backend declares everything this clause is about."""
        return self.needs <= backend.info.solves | backend.info.services


def clause(since: str, *needs: Need) -> Callable[[Callable[[Backend], None]], Check]:
    """Turn a function into a clause, named as the function is."""

    def make(run: Callable[[Backend], None]) -> Check:
        return Check(run.__name__, since, frozenset(needs), run)

    return make


def demand(condition: object, message: str) -> None:
    """Raise `ConformanceError` unless the condition holds.

    Raises
    ------
    ConformanceError
        Always an explicit raise: ``python -O`` does not silence it.
    """
    if not condition:
        raise ConformanceError(message)


def refuses(act: Callable[[], object], error: type[Exception], what: str) -> Exception:
    """Demand that an act raises one kind of error, and return it."""
    try:
        act()
    except error as refusal:
        return refusal
    raise ConformanceError(f"{what}: expected {error.__name__}, nothing was raised")


def solve(
    backend: Backend,
    case: Case,
    settings: Settings | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> Solution:
    """Solve one case, and hold whatever point comes back against the program."""
    session = backend.compile(case.structure, settings or Settings())
    solution = session.solve(case.parameters)
    verify(case, solution, tolerance=tolerance)
    return solution


def verify(case: Case, solution: Solution, *, tolerance: float = TOLERANCE) -> None:
    """Demand that a point is one, and that it comes with its objective."""
    demand(
        (solution.x is None) == (solution.objective is None),
        "a point and its objective come together, or not at all",
    )
    if solution.x is not None:
        worst = residuals(case.structure, case.parameters, solution)
        demand(worst.within(tolerance), f"{worst} exceeds {tolerance}")


def optimum(
    backend: Backend,
    case: Case,
    settings: Settings | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> Solution:
    """Solve one case to its known optimum."""
    solution = solve(backend, case, settings, tolerance=tolerance)
    same_value(solution, case.objective)
    return solution


def same_value(
    solution: Solution, value: float, *, tolerance: float = TOLERANCE
) -> None:
    """Demand an optimal solution of a given value."""
    demand(
        solution.termination is Termination.OPTIMAL,
        f"ended {solution.termination} ({solution.native_status}), expected optimal",
    )
    found = solution.objective
    demand(
        found is not None and abs(found - value) <= tolerance * max(1.0, abs(value)),
        f"objective {found}, the optimum is {value}",
    )


def supported(backend: Backend) -> Case:
    """Some case of a class the backend declares."""
    by_class: dict[ProblemClass, Callable[[], Case]] = {
        ProblemClass.LP: lambda: programs.kkt_lp(0),
        ProblemClass.QP: lambda: programs.kkt_qp(0),
        ProblemClass.QCP: lambda: programs.kkt_qcp(0),
    }
    for problem_class, make in by_class.items():
        if problem_class in backend.info.solves:
            return make()
    return integer_programs.cardinality(4, 2, pairs=False)
