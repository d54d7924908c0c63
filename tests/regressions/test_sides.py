"""A loss is sold or the asset is bought: the choice, and what is proven about it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import sma_research as sma
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.canonical.meeting import meeting_of
from sma_research.canonical.netting_cases import netting_cases
from sma_research.canonical.recover import recover
from sma_research.portfolio import metrics
from sma_research.portfolio.audit import audit
from sma_research.program.registry import load_backend

Stated = Callable[..., sma.Problem]


# What losses are worth: lot by lot, or against some gains elsewhere and then nothing.
TAXES = ("linear", "netted")
YEAR = sma.YearToDate(held_away_short=20_000.0)


def harvest(stated: Stated, seed: int, tax_model: str = "netted") -> sma.Problem:
    """Four lots at a loss, most of which the target would buy back."""
    rng = np.random.default_rng(seed)
    shares = [
        (int(i), float(rng.uniform(0.005, 0.03)), float(rng.uniform(1.1, 1.6)))
        for i in rng.choice(np.arange(3, 30), 4, replace=False)
    ]
    aversion = float(rng.choice([20.0, 50.0, 100.0]))
    problem = stated(
        shares, max_weight=0.3, risk_aversion=aversion, tax_model=tax_model
    )
    account = replace(problem.account, year_to_date=YEAR)
    return sma.Problem(market=problem.market, account=account)


def best_of_all(problem: sma.Problem) -> float:
    """The best portfolio over every choice of sides, in every case of its tax."""
    layout = Layout(market=problem.market, shape=shape_of(problem))
    program = build(problem, layout)
    meeting, found = meeting_of(program), np.inf
    session = load_backend("clarabel").compile(program.structure, sma.Settings())
    groups = np.unique(meeting.sell_group)
    choices = product((False, True), repeat=groups.size)
    for case, sides in product(netting_cases(program), choices):
        selling = np.zeros(meeting.groups, dtype=np.bool_)
        selling[groups] = sides
        chosen = meeting.restricted(case.parameters, selling=selling, buying=~selling)
        x = session.solve(chosen).x
        assert x is not None
        rebalance = recover(program, x)
        assert not audit(problem, rebalance)
        found = min(found, metrics.objective(problem, rebalance))
    return found


@pytest.mark.parametrize("tax_model", TAXES)
@pytest.mark.parametrize("seed", range(4))
def test_the_choice_is_good_and_the_bound_holds_for_every_choice(
    stated: Stated, seed: int, tax_model: str
) -> None:
    problem = harvest(stated, seed, tax_model)
    report, best = sma.solve(problem), best_of_all(problem)
    assert report.counters["sides_chosen"] > 0
    assert report.metrics is not None
    assert report.metrics.objective == pytest.approx(best, rel=1e-4, abs=1e-8)
    assert report.bound is not None
    assert report.bound <= best + 1e-9
    assert report.status is sma.Status.OPTIMAL


def test_a_second_solve_that_meets_elsewhere_is_solved_again(stated: Stated) -> None:
    """Turnover forces trades to where losses are: new pairs appear on the way."""
    chosen = 0
    for seed in range(12):
        problem = harvest(stated, seed)
        wishes = replace(problem.account.mandate, max_turnover=0.6)
        account = replace(problem.account, mandate=wishes)
        report = sma.solve(sma.Problem(market=problem.market, account=account))
        assert report.solved, report.message
        assert not report.findings
        chosen += "sides_chosen" in report.counters
    assert chosen > 6


@pytest.mark.parametrize("tax_model", TAXES)
def test_a_model_chooses_sides_too(stated: Stated, tax_model: str) -> None:
    problem = harvest(stated, 0, tax_model)
    report = sma.solve_model(sma.build_model(problem))
    assert report.solved, report.message
    assert report.counters["sides_chosen"] > 0
