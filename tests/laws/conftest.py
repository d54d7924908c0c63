"""Small random accounts for laws: six to twelve assets, any limits, any lots."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import sma_research as sma

Draw = Callable[..., sma.Problem]
DAY = date(2025, 6, 30)


def market(rng: np.random.Generator, n: int, funds: int) -> sma.Market:
    """Stocks and funds of a seed; the stocks do not depend on the funds."""
    root, total = rng.normal(size=(2, 2)) * 0.15, n + funds
    exposure = np.column_stack([np.ones(n), rng.normal(size=n)])
    price, specific = rng.uniform(5, 500, n), rng.uniform(0.1, 0.4, n)
    weight = rng.dirichlet(np.full(n, 2.0))
    basket = rng.dirichlet(np.ones(n), size=funds)
    return sma.Market(
        as_of=DAY,
        universe=sma.Universe(
            asset=[f"S{i}" for i in range(n)] + [f"F{i}" for i in range(funds)],
            price=[*price, *np.full(funds, 50.0)],
            sector=[*["X", "Y"] * (n // 2), *["Z"] * (n % 2 + funds)],
            industry=["I"] * total,
            kind=["stock"] * n + ["etf"] * funds,
            spread=np.where(np.arange(total) % 2, 0.001, 0.002),
        ),
        risk_model=sma.RiskModel(
            factor_exposure=np.vstack([exposure, basket @ exposure]),
            factor_covariance=root @ root.T + 0.02 * np.eye(2),
            specific_risk=[*specific, *np.full(funds, 0.05)],
        ),
        benchmarks={"one": [*weight, *[0.0] * funds]},
        look_through=sma.LookThrough(
            fund=[f"F{i}" for i in range(funds)],
            constituents=np.hstack([basket, np.zeros((funds, funds))]),
            residual_risk=np.full(funds, 0.002),
        )
        if funds
        else None,
    )


def lots(
    rng: np.random.Generator, where: sma.Market, count: int, dearest: float
) -> sma.Lots:
    """Lots worth 500 to 5,000 USD, bought at half the price up to `dearest` of it."""
    universe = where.universe
    asset = rng.integers(0, universe.size, size=count)
    price = np.asarray(universe.price)[asset]
    return sma.Lots(
        asset=[universe.asset[i] for i in asset],
        shares=rng.uniform(500, 5000, count) / price,
        cost_per_share=price * rng.uniform(0.5, dearest, count),
        acquired=[DAY - timedelta(days=int(d)) for d in rng.integers(0, 900, count)],
    )


@pytest.fixture(scope="session")
def draw() -> Draw:
    """An account of a seed.

    With `count` lots, gains alone unless `losses`; its other words are the mandate's.
    """

    def drawn(
        seed: int, n: int, *, funds: int = 0, count: int = 0, losses: bool = False,
        **wishes: Any,
    ) -> sma.Problem:  # fmt: skip
        rng = np.random.default_rng(seed)
        where = market(rng, n, funds)
        account = sma.Account(
            account_id=f"seed {seed}",
            mandate=sma.Mandate(
                **{"target": {"one": 1.0}, "risk_aversion": 20.0, **wishes}
            ),
            lots=lots(rng, where, count, 1.5 if losses else 0.99),
            cash=1e4,
        )
        return sma.Problem(market=where, account=account)

    return drawn
