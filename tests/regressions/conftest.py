"""A small market, and accounts on it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

import sma_research as sma

Stated = Callable[..., sma.Problem]
VALUE = 1e6


@pytest.fixture(scope="session")
def market() -> sma.Market:
    return sma.synthetic_market(40, 5, 0, seed=1)


@pytest.fixture(scope="session")
def stated(market: sma.Market) -> Stated:
    """An account with a share of its value in each of some assets."""

    def problem(
        shares: Sequence[tuple[int, float, float]] = (), **wishes: Any
    ) -> sma.Problem:
        """Lots as position, weight and cost over price."""
        price = np.asarray(market.universe.price)
        lots = sma.Lots(
            asset=[market.universe.asset[i] for i, _, _ in shares],
            shares=[weight * VALUE / price[i] for i, weight, _ in shares],
            cost_per_share=[cost * price[i] for i, _, cost in shares],
            acquired=[date(2025, 5, 1) for _ in shares],
        )
        account = sma.Account(
            account_id="x",
            lots=lots,
            cash=VALUE * (1.0 - sum(weight for _, weight, _ in shares)),
            mandate=sma.Mandate(**{"target": {"broad": 1.0}, **wishes}),
        )
        return sma.Problem(market=market, account=account)

    return problem
