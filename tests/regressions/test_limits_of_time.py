"""One deadline for an account: what it stops, and what its end does not prove."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter, sleep
from typing import final

import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.canonical.netting_cases import netting_cases
from sma_research.formulations.relax import Relax
from sma_research.formulations.risk_bisection import RiskBisection
from sma_research.formulations.round_and_polish import RoundAndPolish
from sma_research.program.backend import (
    Availability,
    Backend,
    Observer,
    Session,
    Settings,
)
from sma_research.program.form import Parameters, Structure
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution, Termination

Stated = Callable[..., sma.Problem]
LIMIT = 0.4
WAIT = 0.15


@final
class Slow:
    """A backend whose every solve takes a while, and which notes what it may take."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.info = inner.info
        self.limits: list[float] = []
        self.ends: Termination | None = None

    def probe(self) -> tuple[Availability, ...]:
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> Session:
        session = self._inner.compile(structure, settings)
        return SlowSession(self, session, settings.time_limit_s)


@final
class SlowSession:
    def __init__(self, backend: Slow, inner: Session, limit_s: float) -> None:
        self._backend = backend
        self._inner = inner
        self._limit_s = limit_s

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        del start, observe
        self._backend.limits.append(self._limit_s)
        sleep(WAIT)
        answer = self._inner.solve(parameters)
        ends = self._backend.ends
        return answer if ends is None else replace(answer, termination=ends)


def program(problem: sma.Problem) -> tuple[Structure, Parameters]:
    layout = Layout(market=problem.market, shape=shape_of(problem))
    built = netting_cases(build(problem, layout))[0]
    return built.structure, built.parameters


def capped(stated: Stated) -> sma.Problem:
    """Old gains in thirty names, under a cap that is hard to meet."""
    held = [(i, 0.03, 0.2) for i in range(30)]
    return stated(held, risk_aversion=0.5, tracking_error_cap=0.02, max_cash=1.0)


def test_prices_of_risk_share_one_limit(stated: Stated) -> None:
    structure, parameters = program(capped(stated))
    slow, began = Slow(load_backend("osqp")), perf_counter()
    session = RiskBisection(slow).compile(structure, Settings(time_limit_s=LIMIT))
    answer = session.solve(parameters)
    assert perf_counter() - began < LIMIT + 3 * WAIT
    assert answer.termination is Termination.TIME_LIMIT
    assert answer.x is not None
    assert slow.limits[-1] < LIMIT - WAIT


def test_a_least_risk_that_is_not_the_least_proves_nothing(stated: Stated) -> None:
    structure, parameters = program(capped(stated))
    tight = replace(parameters, cap_limit=parameters.cap_limit - 1e4)
    slow = Slow(load_backend("osqp"))
    slow.ends = Termination.TIME_LIMIT
    answer = RiskBisection(slow).compile(structure, Settings()).solve(tight)
    assert answer.termination is Termination.TIME_LIMIT
    assert answer.x is None


def test_polishes_share_one_limit(stated: Stated) -> None:
    structure, parameters = program(stated(max_names=8))
    slow = Slow(load_backend("osqp"))
    rounding = RoundAndPolish(Relax(load_backend("osqp")), slow)
    settings = Settings(time_limit_s=LIMIT, relative_gap=0.0)
    began = perf_counter()
    answer = rounding.compile(structure, settings).solve(parameters)
    assert perf_counter() - began < LIMIT + 3 * WAIT
    assert answer.x is not None
    assert slow.limits[-1] < LIMIT - WAIT


@pytest.mark.parametrize("solver", ["clarabel", "osqp"])
def test_the_end_of_time_is_neither_infeasible_nor_a_failed_check(
    stated: Stated, solver: str
) -> None:
    report = sma.solve(capped(stated), solver, settings=Settings(time_limit_s=1e-6))
    assert report.status is sma.Status.NO_SOLUTION, report.message
