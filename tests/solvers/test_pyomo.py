"""The Pyomo sessions: known answers, limits, rows added and accounts in turn."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from sma_solvers.pyomo_miqp import PyomoMiqp

from sma_research.arrays import Vector, sparse
from sma_research.errors import (
    DataError,
    UnsupportedProgram,
)
from sma_research.program.backend import Service, Settings
from sma_research.program.form import Parameters, Structure
from sma_research.program.solution import Termination
from sma_research.testing import integer_programs, programs

FREE = ("highs", "scip")
TARGET = np.random.default_rng(3).dirichlet(np.ones(10))
NAMES, LARGEST = 3, 0.4


def names_program(*, squares: bool) -> tuple[Structure, Parameters]:
    """At most 3 of 10 names: nearest to a target, or cheapest where linear."""
    n = TARGET.size
    one, zero = np.ones((1, n)), np.zeros((1, n))
    big_m = np.hstack([np.eye(n), -(1.0 if squares else LARGEST) * np.eye(n)])
    structure = Structure(
        P=sparse(np.diag(np.repeat([2.0 if squares else 0.0, 0.0], n))),
        A=sparse(np.vstack([np.hstack([one, zero]), np.hstack([zero, one]), big_m])),
        integer=np.repeat([False, True], n),
        columns={"hold": slice(0, n), "on": slice(n, 2 * n)},
        rows={"budget": slice(0, 1), "names": slice(1, 2), "switch": slice(2, 2 + n)},
    )
    parameters = Parameters(
        q=np.concatenate([-2 * TARGET, np.zeros(n)]),
        r=float(TARGET @ TARGET),
        row_lower=np.concatenate([[1.0], np.full(1 + n, -np.inf)]),
        row_upper=np.concatenate([[1.0, NAMES], np.zeros(n)]),
        lower=np.zeros(2 * n),
        upper=np.ones(2 * n),
    )
    return structure, parameters


def nearest(support: tuple[int, ...]) -> float:
    """Distance of the target to its nearest point with that support."""
    held = list(support)
    weight = np.zeros(TARGET.size)
    weight[held] = TARGET[held] + (1 - TARGET[held].sum()) / len(held)
    return float(np.sum((weight - TARGET) ** 2))


def cheapest(support: tuple[int, ...]) -> float:
    """Least cost when each name takes 0.4 at most: the best first."""
    gain = np.sort(TARGET[list(support)])[::-1]
    return float(TARGET @ TARGET - 2 * gain @ [LARGEST, LARGEST, 1 - 2 * LARGEST])


def over_supports(value: Callable[[tuple[int, ...]], float]) -> float:
    return min(value(s) for s in combinations(range(TARGET.size), NAMES))


def names_held(x: Vector) -> int:
    return int((x[: TARGET.size] > 1e-6).sum())


@pytest.mark.parametrize("engine", FREE)
def test_a_linear_names_limit_equals_enumeration(engine: str) -> None:
    structure, parameters = names_program(squares=False)
    session = PyomoMiqp(engine).compile(structure, Settings(relative_gap=0.0))
    solution = session.solve(parameters)
    assert solution.termination is Termination.OPTIMAL
    assert solution.objective == pytest.approx(over_supports(cheapest), abs=1e-6)
    assert solution.x is not None
    assert names_held(solution.x) == NAMES
    assert solution.y is None


def test_a_quadratic_names_limit_equals_enumeration() -> None:
    structure, parameters = names_program(squares=True)
    session = PyomoMiqp("scip").compile(structure, Settings(relative_gap=0.0))
    solution = session.solve(parameters)
    assert solution.objective == pytest.approx(over_supports(nearest), abs=1e-5)
    assert solution.bound is not None
    assert solution.objective is not None
    assert solution.bound <= solution.objective
    assert solution.x is not None
    assert names_held(solution.x) == NAMES


def test_highs_refuses_integers_with_squares() -> None:
    structure, _ = names_program(squares=True)
    with pytest.raises(UnsupportedProgram, match="MIQP"):
        PyomoMiqp().compile(structure, Settings())


@pytest.mark.parametrize("engine", FREE)
def test_the_incumbent_survives_the_time_limit(engine: str) -> None:
    case = integer_programs.market_split()
    settings = Settings(time_limit_s=0.5, relative_gap=0.0)
    session = PyomoMiqp(engine).compile(case.structure, settings)
    for _ in range(2):  # the clock starts anew with every account
        solution = session.solve(case.parameters)
        assert solution.termination is Termination.TIME_LIMIT
        assert solution.x is not None
        assert solution.objective is not None
        assert solution.bound is not None
        assert solution.bound < solution.objective < 0.0
        assert 0.3 < solution.solve_s < 3.0


@pytest.mark.parametrize("engine", FREE)
def test_nothing_is_printed(engine: str, capfd: pytest.CaptureFixture[str]) -> None:
    structure, parameters = names_program(squares=False)
    backend = PyomoMiqp(engine)
    backend.compile(structure, Settings()).solve(parameters)
    broken = replace(parameters, row_upper=np.minimum(parameters.row_upper, 0.5))
    backend.compile(structure, Settings()).solve(broken)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine", FREE)
def test_the_next_account_equals_a_fresh_session(engine: str) -> None:
    """Rows that gain and lose a side, integers that widen, the same bits."""
    structure, first = names_program(squares=False)
    n = TARGET.size
    open_ended = first.row_upper.copy()
    open_ended[1] = np.inf
    free_names = replace(first, row_upper=open_ended)
    fewer = replace(
        first, row_upper=np.where(np.arange(2 + n) == 1, 4.0, first.row_upper)
    )
    wide = replace(first, upper=np.repeat([0.35, 2.0], n), q=first.q[::-1].copy())
    session = PyomoMiqp(engine).compile(structure, Settings(relative_gap=0.0))
    for account in (first, free_names, fewer, wide, first):
        again = session.solve(account)
        fresh = PyomoMiqp(engine).compile(structure, Settings(relative_gap=0.0))
        same = fresh.solve(account)
        assert again.termination is same.termination
        assert again.objective == same.objective
        assert again.x is not None
        assert same.x is not None
        assert np.array_equal(again.x, same.x)


def test_an_account_changed_in_place_is_seen() -> None:
    structure, parameters = names_program(squares=False)
    session = PyomoMiqp().compile(structure, Settings())
    before = session.solve(parameters).objective
    parameters.q[: TARGET.size] *= 2.0
    after = session.solve(parameters).objective
    assert before is not None
    assert after is not None
    assert after - parameters.r == pytest.approx(2 * (before - parameters.r))


@pytest.mark.parametrize("engine", FREE)
def test_added_rows_bind_until_they_are_cleared(engine: str) -> None:
    structure, parameters = names_program(squares=False)
    session = PyomoMiqp(engine).compile(structure, Settings(relative_gap=0.0))
    free = session.solve(parameters)
    best = int(np.argmax(TARGET))
    row = sparse(np.eye(1, 2 * TARGET.size, best))
    session.add_rows(row, np.array([-np.inf]), np.array([0.1]))
    bound = session.solve(parameters)
    session.clear_rows()
    session.add_rows(row, np.array([-np.inf]), np.array([np.inf]))
    session.add_rows(row, np.array([0.3]), np.array([0.3]))
    held = session.solve(parameters)
    session.clear_rows()
    assert free.objective is not None
    assert bound.x is not None
    assert bound.objective is not None
    assert held.x is not None
    assert bound.x[best] <= 0.1 + 1e-6
    assert bound.objective > free.objective + 1e-3
    assert held.x[best] == pytest.approx(0.3)
    assert session.solve(parameters).objective == free.objective


def test_multipliers_of_added_rows_follow_the_others() -> None:
    case = programs.kkt_lp(0)
    session = PyomoMiqp().compile(case.structure, Settings())
    session.solve(case.parameters)
    cost = sparse(case.parameters.q[None, :])
    session.add_rows(cost, np.array([case.objective + 0.1]), np.array([np.inf]))
    solution = session.solve(case.parameters)
    assert solution.y is not None
    assert solution.y.size == case.structure.A.shape[0] + 1
    assert solution.y[-1] == pytest.approx(-1.0)  # the lower side binds


def test_rows_that_do_not_fit_are_refused() -> None:
    structure, _ = names_program(squares=False)
    session = PyomoMiqp().compile(structure, Settings())
    with pytest.raises(DataError, match=r"rows are \(1, 3\), expected 1 by 20"):
        session.add_rows(sparse(np.ones((1, 3))), np.zeros(1), np.ones(1))
    with pytest.raises(DataError, match="NaN"):
        session.add_rows(sparse(np.ones((1, 20))), np.full(1, np.nan), np.ones(1))


def test_scip_begins_where_it_is_told() -> None:
    """It stops at its first point, and that is the start."""
    structure, parameters = names_program(squares=True)
    backend = PyomoMiqp("scip")
    assert Service.PRIMAL_START in backend.info.services
    best = backend.compile(structure, Settings(relative_gap=0.0)).solve(parameters)
    settings = Settings(native={"limits/solutions": 1})
    session = backend.compile(structure, settings)
    warm = session.solve(parameters, start=best.x)
    cold = session.solve(parameters)
    assert best.objective is not None
    assert cold.objective is not None
    assert warm.objective == pytest.approx(best.objective, abs=1e-5)
    assert cold.objective > best.objective + 1e-3
