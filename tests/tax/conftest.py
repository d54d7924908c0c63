"""One account of five assets and 10,000 USD whose household trades are told by tests."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import sma_research as sma

AS_OF = date(2025, 6, 30)
Lot = tuple[str, float, float, int]  # asset, shares, cost per share, days ago
Trade = tuple[str, str, float, int, str]  # asset, side, shares, days ago, account
Told = Callable[..., sma.Problem]

MARKET = sma.Market(
    as_of=AS_OF,
    universe=sma.Universe(
        asset=["GOOG", "GOOGL", "OIL", "BANK", "DRUG"],
        price=[100.0, 100.0, 50.0, 20.0, 10.0],
        sector=["Tech", "Tech", "Energy", "Banks", "Health"],
        industry=["I"] * 5,
        kind=["stock"] * 5,
        identical=["ALPHABET", "ALPHABET", "", "", ""],
        spread=[0.0004] * 5,
    ),
    risk_model=sma.RiskModel(
        factor_exposure=[[1.0, 0.5], [1.0, 0.5], [1.0, -1.0], [0.9, -0.4], [0.6, 0.3]],
        factor_covariance=[[0.03, 0.0], [0.0, 0.01]],
        specific_risk=[0.05, 0.05, 0.25, 0.2, 0.2],
    ),
    benchmarks={"one": [0.2, 0.2, 0.2, 0.2, 0.2]},
)


def days_ago(days: int) -> date:
    """A date before the market's."""
    return AS_OF - timedelta(days=days)


@pytest.fixture(scope="session")
def told() -> Told:
    """A problem from lots, household trades and changes of the mandate."""

    def tell(
        lots: list[Lot],
        trades: list[Trade] | None = None,
        *,
        cash: float = 100.0,
        account: dict[str, Any] | None = None,
        **wishes: Any,
    ) -> sma.Problem:
        rows = list(zip(*lots, strict=True)) if lots else [(), (), (), ()]
        history = None
        if trades is not None:
            columns = list(zip(*trades, strict=True))
            history = sma.TradeHistory(
                asset=columns[0],
                side=columns[1],
                shares=columns[2],
                date=[days_ago(days) for days in columns[3]],
                account=columns[4],
            )
        mandate = {"target": {"one": 1.0}, "risk_aversion": 5.0, "max_cash": 0.1}
        return sma.Problem(
            market=MARKET,
            account=sma.Account(
                account_id="mine",
                mandate=sma.Mandate(**{**mandate, **wishes}),
                lots=sma.Lots(
                    asset=rows[0],
                    shares=np.array(rows[1]),
                    cost_per_share=np.array(rows[2]),
                    acquired=[days_ago(days) for days in rows[3]],
                ),
                cash=cash,
                history=history,
                **(account or {}),
            ),
        )

    return tell
