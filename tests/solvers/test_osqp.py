"""What is OSQP's own: traps of the library, and how the backend steps around them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sma_solvers.osqp_settings import quiet_solve

from sma_research.errors import BackendError, DataError, SettingError
from sma_research.program.backend import Settings
from sma_research.program.registry import load_backend
from sma_research.program.solution import Termination
from sma_research.program.verify import residuals
from sma_research.testing import programs

OSQP = load_backend("osqp")


def test_no_direction_is_read_as_a_point() -> None:
    """OSQP leaves 2e9 in the vector of an infeasible program."""
    case = programs.infeasible()
    solution = OSQP.compile(case.structure, Settings()).solve(case.parameters)
    assert solution.termination is Termination.INFEASIBLE
    assert solution.x is None
    assert solution.y is None


def test_crossed_bounds_do_not_return_the_account_before() -> None:
    """OSQP refuses such an update without a word, and solves the old one."""
    case = programs.kkt_qp(0)
    session = OSQP.compile(case.structure, Settings())
    session.solve(case.parameters)
    d = case.parameters
    crossed = session.solve(replace(d, lower=d.upper + 1.0))
    assert crossed.termination is Termination.INFEASIBLE
    assert "column 0" in crossed.native_status


def test_numbers_osqp_reads_as_infinity_are_refused() -> None:
    case = programs.kkt_qp(0)
    d = case.parameters
    huge = replace(d, row_lower=d.row_upper + 1e150, row_upper=d.row_upper + 1e150)
    with pytest.raises(DataError, match=r"1e\+30"):
        OSQP.compile(case.structure, Settings()).solve(huge)


def test_a_bad_polish_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polishing may spoil a solved point: https://github.com/osqp/osqp/issues/790."""
    polished: list[bool] = []

    def spoil(model: Any) -> Any:
        result = quiet_solve(model)
        polished.append(bool(model.settings.polishing))
        if polished[-1]:
            result.x = result.x + 0.17
            result.info.dual_res = 0.197
        return result

    monkeypatch.setattr("sma_solvers.osqp_qp.quiet_solve", spoil)
    case = programs.kkt_qp(0)
    session = OSQP.compile(case.structure, Settings())
    for _ in range(2):
        solution = session.solve(case.parameters)
        assert solution.objective == pytest.approx(case.objective, abs=1e-4)
        assert residuals(case.structure, case.parameters, solution).within(1e-4)
    assert polished == [True, False, True, False]


def test_lps_end_at_the_vertex() -> None:
    """Plain splitting does not solve one of these in 100 000 steps."""
    for seed in range(5):
        case = programs.kkt_lp(seed, p=50, r=20)
        solution = OSQP.compile(case.structure, Settings()).solve(case.parameters)
        assert solution.termination is Termination.OPTIMAL
        assert case.x is not None
        assert solution.x is not None
        np.testing.assert_allclose(solution.x, case.x, atol=1e-4)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_lps_of_any_scale(scale: float) -> None:
    case = programs.kkt_lp(3)
    account = replace(case.parameters, q=scale * case.parameters.q)
    solution = OSQP.compile(case.structure, Settings()).solve(account)
    assert solution.objective == pytest.approx(scale * case.objective, rel=1e-4)


def test_limits_keep_the_iterate() -> None:
    case = programs.kkt_qp(0, p=60, r=20)
    settings = Settings(native={"max_iter": 10})
    solution = OSQP.compile(case.structure, settings).solve(case.parameters)
    assert solution.termination is Termination.ITERATION_LIMIT
    assert solution.x is not None
    assert solution.iterations == 10


@pytest.mark.parametrize(
    ("native", "said"),
    [
        ({"no_such": 1}, "no_such"),
        ({"max_iter": "many"}, "max_iter"),
        ({"scaling": 2.5}, "scaling"),
        ({"rho": None}, "rho"),
    ],
)
def test_settings_are_refused_by_name(native: dict[str, object], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        OSQP.compile(programs.kkt_qp(0).structure, Settings(native=native))


def test_settings_out_of_range_are_an_error_with_a_cause() -> None:
    settings = Settings(native={"alpha": -1.0})
    with pytest.raises(BackendError) as refusal:
        OSQP.compile(programs.kkt_qp(0).structure, settings)
    assert refusal.value.__cause__ is not None


def test_the_step_size_starts_again_with_each_account() -> None:
    """An account that moves the step size leaves the next one as it was."""
    case = programs.kkt_qp(5, p=30, r=12)
    d = case.parameters
    far = replace(d, q=1e4 * d.q)
    fresh = OSQP.compile(case.structure, Settings()).solve(d)
    session = OSQP.compile(case.structure, Settings())
    session.solve(far)
    again = session.solve(d)
    assert fresh.x is not None
    assert again.x is not None
    assert np.array_equal(fresh.x, again.x)
    assert fresh.iterations == again.iterations
