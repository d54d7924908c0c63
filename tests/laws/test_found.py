"""Small accounts on which these laws once found something wrong."""

from collections.abc import Callable

import pytest

import sma_research as sma

Draw = Callable[..., sma.Problem]


def test_masters_end_where_rounding_keeps_bound_and_answer_apart(draw: Draw) -> None:
    """Bound and answer are 1.3e-6 apart, by a linear program's own tolerance.

    The same tangents were added in five hundred masters.
    """
    problem = draw(10**6, 7, count=1, max_names=5)
    tight = sma.Settings(relative_gap=1e-6, time_limit_s=60)
    report = sma.solve(problem, "highs", settings=tight)
    assert report.solved, report.message
    assert report.counters["integer_masters"] < 100


def test_an_interior_point_that_aims_too_far_is_content_with_less(draw: Draw) -> None:
    """Without cash, rounding ended this relaxation on the way to a gap of 1e-9."""
    problem = draw(0, 6, max_names=2, max_weight=0.6, max_cash=0.0, cost_aversion=0.0)
    report = sma.solve(problem, "clarabel")
    assert report.solved, report.message
    assert report.metrics is not None
    assert report.metrics.objective == pytest.approx(0.1645272, rel=1e-5)


def test_more_names_than_there_are_is_a_conflict(draw: Draw) -> None:
    problem = draw(0, 6, min_names=7)
    report = sma.solve(problem, "clarabel")
    assert report.status is sma.Status.INFEASIBLE, report.message
    assert "names" in " ".join(report.conflict)
