"""What a formulation is: a backend made of another backend.

A formulation rewrites a program into one that the inner backend can solve, and
writes the answer back. It is itself a `Backend`, so formulations nest: the
outermost one sees the abstract problem, the innermost backend a class it declares.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from sma_research.program.backend import BackendInfo, Service
from sma_research.program.form import ProblemClass


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
