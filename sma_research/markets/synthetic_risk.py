"""Factor model of the synthetic market: market, styles and industries."""

import numpy as np

from sma_research.arrays import Vector
from sma_research.markets.synthetic_stocks import INDUSTRY, Stocks
from sma_research.markets.synthetic_tables import STYLES

MARKET_VOLATILITY = 0.16  # per square root year


def split_factors(k: int) -> tuple[int, int]:
    """Number of styles and of industry columns beside the market column.

    Seventy factors are 1 market, 9 styles and 60 industries. Fewer factors merge
    neighbouring industries and drop styles; more split industries.
    """
    styles = min(len(STYLES), max((k - 1) // 3, 1)) if k > 1 else 0
    if k - 1 - styles == 1:  # one industry column would repeat the market
        styles += 1
    return styles, k - 1 - styles


def draw_exposure(stocks: Stocks, k: int, generator: np.random.Generator) -> Vector:
    """Factor exposure ``(n, k)``: ones, styles, and one industry column each.

    An industry's column is ``floor((industry + u) m / 60)`` with *u* uniform, which
    merges industries when m < 60 and splits them when m > 60.
    """
    n = stocks.cap.size
    styles, groups = split_factors(k)
    exposure = np.zeros((n, k))
    exposure[:, 0] = 1.0
    exposure[:, 1 : 1 + styles] = stocks.style[:, :styles]
    if groups:
        place = (stocks.industry + generator.random(n)) / len(INDUSTRY)
        column = np.minimum((place * groups).astype(np.intp), groups - 1)
        exposure[np.arange(n), 1 + styles + column] = 1.0
    return exposure


def draw_covariance(k: int, generator: np.random.Generator) -> Vector:
    r"""Factor covariance ``(k, k)`` per year, :math:`F = D C D`.

    Volatilities *D*: market 16 %, styles 1.5 to 5 %, industries 4 to 12 %. The
    correlation *C* is that of three common causes with loadings N(0, 0.2) plus
    independent parts, positive definite by construction.
    """
    styles, groups = split_factors(k)
    volatility = np.concatenate(
        [
            [MARKET_VOLATILITY],
            generator.uniform(0.015, 0.05, styles),
            generator.uniform(0.04, 0.12, groups),
        ]
    )
    loading = generator.normal(0.0, 0.2, (k, 3))
    covariance = loading @ loading.T + np.eye(k)
    scale = volatility / np.sqrt(np.diag(covariance))
    scaled = covariance * np.outer(scale, scale)
    symmetric: Vector = 0.5 * (scaled + scaled.T)
    return symmetric
