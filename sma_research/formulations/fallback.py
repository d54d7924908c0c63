"""A second way for programs on which a library's own algorithm breaks down."""

from dataclasses import replace
from typing import final

from sma_research.arrays import Vector
from sma_research.program.backend import (
    Availability,
    Backend,
    Observer,
    Session,
    Settings,
)
from sma_research.program.deadline import Deadline
from sma_research.program.form import Parameters, Structure
from sma_research.program.solution import Solution, Termination


@final
class Fallback:
    """Solves by one backend, and by another where that ends in a numerical error."""

    def __init__(self, first: Backend, second: Backend) -> None:
        self._first = first
        self._second = second
        self.info = first.info

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the first backend."""
        return self._first.probe()

    def compile(self, structure: Structure, settings: Settings) -> Session:
        """Translate for the first; the second is compiled where it is needed."""
        first = self._first.compile(structure, settings)
        return FallbackSession(structure, settings, first, self._second)


@final
class FallbackSession:
    """One compiled structure, and the way out."""

    def __init__(
        self, structure: Structure, settings: Settings, first: Session, second: Backend
    ) -> None:
        self._structure = structure
        self._settings = settings
        self._first = first
        self._second = second

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        deadline = Deadline.after(self._settings.time_limit_s)
        answer = self._first.solve(parameters, start=start, observe=observe)
        if answer.termination is not Termination.NUMERICAL_ERROR or deadline.passed:
            return answer
        session = self._second.compile(self._structure, deadline.within(self._settings))
        other = session.solve(parameters)
        return replace(
            other,
            native_status=f"{other.native_status}, after {answer.native_status}",
            solve_s=answer.solve_s + other.solve_s,
            counters={**other.counters, "fallback": 1.0},
        )
