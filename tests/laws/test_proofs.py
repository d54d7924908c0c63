"""No bound above the truth, no answer below it: against every set of names, by hand."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import lsq_linear

import sma_research as sma

Draw = Callable[..., sma.Problem]
TIGHT = sma.Settings(relative_gap=1e-6, time_limit_s=30)
METHODS = (
    ("highs", None),
    ("clarabel", None),
    ("clarabel", "relax+round_and_polish"),
    ("osqp", None),
    ("highs", "round_and_polish"),
)
SUM = 1e5  # weight of the equation that says weights sum to one


def enumerated(problem: sma.Problem, names: int) -> float:
    """Least objective over every set of names, each a bounded least squares.

    An account of cash only, fully invested, without funds, that minimizes
    lambda |R (h - b)|^2 with R'R the covariance, 0 <= h <= u, and pays half the
    spread on what it buys: sum (1 + kappa) h = 1.
    """
    model, mandate = problem.market.risk_model, problem.account.mandate
    covariance = model.X @ model.F @ model.X.T + np.diag(model.s**2)
    R = np.linalg.cholesky(covariance).T
    price = 1.0 + 0.5 * np.asarray(problem.market.universe.spread)
    left = np.vstack([R, SUM * price])
    right = np.append(R @ problem.benchmark, SUM)
    least = np.inf
    for chosen in combinations(range(R.shape[1]), names):
        held = list(chosen)
        fit = lsq_linear(left[:, held], right, (0.0, mandate.max_weight), method="bvls")
        weight = np.zeros(R.shape[1])
        weight[held] = fit.x / (fit.x @ price[held])
        active = weight - problem.benchmark
        least = min(least, float(active @ covariance @ active))
    return mandate.risk_aversion * least


def invested(draw: Draw, seed: int, n: int, names: int, cap: float) -> sma.Problem:
    """No cash, and costs that only the budget sees: the case that `enumerated` understands."""
    return draw(
        seed, n, max_names=names, max_weight=cap, max_cash=0.0, cost_aversion=0.0
    )


@pytest.mark.parametrize(("solver", "formulation"), METHODS)
@settings(max_examples=6)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(6, 8),
    names=st.integers(2, 4),
    cap=st.sampled_from([0.6, 0.7, 1.0]),
)
def test_enumeration_stands_between_bound_and_answer(
    draw: Draw, solver: str, formulation: str | None, *, seed: int, n: int, names: int,
    cap: float,
) -> None:  # fmt: skip
    problem = invested(draw, seed, n, names, cap)
    best = enumerated(problem, names)
    report = sma.solve(problem, solver, formulation, TIGHT)
    assert report.solved, report.message
    assert report.metrics is not None
    assert report.certified_bound is not None
    assert report.certified_bound <= best * (1 + 1e-7)
    assert report.metrics.objective >= best * (1 - 1e-5) - 1e-9
    assert report.metrics.names <= names
    if report.status is sma.Status.OPTIMAL:
        assert report.metrics.objective == pytest.approx(best, rel=1e-5)


@settings(max_examples=5)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(6, 9),
    count=st.integers(0, 6),
    names=st.sampled_from([None, 3, 4]),
)
def test_no_answer_beats_the_bound_of_another(
    draw: Draw, seed: int, n: int, count: int, names: int | None
) -> None:
    problem = draw(seed, n, count=count, max_names=names, max_weight=0.5)
    reports = [
        sma.solve(problem, solver, settings=TIGHT)
        for solver in ("clarabel", "osqp", "highs", "pyomo")
    ]
    for report in reports:
        assert report.solved, report.message
        assert report.findings == ()
    values = [r.metrics.objective for r in reports if r.metrics is not None]
    bounds = [r.certified_bound for r in reports if r.certified_bound is not None]
    proven = [r.bound for r in reports if r.bound is not None]
    assert len(values) == len(bounds) == 4
    lowest = min(values)
    assert max(*bounds, *proven) <= lowest + 2e-6 * abs(lowest) + 1e-8
