"""Accounts that cannot be built: proven with every backend, whatever that says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, final

import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.formulations.fallback import Fallback
from sma_research.program.backend import Backend, Observer, Session, Settings
from sma_research.program.form import Parameters, Structure
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution, Termination

Stated = Callable[..., sma.Problem]
SOLVERS = ("clarabel", "highs", "osqp", "pyomo:highs")


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("wishes", "floors", "word"),
    [
        # Five names must be held, four may be.
        ({"max_names": 4}, 5, "names"),
        # Forty names of two per cent at most, each of them switched.
        ({"max_weight": 0.02, "min_position": 0.005}, 0, "weights would pass"),
    ],
)
def test_an_impossible_account_is_infeasible_by_every_backend(
    stated: Stated, solver: str, wishes: dict[str, Any], floors: int, word: str
) -> None:
    market = stated().market
    bounds = dict.fromkeys(market.universe.asset[:floors], (0.01, 1.0))
    problem = stated(**wishes, weight_bounds=bounds)
    report = sma.solve(problem, solver, settings=Settings(time_limit_s=30))
    assert report.status is sma.Status.INFEASIBLE, report.message
    assert word in " ".join(report.conflict)


@final
class Broken:
    """A backend whose answers end in a numerical error."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.info = inner.info
        self.probe = inner.probe

    def compile(self, structure: Structure, settings: Settings) -> Session:
        return BrokenSession(self._inner.compile(structure, settings))


@final
class BrokenSession:
    def __init__(self, inner: Session) -> None:
        self._inner = inner

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        answer = self._inner.solve(parameters, start=start, observe=observe)
        error = Termination.NUMERICAL_ERROR
        return replace(answer, termination=error, x=None, y=None, objective=None)


def test_a_library_that_breaks_down_has_a_second_way(stated: Stated) -> None:
    problem = stated()
    program = build(problem, Layout(market=problem.market, shape=shape_of(problem)))
    method = Fallback(Broken(load_backend("highs")), load_backend("clarabel"))
    session = method.compile(program.structure, Settings())
    answer = session.solve(program.parameters)
    assert answer.termination is Termination.OPTIMAL
    assert answer.counters["fallback"] == 1.0
