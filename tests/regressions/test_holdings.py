"""A holding is something one can see: no dust, and names that count."""

import numpy as np
import pytest

import sma_research as sma
from sma_research.portfolio.mandate import NAME

FEW = 5  # names of the target


@pytest.fixture(scope="module")
def few() -> sma.Market:
    """A market whose target is five names of equal weight."""
    whole = sma.synthetic_market(60, 5, 0, seed=1)
    target = np.zeros(60)
    target[:FEW] = 1.0 / FEW
    return sma.Market(
        as_of=whole.as_of,
        universe=whole.universe,
        risk_model=whole.risk_model,
        benchmarks={"broad": target},
    )


def solved(market: sma.Market, solver: str, mandate: sma.Mandate) -> sma.Report:
    account = sma.Account(account_id="x", cash=1e6, mandate=mandate)
    problem = sma.Problem(market=market, account=account)
    report = sma.solve(problem, solver, settings=sma.Settings(time_limit_s=30))
    assert report.solved, report.message
    return report


@pytest.mark.parametrize("solver", ["clarabel", "osqp", "highs"])
def test_names_that_are_asked_for_are_names(few: sma.Market, solver: str) -> None:
    mandate = sma.Mandate(target={"broad": 1.0}, min_names=10)
    report = solved(few, solver, mandate)
    assert report.metrics is not None
    assert report.metrics.names == 10
    assert report.weights.min() >= NAME - 1e-6


@pytest.mark.parametrize("solver", ["clarabel", "osqp", "highs"])
def test_a_continuous_answer_holds_no_dust(solver: str) -> None:
    market = sma.synthetic_market(200, 10, 0, seed=0)
    target = np.asarray(market.benchmarks["large"]) > 0
    report = solved(market, solver, sma.Mandate(target={"large": 1.0}))
    assert report.weights.min() > 1e-6
    assert report.problem is not None
    assert report.metrics is not None
    assert report.metrics.names <= target.sum() + 3
