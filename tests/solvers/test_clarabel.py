"""What is Clarabel's own: the cone of a cap, and accounts that change their rows."""

from dataclasses import replace

import numpy as np
import pytest

from sma_research.errors import SettingError
from sma_research.program.backend import Settings
from sma_research.program.form import Cap
from sma_research.program.registry import load_backend
from sma_research.program.solution import Termination
from sma_research.testing import programs
from sma_research.testing.programs import bounds, structure

CLARABEL = load_backend("clarabel")


def ball(limit: float, linear: float = 0.0) -> tuple[float, float, float]:
    r"""Answer and multiplier of :math:`\min -x_1` over :math:`c x^2 + h x_1 \le \kappa`.

    Returns the optimum, the multiplier, and the slope of the optimum in the limit.
    """
    square = np.array([2.0, 1.0])
    s = structure(
        np.zeros((2, 2)), np.zeros((0, 2)), caps=(Cap(name="ball", square=square),)
    )
    sides = bounds([-1.0, 0.0], rows=([], []), columns=(-np.inf, np.inf))
    values = []
    multiplier = 0.0
    step = 1e-4 * (abs(limit) or 1.0)
    for shift in (0.0, -step, step):
        d = replace(
            sides,
            cap_linear=np.array([[linear, 0.0]]),
            cap_limit=np.array([limit + shift]),
        )
        answer = CLARABEL.compile(s, Settings(tolerance=1e-9)).solve(d)
        assert answer.objective is not None
        assert answer.cap_y is not None
        values.append(answer.objective)
        multiplier = multiplier or float(answer.cap_y[0])
    return values[0], multiplier, (values[1] - values[2]) / (2 * step)


@pytest.mark.parametrize("limit", [1e-4, 0.02, 1.0, 400.0])
def test_a_cap_of_any_size(limit: float) -> None:
    """Without a linear part: x = sqrt(limit / c), slope 1 / (2 sqrt(limit c))."""
    value, multiplier, _ = ball(limit)
    assert value == pytest.approx(-np.sqrt(limit / 2.0), rel=1e-6)
    assert multiplier == pytest.approx(1.0 / (2.0 * np.sqrt(2.0 * limit)), rel=1e-4)


@pytest.mark.parametrize(("limit", "linear"), [(1.0, 3.0), (0.0, -2.0), (-0.1, 1.5)])
def test_a_cap_with_a_linear_part(limit: float, linear: float) -> None:
    """The square completed by hand; the limit may be zero, or below."""
    radius = limit + linear**2 / 8.0
    value, multiplier, slope = ball(limit, linear)
    assert value == pytest.approx(-(np.sqrt(radius / 2.0) - linear / 4.0), rel=1e-6)
    assert multiplier == pytest.approx(1.0 / (2.0 * np.sqrt(2.0 * radius)), rel=1e-4)
    assert slope == pytest.approx(multiplier, rel=1e-3)


def test_a_cap_may_be_linear_in_some_columns() -> None:
    r""":math:`\min y - 2 x` over :math:`x^2 - y \le 0` is -1 at (1, 1)."""
    s = structure(
        np.zeros((2, 2)),
        np.zeros((0, 2)),
        caps=(Cap(name="bowl", square=np.array([1.0, 0.0])),),
    )
    sides = bounds([-2.0, 1.0], rows=([], []), columns=(-10.0, 10.0))
    account = replace(sides, cap_linear=np.array([[0.0, -1.0]]), cap_limit=np.zeros(1))
    answer = CLARABEL.compile(s, Settings()).solve(account)
    assert answer.objective == pytest.approx(-1.0, abs=1e-6)
    assert answer.cap_y == pytest.approx([1.0], abs=1e-4)


def test_rows_may_change_their_kind_between_accounts() -> None:
    """Equation, band, one side, free: each account as a fresh session solves it."""
    case = programs.kkt_qp(0)
    d = case.parameters
    rng = np.random.default_rng(0)
    session = CLARABEL.compile(case.structure, Settings())
    middle = np.where(np.isfinite(d.row_lower), d.row_lower, d.row_upper)
    width = np.array([0.0, 0.5, np.inf])
    for _ in range(8):
        low = middle - rng.choice(width, middle.size)
        high = middle + rng.choice(width, middle.size)
        account = replace(d, row_lower=low, row_upper=high)
        again = session.solve(account)
        other = load_backend("osqp").compile(case.structure, Settings()).solve(account)
        assert again.termination is Termination.OPTIMAL
        assert again.objective == pytest.approx(other.objective, abs=1e-5)
        assert again.y is not None
        free = np.isinf(low) & np.isinf(high)
        assert (again.y[free] == 0.0).all()


@pytest.mark.parametrize(
    ("native", "said"),
    [({"no_such": 1}, "no_such"), ({"max_iter": "many"}, "max_iter")],
)
def test_settings_are_refused_by_name(native: dict[str, object], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        CLARABEL.compile(programs.kkt_qp(0).structure, Settings(native=native))


def test_few_steps_are_an_honest_limit() -> None:
    case = programs.kkt_qp(0)
    settings = Settings(native={"max_iter": 2})
    solution = CLARABEL.compile(case.structure, settings).solve(case.parameters)
    assert solution.termination is Termination.ITERATION_LIMIT
    assert solution.iterations == 2
