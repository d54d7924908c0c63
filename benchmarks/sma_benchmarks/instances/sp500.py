"""The S&P 500 from 2013 to 2018, rebalanced every quarter.

Stocks with a quote on every day, so survivors. Weights are the market caps of
8 February 2018 rolled back by price, which follows the index within 1.5 % a year. The
factor model is estimated again before every rebalance, from the days before it alone.
The files hold no spreads: every stock is given the same one.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.instances.instance import Instance, PathCase, Period
from sma_benchmarks.instances.paths import path_instance
from sma_benchmarks.instances.reference import Family, folder_of, whole
from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.constituents import read_constituents
from sma_research.markets.factor_model import (
    EstimationSettings,
    estimate_factor_model,
)
from sma_research.markets.prices import read_prices, returns
from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

WINDOW: Final = 504  # days that a model is estimated from
QUARTER: Final = 63  # days between rebalances
SPREAD: Final = 4e-4  # quoted, made up: usual for large caps
MEMBERS: Final = "constituents-financials_2018-02-08.csv"


def load(values: Mapping[str, str], data: Path | None) -> Instance:
    """One account in cash, rebalanced every quarter."""
    prices, members = _panel(
        folder_of(data, "sp500_daily_2013_2018") / "all_stocks_5yr.parquet",
        folder_of(data, "sp500_constituents") / MEMBERS,
    )
    count = whole(values, "periods", least=1)
    most = (len(prices) - 1 - WINDOW) // QUARTER
    if count > most:
        raise DataError(f"periods is {count}, expected at most {most}")
    settings = EstimationSettings(factors=whole(values, "factors", least=1))
    starts = range(WINDOW, WINDOW + count * QUARTER, QUARTER)
    account = Account(
        account_id="sp500",
        cash=1_000_000.0,
        mandate=Mandate(
            target={"broad": 1.0},
            kinds=frozenset({"stock"}),
            max_names=whole(values, "k", least=1),
            max_weight=0.05,
        ),
    )
    case = PathCase(
        account=account,
        periods=[_period(prices, members, start, settings) for start in starts],
    )
    return path_instance(FAMILY, FAMILY.reference(values), case)


@lru_cache(maxsize=1)
def _panel(prices: Path, members: Path) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Prices of stocks quoted on every day, and their sectors and caps."""
    panel = read_prices(prices).dropna(axis="columns")
    known = read_constituents(members).reindex(panel.columns).dropna()
    return panel[known.index], known


def _period(
    prices: "pd.DataFrame",
    members: "pd.DataFrame",
    start: int,
    settings: EstimationSettings,
) -> Period:
    """From the close of day `start` to that a quarter later."""
    past = returns(prices.iloc[start - WINDOW : start + 1])
    future = returns(prices.iloc[start : start + QUARTER + 1]).to_numpy().T
    today = prices.iloc[start].to_numpy()
    cap = members["cap"].to_numpy() * today / prices.iloc[-1].to_numpy()
    weight = cap / cap.sum()
    sector = members["sector"].tolist()
    asset = [str(name) for name in prices.columns]
    day = prices.index[start].date()
    market = Market(
        as_of=day,
        universe=Universe(
            asset=asset,
            price=today,
            sector=sector,
            industry=sector,
            kind=["stock"] * len(asset),
            spread=np.full(len(asset), SPREAD),
        ),
        risk_model=estimate_factor_model(
            past, assets=asset, settings=settings
        ).risk_model,
        benchmarks={"broad": weight},
    )
    return Period(
        market=market,
        returns=future,
        benchmark_returns=_drifting(weight, future),
        date=day,
    )


def _drifting(weight: Vector, future: Vector) -> Vector:
    """Daily returns of weights left to drift ``(days,)``, returns ``(n, days)``."""
    value = np.append(1.0, weight @ np.cumprod(1.0 + future, axis=1))
    change: Vector = value[1:] / value[:-1] - 1.0
    return change


FAMILY: Final = Family(
    name="sp500",
    description="S&P 500 from 2013 to 2018, rebalanced every quarter, out of sample",
    load=load,
    parameters={"k": "100", "factors": "20", "periods": "11"},
    needs_data=True,
)
