"""What every backend must do. Plain functions: pytest is not needed to run them.

A backend is bound by the clauses whose needs it declares::

    results = run_checks(load_backend("highs"))
    assert all(result.passed for result in results)
"""

from dataclasses import dataclass
from time import perf_counter

from sma_research.program.backend import Backend
from sma_research.testing.clauses import (
    answers,
    duals,
    extensions,
    hostile,
    integers,
    refusals,
    sessions,
)
from sma_research.testing.clauses.base import Check, ConformanceError, Need

__all__ = [
    "CHECKS",
    "Check",
    "ConformanceError",
    "Need",
    "Result",
    "checks_for",
    "run_check",
    "run_checks",
]

CHECKS: tuple[Check, ...] = (
    *answers.CHECKS,
    *duals.CHECKS,
    *sessions.CHECKS,
    *refusals.CHECKS,
    *hostile.CHECKS,
    *integers.CHECKS,
    *extensions.CHECKS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one clause ended for one backend."""

    name: str
    passed: bool
    message: str  # empty when passed
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether the backend breaks the clause."""
        return not self.passed

    @property
    def outcome(self) -> str:
        """In a word."""
        return "passed" if self.passed else "failed"


def checks_for(backend: Backend) -> tuple[Check, ...]:
    """The clauses that bind this backend."""
    return tuple(check for check in CHECKS if check.applies_to(backend))


def run_checks(backend: Backend) -> tuple[Result, ...]:
    """Run every clause that binds a backend.

    An exception inside a clause is a failed clause: the rest still run.
    """
    return tuple(run_check(check, backend) for check in checks_for(backend))


def run_check(check: Check, backend: Backend) -> Result:
    """Run one clause."""
    began = perf_counter()
    message = ""
    try:
        check.run(backend)
    except ConformanceError as error:
        message = str(error)
    except Exception as error:  # a clause must not end the others
        message = f"{type(error).__name__}: {error}"
    return Result(
        name=check.name,
        passed=not message,
        message=message,
        seconds=perf_counter() - began,
    )
