"""Sides of losses: solved twice, by binaries, and by trying every side."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import sma_research as sma
from tests.tax.enumeration import TAXES, drawn, enumerated

Told = Callable[..., sma.Problem]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("solver", ["highs", "pyomo:scip"])
def test_binaries_find_the_best_of_every_side(
    told: Told, seed: int, solver: str
) -> None:
    problem = drawn(told, seed, **TAXES[seed % len(TAXES)])
    report = sma.solve(problem, solver, formulation="trade_sides")
    assert report.status == "OPTIMAL", report.message
    assert report.metrics is not None
    best = enumerated(problem)
    assert report.metrics.objective == pytest.approx(best, rel=2e-4, abs=1e-7)
    assert report.bound is not None
    assert report.bound <= best + 1e-7


@pytest.mark.parametrize("tax", TAXES)
def test_solving_again_is_never_better_and_seldom_worse(
    told: Told, tax: dict[str, Any]
) -> None:
    worse = 0
    for seed in range(12):
        problem = drawn(told, seed, **tax)
        report = sma.solve(problem)
        assert report.metrics is not None
        assert report.certified_bound is not None
        best = enumerated(problem)
        assert report.certified_bound <= best + 1e-7
        assert report.metrics.objective >= best - 1e-6 * max(abs(best), 1.0)
        assert report.metrics.objective <= best + 0.05 * abs(best)
        worse += report.metrics.objective > best + 0.005 * abs(best)
    assert worse <= 1


def test_sides_need_integers(told: Told) -> None:
    report = sma.solve(drawn(told, 0), "clarabel", formulation="trade_sides")
    assert report.status == "UNSUPPORTED"
    assert "integer" in report.message


def test_an_account_without_losses_has_no_sides(told: Told) -> None:
    problem = told([("GOOG", 10.0, 50.0, 100)])
    report = sma.solve(problem, "clarabel", formulation="trade_sides")
    assert report.status == "OPTIMAL"
    assert report.formulation == "trade_sides+direct"


def test_a_book_takes_sides_account_by_account(told: Told) -> None:
    one, other = drawn(told, 1), drawn(told, 2)
    accounts = [
        replace(p.account, account_id=name)
        for name, p in (("one", one), ("other", other))
    ]
    reports = list(
        sma.solve_book(one.market, accounts, "highs", formulation="trade_sides")
    )
    for report, problem in zip(reports, (one, other), strict=True):
        alone = sma.solve(problem, "highs", formulation="trade_sides")
        assert report.metrics is not None
        assert alone.metrics is not None
        assert report.metrics.objective == pytest.approx(alone.metrics.objective)
