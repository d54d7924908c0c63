"""A small account with a verified answer, and the task it belongs to."""

import numpy as np
import pytest
from sma_benchmarks.answer import Answer
from sma_benchmarks.instances.instance import AccountCase
from sma_benchmarks.task import Budget, Task

import sma_research as sma
from sma_research.report import Report


@pytest.fixture(scope="session")
def solved() -> Report:
    market = sma.synthetic_market(n_assets=60, n_factors=5, n_etfs=0, seed=1)
    mandate = sma.Mandate(
        target={"broad": 1.0},
        kinds={"stock"},
        max_names=20,
        max_weight=0.15,
        tracking_error_cap=0.2,
        exclude={market.universe.asset[3]},
    )
    account = sma.Account(account_id="small", cash=1e6, mandate=mandate)
    report = sma.solve(sma.Problem(market=market, account=account))
    assert report.solved
    return report


@pytest.fixture(scope="session")
def case(solved: Report) -> AccountCase:
    assert solved.problem is not None
    return AccountCase(problem=solved.problem)


@pytest.fixture(scope="session")
def claim(solved: Report) -> Answer:
    assert solved.rebalance is not None
    assert solved.certificate is not None
    assert solved.metrics is not None
    return Answer(
        status=str(solved.status),
        exactness="restriction",
        objective=solved.metrics.objective,
        bound=solved.bound,
        vectors={
            "buy": solved.rebalance.buy,
            "sell": solved.rebalance.sell,
            "cash": np.array([solved.rebalance.cash]),
            "y": solved.certificate.y,
            "cap_y": solved.certificate.cap_y,
        },
    )


@pytest.fixture(scope="session")
def task() -> Task:
    return Task(
        suite="test",
        suite_hash="0",
        family="test",
        instance="test:n=60",
        instance_hash="0",
        method="clarabel",
        budget=Budget(target_gap=1e-4),
    )
