"""Lots that may not be sold take their names: the rounding knows."""

from datetime import timedelta

import numpy as np
import pytest

import sma_research as sma
from sma_research.portfolio.problem import Problem

MARKET = sma.synthetic_market(n_assets=80, n_factors=5, n_etfs=0, seed=1)


def young() -> sma.Problem:
    """Four lots of the smallest names, too young to sell, and room for eight names."""
    universe = MARKET.universe
    smallest = np.argsort(np.asarray(MARKET.benchmarks["broad"]))[:4]
    price = np.asarray(universe.price)[smallest]
    return sma.Problem(
        market=MARKET,
        account=sma.Account(
            account_id="young",
            cash=500_000.0,
            mandate=sma.Mandate(
                target={"broad": 1.0}, max_names=8, max_weight=0.3, min_holding_days=60
            ),
            lots=sma.Lots(
                asset=[universe.asset[int(i)] for i in smallest],
                shares=5_000.0 / price,
                cost_per_share=0.9 * price,
                acquired=[MARKET.as_of - timedelta(days=10)] * 4,
            ),
        ),
    )


@pytest.mark.parametrize("solver", ["clarabel", "osqp"])
def test_kept_lots_are_among_the_names(solver: str) -> None:
    report = sma.solve(young(), solver)
    assert report.solved, report.message
    assert set(report.problem.account.lots.asset) <= set(report.weights.index)  # type: ignore[union-attr]


def test_without_knowing_no_names_were_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Problem, "kept", np.zeros(80))
    assert sma.solve(young()).status == "NO_SOLUTION"
