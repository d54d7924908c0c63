"""Sides of losses: solved twice, by binaries, and by trying every side."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import sma_research as sma
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.portfolio.realized import sided_groups
from sma_research.program.form import objective
from sma_research.program.registry import load_backend
from sma_research.sides import meeting_of

Told = Callable[..., sma.Problem]
ASSETS = ["GOOG", "GOOGL", "OIL", "BANK", "DRUG"]


def drawn(told: Told, seed: int) -> sma.Problem:
    """Eight lots, most of them at a loss, and cash to buy them back."""
    rng = np.random.default_rng(seed)
    price = dict(zip(ASSETS, [100.0, 100.0, 50.0, 20.0, 10.0], strict=True))
    lots = []
    for _ in range(8):
        asset = str(rng.choice(ASSETS))
        cost = price[asset] * rng.uniform(0.8, 1.5)
        shares = rng.uniform(200, 1500) / price[asset]
        lots.append((asset, float(shares), float(cost), int(rng.integers(40, 700))))
    aversion = float(rng.choice([2.0, 20.0]))
    return told(lots, cash=float(rng.uniform(0, 3000)), risk_aversion=aversion)


def enumerated(problem: sma.Problem) -> float:
    """The best of every choice of sides, each a convex program; its objective."""
    program = build(problem, Layout(market=problem.market, shape=shape_of(problem)))
    meeting, groups = meeting_of(program), sided_groups(problem)
    session = load_backend("clarabel").compile(program.structure, sma.Settings())
    best = np.inf
    for sides in product([True, False], repeat=groups.size):
        selling = np.zeros(meeting.groups, dtype=np.bool_)
        buying = selling.copy()
        selling[groups[list(sides)]] = True
        buying[groups[[not side for side in sides]]] = True
        d = meeting.restricted(program.parameters, selling=selling, buying=buying)
        answer = session.solve(d)
        if answer.x is not None:
            value = objective(program.structure, program.parameters, answer.x)
            best = min(best, program.scale * value)
    return best


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("solver", ["highs", "pyomo:scip"])
def test_binaries_find_the_best_of_every_side(
    told: Told, seed: int, solver: str
) -> None:
    problem = drawn(told, seed)
    report = sma.solve(problem, solver, formulation="trade_sides")
    assert report.status == "OPTIMAL", report.message
    assert report.metrics is not None
    best = enumerated(problem)
    assert report.metrics.objective == pytest.approx(best, rel=2e-4, abs=1e-7)
    assert report.bound is not None
    assert report.bound <= best + 1e-7


@pytest.mark.parametrize("seed", range(12))
def test_solving_again_is_never_better_and_seldom_worse(told: Told, seed: int) -> None:
    problem = drawn(told, seed)
    report = sma.solve(problem)
    assert report.metrics is not None
    assert report.certified_bound is not None
    best = enumerated(problem)
    assert report.certified_bound <= best + 1e-7
    assert report.metrics.objective >= best - 1e-6 * max(abs(best), 1.0)
    assert report.metrics.objective <= best + 0.02 * abs(best)


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
