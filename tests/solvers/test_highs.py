"""What is HiGHS' own: clocks, threads, warm starts, and answers it should not give."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sma_solvers.highs_native import SilentHighs

from sma_research.arrays import sparse
from sma_research.errors import DataError, SettingError, UnsupportedProgram
from sma_research.program.backend import CutSession, Settings
from sma_research.program.registry import load_backend
from sma_research.program.solution import Termination
from sma_research.testing import integer_programs, programs
from sma_research.testing.programs import structure

HIGHS = load_backend("highs")


def cut_session(case: programs.Case) -> CutSession:
    """A session that takes rows."""
    session = HIGHS.compile(case.structure, Settings())
    assert isinstance(session, CutSession)
    return session


@pytest.mark.parametrize("threads", [(1, 2, 1), (2, 1, 2)])
def test_sessions_of_different_threads_live_together(threads: tuple[int, ...]) -> None:
    """HiGHS keeps one scheduler for the process, and fails on another count."""
    case = integer_programs.knapsack()
    sessions = [
        HIGHS.compile(case.structure, Settings(threads=count, relative_gap=0.0))
        for count in threads
    ]
    for session in [*sessions, *reversed(sessions)]:
        solution = session.solve(case.parameters)
        assert solution.objective == pytest.approx(case.objective)


def test_mixed_integer_qps_are_refused() -> None:
    case = integer_programs.cardinality(5, 2, pairs=False)
    with pytest.raises(UnsupportedProgram, match="MIQP"):
        HIGHS.compile(case.structure, Settings())


def test_an_added_row_costs_a_few_steps() -> None:
    case = programs.kkt_lp(0, p=200, r=80)
    session = cut_session(case)
    cold = session.solve(case.parameters)
    cost = sparse(case.parameters.q[None, :])
    session.add_rows(cost, np.array([case.objective + 0.1]), np.array([np.inf]))
    warm = session.solve(case.parameters)
    assert warm.objective == pytest.approx(case.objective + 0.1)
    assert cold.iterations is not None
    assert warm.iterations is not None
    assert warm.iterations < cold.iterations / 4


def test_cleared_rows_leave_no_trace() -> None:
    """Cold again: the bits a fresh session gives."""
    case = programs.kkt_lp(1, p=40, r=15)
    session = cut_session(case)
    first = session.solve(case.parameters)
    cost = sparse(case.parameters.q[None, :])
    session.add_rows(cost, np.array([case.objective + 0.1]), np.array([np.inf]))
    session.solve(case.parameters)
    session.clear_rows()
    again = session.solve(case.parameters)
    assert first.x is not None
    assert again.x is not None
    assert np.array_equal(first.x, again.x)
    assert again.iterations == first.iterations


def test_a_free_row_may_be_added() -> None:
    case = programs.kkt_lp(1)
    session = cut_session(case)
    row = sparse(np.ones((1, case.parameters.q.size)))
    session.add_rows(row, np.array([-np.inf]), np.array([np.inf]))
    assert session.solve(case.parameters).objective == pytest.approx(case.objective)


@pytest.mark.parametrize(
    ("row", "side"),
    [
        (np.ones((1, 5)), np.zeros(1)),
        (np.ones((1, 6)), np.zeros(2)),
        (np.full((1, 6), np.nan), np.zeros(1)),
        (np.ones((1, 6)), np.full(1, np.nan)),
    ],
)
def test_rows_that_do_not_fit_are_refused(row: Any, side: Any) -> None:
    session = cut_session(programs.kkt_lp(0))
    with pytest.raises(DataError):
        session.add_rows(sparse(row), side, side)


def test_cuts_bind_a_search_too() -> None:
    case = integer_programs.knapsack()
    session = HIGHS.compile(case.structure, Settings(relative_gap=0.0))
    assert isinstance(session, CutSession)
    items = case.parameters.q.size
    session.add_rows(sparse(np.ones((1, items))), np.array([-np.inf]), np.ones(1))
    one = session.solve(case.parameters)
    assert one.objective is not None
    assert one.objective > case.objective
    session.clear_rows()
    assert session.solve(case.parameters).objective == pytest.approx(case.objective)


def test_tolerances_are_never_tighter_than_its_own() -> None:
    """HiGHS 3258: a feasible program called infeasible at tighter ones."""
    case = integer_programs.knapsack()
    session = HIGHS.compile(case.structure, Settings(tolerance=1e-12, relative_gap=0.0))
    native: Any = vars(session)["_highs"]
    values = {
        name: native.getOptionValue(name)[1]
        for name in (
            "primal_feasibility_tolerance",
            "dual_feasibility_tolerance",
            "mip_feasibility_tolerance",
        )
    }
    assert min(values.values()) >= 1e-7
    assert values["mip_feasibility_tolerance"] >= 1e-6
    assert session.solve(case.parameters).termination is Termination.OPTIMAL


@pytest.mark.parametrize("native", [{"no_such": 1}, {"presolve": 3}, {"threads": []}])
def test_options_are_refused_by_name(native: dict[str, object]) -> None:
    (name,) = native
    with pytest.raises(SettingError, match=name):
        HIGHS.compile(programs.kkt_lp(0).structure, Settings(native=native))


@pytest.mark.parametrize("entry", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["P", "A"])
def test_matrices_that_hold_no_numbers_are_refused(name: str, entry: float) -> None:
    """For NaN in a matrix HiGHS says "Optimal"."""
    s = programs.kkt_qp(0).structure
    matrix = getattr(s, name).copy()
    matrix.data[-1] = entry
    with pytest.raises(DataError, match=f"{name} holds"):
        HIGHS.compile(replace(s, **{name: matrix}), Settings())


@pytest.mark.parametrize("lowest", [-1.0, -0.5, -1e-3])
def test_an_indefinite_hessian_is_refused(lowest: float) -> None:
    """HiGHS calls it optimal."""
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    P = basis @ np.diag([lowest, 1.0, 1.0, 2.0, 3.0]) @ basis.T
    with pytest.raises(DataError, match="positive semidefinite"):
        HIGHS.compile(structure(P, np.ones((1, 5))), Settings())


def test_a_semidefinite_hessian_is_taken() -> None:
    row = np.arange(1.0, 6.0)
    HIGHS.compile(structure(np.outer(row, row), np.ones((1, 5))), Settings())


def test_an_asymmetric_hessian_is_refused() -> None:
    with pytest.raises(DataError, match="symmetric"):
        HIGHS.compile(structure([[2.0, 1.0], [0.0, 2.0]], [[1.0, 1.0]]), Settings())


def test_it_is_silent_before_any_option_is_set(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """From 1.16 on the constructor prints a banner, before that the first model."""
    highs = SilentHighs()
    highs.addVar(0.0, 1.0)
    highs.run()
    assert capfd.readouterr() == ("", "")
