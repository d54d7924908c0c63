"""Where a search by tangents begins, and what it says when a limit comes first."""

from collections.abc import Callable

import numpy as np
import pytest

import sma_research as sma
from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.formulations.catalog import method
from sma_research.program.backend import Settings
from sma_research.program.registry import load_backend
from sma_research.program.solution import Incumbent, Solution, Termination

ENGINES = ("highs", "pyomo")


def program_of(problem: sma.Problem) -> Program:
    return build(problem, Layout(market=problem.market, shape=shape_of(problem)))


def searched(
    program: Program,
    engine: str,
    settings: Settings,
    observe: Callable[[Incumbent], bool] | None = None,
) -> Solution:
    how = method(
        program.structure, load_backend(engine), "tangent_cuts",
        polish=load_backend("clarabel"),
    )  # fmt: skip
    session = how.backend.compile(program.structure, settings)
    return session.solve(program.parameters, observe=observe)


def stocks(count: int, mandate: sma.Mandate) -> sma.Problem:
    account = sma.Account(account_id="one", cash=1e6, mandate=mandate)
    market = sma.synthetic_market(n_assets=count, n_factors=6, n_etfs=0, seed=0)
    return sma.Problem(market=market, account=account)


@pytest.fixture(scope="module")
def wide() -> sma.Problem:
    """Three hundred stocks without a limit of names, with a cap on risk."""
    mandate = sma.Mandate(
        target={"broad": 1.0}, max_weight=0.04, tracking_error_cap=0.03
    )
    return stocks(300, mandate)


@pytest.fixture(scope="module")
def named() -> sma.Problem:
    """At most seven of twenty-five stocks, each of 2 % or more."""
    mandate = sma.Mandate(target={"broad": 1.0}, max_names=7, min_position=0.02)
    return stocks(25, mandate)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_convex_program_takes_few_linear_ones(wide: sma.Problem, engine: str) -> None:
    """Without tangents where the optimum is there are hundreds."""
    program, settings = program_of(wide), Settings(time_limit_s=60)
    found = searched(program, engine, settings)
    other = load_backend("clarabel").compile(program.structure, settings)
    known = other.solve(program.parameters)
    assert found.termination is Termination.OPTIMAL
    assert 1 <= found.counters["linear_programs"] <= 5
    assert found.objective == pytest.approx(known.objective, rel=1e-5)
    assert "clarabel" in found.native_status


@pytest.mark.parametrize("engine", ENGINES)
def test_there_is_a_portfolio_before_any_master(
    named: sma.Problem, engine: str
) -> None:
    """Stopped at its first point, the search has one, and a bound below it."""
    program = program_of(named)
    found = searched(program, engine, Settings(), observe=lambda _: False)
    assert found.termination is Termination.INTERRUPTED
    assert "integer_masters" not in found.counters
    assert found.x is not None
    assert found.objective is not None
    assert found.bound is not None
    assert 0.5 * found.objective < found.bound <= found.objective
    assert found.native_status.startswith("after 0 linear and 0 integer programs")


@pytest.mark.parametrize("engine", ENGINES)
def test_masters_never_lose_the_first_portfolio(
    named: sma.Problem, engine: str
) -> None:
    program = program_of(named)
    first = searched(program, engine, Settings(), observe=lambda _: False)
    last = searched(program, engine, Settings(time_limit_s=30))
    values = [seen.objective for seen in last.incumbents]
    assert values[0] == pytest.approx(first.objective)
    assert values == sorted(values, reverse=True)
    assert last.objective == values[-1]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_limit_is_the_reason_not_the_last_linear_program(
    named: sma.Problem, engine: str
) -> None:
    settings = Settings(time_limit_s=1e-4)
    report = sma.solve(named, engine, "tangent_cuts", settings)
    assert report.termination is Termination.TIME_LIMIT
    assert "Optimal" not in report.native_status
    assert "integer programs" in report.native_status
    assert np.isfinite(report.solve_s)
