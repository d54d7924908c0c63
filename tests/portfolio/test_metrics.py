"""Every figure of one rebalance, by hand; reasons of its trades."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import sma_research as sma
from sma_research.portfolio import metrics
from sma_research.portfolio.reasons import reasons

Stated = Callable[..., sma.Problem]

# 110 ALPHA, 50 BRAVO, 15 CARGO, 10 DELTA, 7 FUND, of 4,000 USD
WEIGHT = np.array([0.275, 0.25, 0.15, 0.125, 0.175])
ACTIVE = np.array([
    0.275 + 0.5 * 0.175 - 0.4, 0.25 + 0.4 * 0.175 - 0.3, 0.15 - 0.2, 0.125 - 0.1, 0.0175
])  # fmt: skip


def variance() -> float:
    X = np.array([[1.0, 0.2], [1.0, -0.1], [1.0, 0.5], [1.0, 0.0], [0.9, 0.06]])
    F = np.array([[0.04, 0.002], [0.002, 0.01]])
    specific = np.diag(np.array([0.2, 0.25, 0.3, 0.15, 0.1]) ** 2)
    dense = X @ F @ X.T + specific
    return float(ACTIVE @ dense @ ACTIVE + (0.004 * 0.175) ** 2)


def test_shares_and_weights(stated: Stated, rebalance: sma.Rebalance) -> None:
    problem = stated()
    shares = rebalance.shares_after(problem)
    np.testing.assert_allclose(shares, [110.0, 50.0, 15.0, 10.0, 7.0])
    np.testing.assert_allclose(rebalance.weight(problem), WEIGHT)
    np.testing.assert_allclose(
        rebalance.buy_weight(problem), [0.0, 0.25, 0.0, 0.125, 0.175]
    )
    np.testing.assert_allclose(rebalance.sell_weight(problem), [0.1, 0.0, 0.1])


# 80 USD long-term less 100 short-term: against other income, or lot by lot.
TAXES = {
    "netted": -20.0 * 0.4 / 4000,
    "linear": 0.1 * (0.25 * 0.2) + 0.1 * (0.4 * -0.25),
}


@pytest.mark.parametrize(("model", "tax"), TAXES.items())
def test_every_figure_by_hand(
    stated: Stated, rebalance: sma.Rebalance, model: str, tax: float
) -> None:
    problem = stated(
        exclude={"BRAVO"}, risk_aversion=50.0, tax_aversion=0.5, cost_aversion=2.0,
        horizon_years=4.0, tax_model=model,
    )  # fmt: skip
    cost = 2.975 / 4000
    expected = sma.Metrics(
        tracking_error=np.sqrt(variance()),
        names=5,
        largest_weight=0.275,
        active_share=0.5 * float(np.abs(ACTIVE).sum()),
        turnover=0.5 * (0.55 + 0.2),
        tax=tax,
        netted_tax=TAXES["netted"],
        tax_error=tax - TAXES["netted"],
        short_term_gain=0.1 * -0.25,
        long_term_gain=0.1 * 0.2,
        transaction_cost=cost,
        waiting_cost=0.0,
        substitution_cost=0.0,
        cash_weight=97.025 / 4000,
        restricted_in_funds=0.4 * 0.175,
        objective=50.0 * variance() + (0.5 * tax + 2.0 * cost) / 4.0,
    )
    found = metrics.measure(problem, rebalance)
    for name in vars(expected):
        assert getattr(found, name) == pytest.approx(
            getattr(expected, name), rel=1e-12
        ), name


def test_no_trade_costs_nothing(stated: Stated) -> None:
    problem = stated()
    idle = sma.Rebalance(buy=np.zeros(5), sell=np.zeros(3), cash=1500.0)
    found = metrics.measure(problem, idle)
    assert (found.turnover, found.tax, found.transaction_cost) == (0.0, 0.0, 0.0)
    np.testing.assert_allclose(idle.weight(problem), problem.held)
    assert found.cash_weight == 0.375


def test_a_weight_of_dust_is_no_name() -> None:
    assert metrics.names(np.array([0.5, metrics.HELD, 2e-6, 0.0])) == 2


def test_reasons_of_trades(stated: Stated, rebalance: sma.Rebalance) -> None:
    buy, sell = reasons(stated(), rebalance)
    assert buy.tolist() == [
        *["towards the target"] * 4,
        "stands in for assets not held",
    ]
    assert sell.tolist() == [
        "towards the target",
        "realizes a loss, towards the target",
        "realizes a loss, towards the target",
    ]


def test_a_restriction_is_the_first_reason(
    stated: Stated, rebalance: sma.Rebalance
) -> None:
    gone = replace(rebalance, sell=np.array([100.0, 50.0, 25.0]))
    _, sell = reasons(stated(screens={"oil"}), gone)
    assert sell.tolist() == ["full exit", "full exit", "screened: oil"]
    _, sell = reasons(stated(screens={"oil"}, exclude={"CARGO"}), gone)
    assert sell[2] in {"screened: oil", "excluded by name"}
    _, sell = reasons(stated(kinds={"etf"}), gone)
    assert set(sell) == {"kind not held by the mandate"}
