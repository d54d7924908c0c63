"""A seeded market in which everything but the familiar tickers is made up.

What it imitates, and where the figures come from:

===========================  ===================  =====================================
figure (3,000 stocks)        synthetic            calibrated to
===========================  ===================  =====================================
largest name                 about 6 %            Russell 3000 fund holdings of
                                                  2 May 2025: 5.9 %
ten largest                  about 30 %           the same file: 30.3 %
500 largest                  about 84 %           the same file: 90 %; the S&P 500
                                                  factsheet says about 80 %
market volatility            16 %                 US market 1963 to 2022, daily, Kenneth
                                                  French's data library: 16.3 %
styles, industries           1.5-5 %, 4-12 %      ranges usual in commercial models
specific risk                15-60 %, small       single-name residuals usual in
                             names higher         commercial models
fund residual                5-40 bp              tracking difference volatility of
                                                  index funds
===========================  ===================  =====================================
"""

from datetime import date

import numpy as np
from scipy.sparse import csr_array, hstack

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.fields import require_type
from sma_research.markets.synthetic_funds import Funds, draw_funds
from sma_research.markets.synthetic_risk import draw_covariance, draw_exposure
from sma_research.markets.synthetic_stocks import (
    INDUSTRY,
    SECTOR_OF,
    Stocks,
    draw_stocks,
)
from sma_research.markets.synthetic_tables import TAGS
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.look_through import LookThrough
from sma_research.portfolio.risk import RiskModel
from sma_research.portfolio.universe import Universe

# slices of the rank by size, as fractions of the number of stocks: 500, 400 and 600
# of 3,000, the pattern of the S&P 1500
SLICES = {"large": (0.0, 1 / 6), "mid": (1 / 6, 0.3), "small": (0.3, 0.5)}


def synthetic_market(
    n_assets: int = 3000,
    n_factors: int = 70,
    n_etfs: int = 12,
    seed: int = 0,
    *,
    as_of: date = date(2025, 6, 30),
) -> Market:
    """Return a market of synthetic stocks and funds, funds last.

    Every number is synthetic: prices, caps, exposures and risks are drawn from a
    generator with this seed. The thirty largest names carry familiar tickers, MSFT
    first, so that demonstrations read well; nothing about them is real but ticker
    and industry.

    Benchmarks, all cap weighted and without funds: ``large`` (the largest sixth),
    ``mid`` (the next two fifteenths), ``small`` (the next fifth) and ``broad`` (all
    stocks; the smallest half is in no other).

    The stocks do not depend on ``n_etfs``, and the same arguments give the same bytes.

    Raises
    ------
    DataError
        Fewer than two assets, fewer than one factor, fewer than no fund, or a negative
        seed.
    """
    for name, value, least in (
        ("n_assets", n_assets, 2),
        ("n_factors", n_factors, 1),
        ("n_etfs", n_etfs, 0),
        ("seed", seed, 0),
    ):
        require_type(name, value, float)
        if value % 1 or value < least:
            raise DataError(f"{name} is {value}, expected a whole number from {least}")
    require_type("as_of", as_of, date)
    n_assets, n_factors, n_etfs = int(n_assets), int(n_factors), int(n_etfs)
    of_stocks, of_factors, of_exposure, of_funds = (
        np.random.default_rng(child)
        for child in np.random.SeedSequence(int(seed)).spawn(4)
    )
    stocks = draw_stocks(n_assets, of_stocks)
    benchmarks = cap_benchmarks(stocks.cap)
    exposure = draw_exposure(stocks, n_factors, of_exposure)
    funds = draw_funds(stocks, benchmarks, n_etfs, generator=of_funds)
    return Market(
        as_of=as_of,
        universe=_universe(stocks, funds),
        risk_model=_risk_model(
            stocks, funds, exposure, covariance=draw_covariance(n_factors, of_factors)
        ),
        benchmarks={
            name: np.concatenate([weight, np.zeros(n_etfs)])
            for name, weight in benchmarks.items()
        },
        look_through=_look_through(funds),
    )


def cap_benchmarks(cap: Vector) -> dict[str, Vector]:
    """Cap weights ``(n,)`` of slices by size; each holds at least one stock."""
    n = cap.size
    weights = {}
    for name, (start, stop) in SLICES.items():
        first = min(round(start * n), n - 1)
        last = max(round(stop * n), first + 1)
        inside = np.zeros(n)
        inside[first:last] = cap[first:last]
        weights[name] = inside / inside.sum()
    return {**weights, "broad": cap / cap.sum()}


def _universe(stocks: Stocks, funds: Funds) -> Universe:
    industry = [INDUSTRY[i] for i in stocks.industry]
    n, e = len(stocks.asset), len(funds.asset)
    return Universe(
        asset=stocks.asset + funds.asset,
        price=np.concatenate([stocks.price, funds.price]),
        sector=[SECTOR_OF[name] for name in industry] + list(funds.sector),
        industry=industry + ["Exchange Traded Funds"] * e,
        kind=["stock"] * n + ["etf"] * e,
        identical=stocks.asset + funds.identical,
        tags={
            tag: np.array([name in inside for name in industry] + [False] * e)
            for tag, inside in TAGS.items()
        },
        adv=np.concatenate([stocks.adv, funds.adv]),
        spread=np.concatenate([stocks.spread, funds.spread]),
    )


def _risk_model(
    stocks: Stocks, funds: Funds, exposure: Vector, *, covariance: Vector
) -> RiskModel:
    r"""Rows of stocks as drawn, rows of funds as their baskets imply.

    A fund of basket *c* that covers :math:`\kappa = \sum_i c_i` has exposure
    :math:`X^T c / \kappa` and specific risk
    :math:`\sqrt{\sum_i (c_i s_i / \kappa)^2 + \delta^2}`: what a basket leaves out is
    taken to look like what it holds.
    """
    share = funds.basket / funds.basket.sum(axis=1, keepdims=True)
    specific = np.sqrt(share**2 @ stocks.specific_risk**2 + funds.residual_risk**2)
    return RiskModel(
        factor_exposure=np.vstack([exposure, share @ exposure]),
        factor_covariance=covariance,
        specific_risk=np.concatenate([stocks.specific_risk, specific]),
    )


def _look_through(funds: Funds) -> LookThrough | None:
    e = len(funds.asset)
    if not e:
        return None
    return LookThrough(
        fund=funds.asset,
        constituents=hstack([csr_array(funds.basket), csr_array((e, e))]),
        residual_risk=funds.residual_risk,
    )
