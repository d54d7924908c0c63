"""One account small enough to check by hand: four stocks, a fund, three lots.

Prices are 10, 20, 40, 50 and 100 USD; the fund is half ALPHA, two fifths BRAVO, and a
tenth that its basket does not cover. The account is worth 4,000 USD.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import sma_research as sma

Stated = Callable[..., sma.Problem]


@pytest.fixture(scope="session")
def market() -> sma.Market:
    """Five assets, two factors, two benchmarks."""
    return sma.Market(
        as_of=date(2025, 6, 30),
        universe=sma.Universe(
            asset=["ALPHA", "BRAVO", "CARGO", "DELTA", "FUND"],
            price=[10.0, 20.0, 40.0, 50.0, 100.0],
            sector=["Tech", "Tech", "Energy", "Health", "Funds"],
            industry=["Chips", "Software", "Oil", "Drugs", "Funds"],
            kind=["stock", "stock", "stock", "stock", "etf"],
            tags={"oil": [False, False, True, False, False]},
            spread=[0.001, 0.002, 0.003, 0.004, 0.0005],
        ),
        risk_model=sma.RiskModel(
            factor_exposure=[[1.0, 0.2], [1.0, -0.1], [1.0, 0.5], [1.0, 0.0], [0.9, 0.06]],
            factor_covariance=[[0.04, 0.002], [0.002, 0.01]],
            specific_risk=[0.2, 0.25, 0.3, 0.15, 0.1],
        ),
        benchmarks={
            "one": [0.4, 0.3, 0.2, 0.1, 0.0],
            "two": [0.1, 0.1, 0.3, 0.5, 0.0],
        },
        look_through=sma.LookThrough(
            fund=["FUND"],
            constituents=[[0.5, 0.4, 0.0, 0.0, 0.0]],
            residual_risk=[0.004],
        ),
    )  # fmt: skip


@pytest.fixture(scope="session")
def account() -> sma.Account:
    """1,500 USD of ALPHA in two lots, 1,000 of CARGO, 500 in cash and 1,000 to come."""
    return sma.Account(
        account_id="hand",
        mandate=sma.Mandate(target={"one": 1.0}, max_cash=0.1),
        lots=sma.Lots(
            asset=["ALPHA", "ALPHA", "CARGO"],
            shares=[100.0, 50.0, 25.0],
            cost_per_share=[8.0, 12.0, 50.0],
            acquired=[date(2023, 1, 10), date(2025, 3, 1), date(2024, 6, 30)],
        ),
        cash=500.0,
        contribution=1000.0,
        tax_rates=sma.TaxRates(short_term=0.4, long_term=0.25),
    )


@pytest.fixture
def stated(market: sma.Market, account: sma.Account) -> Stated:
    """The account's problem under a mandate with some fields changed."""

    def state(**wishes: object) -> sma.Problem:
        mandate = replace(account.mandate, **wishes)  # type: ignore[arg-type]
        return sma.Problem(market=market, account=replace(account, mandate=mandate))

    return state


@pytest.fixture
def rebalance() -> sma.Rebalance:
    """Sells 400 USD of ALPHA and of CARGO, buys 1,000 BRAVO, 500 DELTA, 700 FUND.

    Half the spread on all of it is 2.975 USD, so that 97.025 of cash are left.
    """
    return sma.Rebalance(
        buy=np.array([0.0, 50.0, 0.0, 10.0, 7.0]),
        sell=np.array([40.0, 0.0, 10.0]),
        cash=97.025,
    )
