"""What a formulation is: a backend made of another backend.

A formulation rewrites a program into one that the inner backend can solve, and
writes the answer back. It is itself a `Backend`, so formulations nest: the
outermost one sees the abstract problem, the innermost backend a class it declares.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import final

from sma_research.program.backend import (
    Availability,
    Backend,
    BackendInfo,
    Service,
    Session,
    Settings,
)
from sma_research.program.form import ProblemClass, Structure


class Exactness(StrEnum):
    """What a formulation does to the optimum."""

    EXACT = "exact"
    RELAXATION = "relaxation"  # its optimum is a bound
    RESTRICTION = "restriction"  # its optimum is feasible
    SURROGATE = "surrogate"  # another objective; scored by the true one


@dataclass(frozen=True, kw_only=True)
class FormulationInfo:
    """A formulation as data."""

    name: str
    exactness: Exactness
    summary: str


def widened(
    inner: BackendInfo,
    name: str,
    *,
    solves: set[ProblemClass],
    adds: frozenset[Service] = frozenset(),
    drops: frozenset[Service] = frozenset(),
) -> BackendInfo:
    """Capabilities of a formulation over a backend."""
    return replace(
        inner,
        name=f"{name}({inner.name})",
        solves=inner.solves | frozenset(solves),
        services=(inner.services | adds) - drops - {Service.CUTS},
    )


@final
class Helper:
    """A backend that helps another one: it never sees the other's native settings."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.info = backend.info

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the backend."""
        return self._backend.probe()

    def compile(self, structure: Structure, settings: Settings) -> Session:
        """Translate once what accounts share."""
        return self._backend.compile(structure, replace(settings, native={}))
