"""The cases of a netted tax: one by one, by a binary, and what one proves of another."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.canonical.netting_cases import (
    carried_over,
    certified,
    netting_cases,
)
from sma_research.explain import proven_infeasible
from sma_research.program.certificate import certify
from sma_research.program.deadline import Deadline
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution
from tests.tax.enumeration import TAXES, best_sides, drawn, enumerated, program_of

Told = Callable[..., sma.Problem]
SEEDS = range(12)
NETTED = TAXES[1:]
TIGHT = sma.Settings(tolerance=1e-9)


def value(report: sma.Report) -> float:
    assert report.solved, report.message
    assert report.findings == ()
    assert report.metrics is not None
    return report.metrics.objective


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("solver", ["highs", "pyomo:scip"])
def test_a_binary_finds_the_best_case(told: Told, seed: int, solver: str) -> None:
    """Losses that cannot be bought back have no sides: both ways prove their answer."""
    problem = drawn(told, seed, barred=True, **NETTED[seed % 2])
    cases = sma.solve(problem)
    switched = sma.solve(problem, solver, "netting_switch")
    assert cases.status == switched.status == "OPTIMAL"
    assert value(switched) == pytest.approx(value(cases), rel=2e-4, abs=1e-7)
    for report in (cases, switched):
        assert report.bound is not None
        assert report.bound <= min(value(cases), value(switched)) + 1e-7
    assert "netting_case" not in switched.counters


@pytest.mark.parametrize("seed", SEEDS)
def test_binaries_find_the_best_side_of_the_best_case(told: Told, seed: int) -> None:
    problem = drawn(told, seed, **NETTED[seed % 2])
    report = sma.solve(problem, "pyomo:scip", "trade_sides+netting_switch")
    assert report.status == "OPTIMAL", report.message
    assert report.formulation.startswith("trade_sides+netting_switch+")
    best = enumerated(problem)
    assert value(report) == pytest.approx(best, rel=2e-4, abs=1e-7)
    assert report.bound is not None
    assert report.bound <= best + 1e-7


def test_a_case_by_a_binary_needs_integers(told: Told) -> None:
    report = sma.solve(drawn(told, 0), "clarabel", "netting_switch")
    assert report.status == "UNSUPPORTED"
    assert "integer" in report.message


@pytest.mark.parametrize("wishes", [{"tax_model": "linear"}, {"tax_aversion": 0.0}])
def test_a_tax_without_cases_needs_no_binary(
    told: Told, wishes: dict[str, Any]
) -> None:
    report = sma.solve(drawn(told, 0, **wishes), "clarabel", "netting_switch")
    assert report.formulation == "netting_switch+direct"
    assert value(report) == value(sma.solve(drawn(told, 0, **wishes)))


def answers(problem: sma.Problem) -> list[Solution]:
    """The optimum of every case, by an interior point."""
    cases = netting_cases(program_of(problem))
    session = load_backend("clarabel").compile(cases[0].structure, TIGHT)
    return [session.solve(case.parameters) for case in cases]


@pytest.mark.parametrize("tax", NETTED)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_multipliers_prove_more_than_the_optimum_of_a_case(
    told: Told, seed: int, tax: dict[str, Any]
) -> None:
    problem, rng = drawn(told, seed, tax_budget=0.1, **tax), np.random.default_rng(seed)
    found = answers(problem)
    for case, own in zip(netting_cases(program_of(problem)), found, strict=True):
        assert own.objective is not None
        best = best_sides(case)
        allowed = best + 1e-6 * max(abs(best), 1.0)
        assert certified(case, None).bound <= allowed
        for other in found:
            assert other.y is not None
            for noise in (0.0, 1e-3, 1.0):
                y = other.y + noise * rng.normal(size=other.y.size)
                assert certified(case, y).bound <= allowed
        s, d = case.structure, case.parameters
        relaxed = certify(s, d, own.y).bound
        assert relaxed == pytest.approx(own.objective, rel=1e-5, abs=1e-5)
        assert certified(case, own.y).bound >= relaxed - 1e-9 * abs(relaxed)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_other_weights_of_the_pieces_prove_more(told: Told, seed: int) -> None:
    problem, rng = drawn(told, seed, **NETTED[seed % 2]), np.random.default_rng(seed)
    found, cases = answers(problem), netting_cases(program_of(problem))
    for case, other in zip(cases, found[::-1], strict=True):
        s, d = case.structure, case.parameters
        assert other.y is not None
        y, at = carried_over(case, other.y), s.rows["tax_pieces"]
        best = certify(s, d, y).bound
        closed = d.row_lower[at] > -np.inf
        for spread in (0.01, 0.1, 1.0):
            weights = np.maximum(-y[at] + spread * rng.normal(size=closed.size), 0.0)
            moved = y.copy()
            moved[at] = np.where(closed, -weights, 0.0)
            assert certify(s, d, moved).bound <= best + 1e-7 * max(abs(best), 1.0)


@pytest.mark.parametrize("barred", [True, False])
def test_a_case_that_is_not_solved_would_change_nothing(
    told: Told, monkeypatch: pytest.MonkeyPatch, *, barred: bool
) -> None:
    """Where losses may be bought back, an answer is far from its bound.

    There a case may hold a better answer whatever its bound, so that both are solved.
    """
    problems = [
        drawn(told, seed, barred=barred, **tax) for seed in range(16) for tax in NETTED
    ]
    once = [sma.solve(problem) for problem in problems]
    monkeypatch.setattr("sma_research.netted.CLOSE", -np.inf)
    skipped = 0
    for problem, report in zip(problems, once, strict=True):
        both = sma.solve(problem)
        assert both.counters["netting_solves"] == 2.0
        skipped += report.counters["netting_solves"] == 1.0
        assert value(report) == pytest.approx(value(both), rel=1e-4, abs=1e-8)
        assert report.bound is not None
        assert both.bound is not None
        assert report.bound == pytest.approx(both.bound, rel=2e-6, abs=1e-8)
    assert 0 < skipped < len(problems) if barred else skipped < len(problems)


@pytest.mark.parametrize(("seed", "budget"), [(1, -0.03), (2, -0.05), (3, -0.01)])
def test_a_case_that_cannot_meet_a_budget_bounds_nothing(
    told: Told, seed: int, budget: float
) -> None:
    problem = drawn(told, seed, barred=True, tax_budget=budget)
    cases = netting_cases(program_of(problem))
    proven = [proven_infeasible(case, Deadline.after(30.0)) for case in cases]
    assert [bool(found) for found in proven] == [False, True]
    report, switched = sma.solve(problem), sma.solve(problem, "highs", "netting_switch")
    assert report.status == "OPTIMAL", report.message
    assert value(report) == pytest.approx(value(switched), rel=2e-4, abs=1e-7)
    assert report.metrics is not None
    assert report.metrics.tax <= budget + 1e-6
    named = drawn(told, seed, barred=True, tax_budget=budget, max_names=3)
    searched = sma.solve(named, "highs")
    assert searched.status == "OPTIMAL", searched.message
    assert searched.claimed_bound == pytest.approx(value(searched), rel=1e-4)


@pytest.mark.parametrize("tax", NETTED)
@pytest.mark.parametrize("seed", range(4))
def test_a_model_has_the_case_as_a_component(
    told: Told, seed: int, tax: dict[str, Any]
) -> None:
    problem = drawn(told, seed, barred=True, **tax)
    model = sma.build_model(problem)
    assert len(model.case) == 1
    report = sma.solve_model(model)
    assert report.status == "OPTIMAL", report.message
    assert value(report) == pytest.approx(value(sma.solve(problem)), rel=2e-4, abs=1e-7)
    assert not hasattr(sma.build_model(drawn(told, seed, tax_model="linear")), "case")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_program_without_a_case_is_a_relaxation(told: Told, seed: int) -> None:
    problem = drawn(told, seed, **NETTED[seed % 2])
    program = program_of(problem)
    session = load_backend("clarabel").compile(program.structure, TIGHT)
    answer = session.solve(program.parameters)
    assert answer.objective is not None
    bound = certify(program.structure, program.parameters, answer.y).bound
    assert bound == pytest.approx(answer.objective, rel=1e-6, abs=1e-6)
    assert program.scale * bound <= value(sma.solve(problem))
    for case in answers(problem):
        assert case.objective is not None
        assert answer.objective < case.objective
