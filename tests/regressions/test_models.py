"""Models that a person worked on: judged by what they say now."""

from collections.abc import Callable

import pyomo.environ as pyo
import pytest

import sma_research as sma

Stated = Callable[..., sma.Problem]


def test_the_gap_of_another_objective_is_that_of_the_objective(stated: Stated) -> None:
    model = sma.build_model(stated())
    for cost in model.hold_cost.values():
        cost.set_value(pyo.value(cost) + 1.0)
    report = sma.solve_model(model)
    assert report.status is sma.Status.OPTIMAL, report.message
    assert report.gap == pytest.approx(0.0, abs=1e-4)
    assert report.metrics is not None
    assert report.bound is not None
    assert report.bound > report.metrics.objective + 0.5


def test_a_model_that_cannot_be_says_so_with_proof(stated: Stated) -> None:
    model = sma.build_model(stated())
    asset = next(iter(model.hold))
    model.too_much = pyo.Constraint(expr=model.hold[asset] >= 150)
    report = sma.solve_model(model)
    assert report.status is sma.Status.INFEASIBLE
    assert "constraints added to the model" in report.conflict[0]


def test_a_claim_that_cannot_be_proven_is_withdrawn(stated: Stated) -> None:
    """A variable of a person's own that can have no value: nothing prices that."""
    model = sma.build_model(stated())
    model.mine = pyo.Var(bounds=(3.0, 2.0))
    model.used = pyo.Constraint(expr=model.mine + next(iter(model.hold.values())) >= 0)
    report = sma.solve_model(model)
    assert report.status is sma.Status.NUMERICAL
    assert "not proven" in report.message


def test_a_pair_that_is_gone_switches_nothing(stated: Stated) -> None:
    """A holding without its switch weighs what was solved, whatever its binary says."""
    problem = stated(max_names=10)
    model = sma.build_model(problem)
    model.pair_lower[0].deactivate()
    model.pair_upper[0].deactivate()
    asset = problem.market.universe.asset[0]
    model.on[asset].fix(0)
    model.wanted = pyo.Constraint(expr=model.hold[asset] >= 2.0)
    report = sma.solve_model(model)
    assert report.rebalance is not None, report.message
    assert report.rebalance.weight(problem)[0] >= 0.02 - 1e-6
