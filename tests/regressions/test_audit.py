"""What the referee of an account must not overlook."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

import sma_research as sma
from sma_research.portfolio.audit import audit
from sma_research.portfolio.rebalance import Rebalance

N = 4


def problem(cost: float, identical: Sequence[str] | None = None) -> sma.Problem:
    """A tenth of the account in A, bought at a price of its own."""
    market = sma.Market(
        as_of=date(2025, 6, 30),
        universe=sma.Universe(
            asset=list("ABCD"), price=[10.0] * N, sector=["S"] * N,
            industry=["I"] * N, kind=["stock"] * N, identical=identical,
        ),
        risk_model=sma.RiskModel(
            factor_exposure=np.ones((N, 1)),
            factor_covariance=[[0.04]],
            specific_risk=[0.2] * N,
        ),
        benchmarks={"one": [0.25] * N},
    )  # fmt: skip
    lots = sma.Lots(
        asset=["A"], shares=[10.0], cost_per_share=[cost], acquired=[date(2025, 1, 2)]
    )
    mandate = sma.Mandate(target={"one": 1.0}, max_cash=1.0, min_names=1)
    account = sma.Account(account_id="x", lots=lots, cash=900.0, mandate=mandate)
    return sma.Problem(market=market, account=account)


def clauses(p: sma.Problem, buy: Sequence[float], sell: float) -> set[str]:
    trades = Rebalance(
        buy=np.array(buy), sell=np.array([sell]), cash=900.0 - 10 * sum(buy) + 10 * sell
    )
    return {finding.clause for finding in audit(p, trades)}


WASH = "purchase on the day of a sale at a loss"


@pytest.mark.parametrize(
    ("cost", "identical", "buy", "found"),
    [
        (12.0, None, [1.0, 0, 0, 0], {WASH}),
        (12.0, None, [0, 1.0, 0, 0], set()),
        (12.0, ["one", "one", "", ""], [0, 1.0, 0, 0], {WASH}),
        (12.0, ["", "", "", ""], [0, 1.0, 0, 0], set()),
        (8.0, None, [1.0, 0, 0, 0], set()),
        (10.0, None, [1.0, 0, 0, 0], set()),
    ],
)
def test_a_loss_bought_back_the_same_day_is_found(
    cost: float,
    identical: Sequence[str] | None,
    buy: Sequence[float],
    found: set[str],
) -> None:
    assert clauses(problem(cost, identical), buy, 5.0) == found


def test_a_position_that_nobody_would_notice_is_no_name() -> None:
    p = problem(8.0)
    assert clauses(p, [0.0, 1.0, 0.0, 0.0], 10.0) == set()
    assert "min_position" in clauses(p, [0.0, 0.005, 0.0, 0.0], 10.0)
    assert "number of names" in clauses(p, [0.0, 5e-5, 0.0, 0.0], 10.0)
