"""Stocks of the synthetic market: size, classification, prices and liquidity."""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Index, Vector
from sma_research.markets.synthetic_tables import FAMILIAR, INDUSTRIES, STYLES

TOTAL_CAP = 60e12  # USD, all listed companies of a large country
SIZE_OFFSET, SIZE_EXPONENT = 3.5, 1.2  # cap of rank r ~ (r + offset)^-exponent
INDUSTRY = tuple(name for group in INDUSTRIES.values() for name, _ in group)
SECTOR_OF = {name: sector for sector, group in INDUSTRIES.items() for name, _ in group}


@dataclass(frozen=True, eq=False, kw_only=True)
class Stocks:
    """Stocks in order of size, largest first."""

    asset: tuple[str, ...]  # (n,)
    cap: Vector  # (n,) USD, falling
    industry: Index  # (n,) positions in INDUSTRY
    style: Vector  # (n, 9) standardized, columns as in STYLES
    specific_risk: Vector  # (n,) per square root year
    price: Vector  # (n,) USD per share
    spread: Vector  # (n,) fraction of price
    adv: Vector  # (n,) USD per day


def draw_stocks(n: int, generator: np.random.Generator) -> Stocks:
    r"""Draw n stocks.

    With rank *r* from 1 and :math:`u = r / n`:

    * cap :math:`\propto (r + 3.5)^{-1.2}`, jittered by 5 %;
    * specific risk :math:`0.18 + 0.22 u^{0.7} + N(0, 0.05)`, within 15 to 60 %;
    * spread :math:`2 \cdot 20^u` bp, jittered, within 2 to 40 bp;
    * daily volume 0.5 % of cap, jittered by a factor of about 1.6.
    """
    u = np.arange(1, n + 1) / n
    cap = (n * u + SIZE_OFFSET) ** -SIZE_EXPONENT
    cap = np.sort(cap * np.exp(0.05 * generator.standard_normal(n)))[::-1]
    cap = cap * (TOTAL_CAP / cap.sum())
    risk = 0.18 + 0.22 * u**0.7 + generator.normal(0.0, 0.05, n)
    spread = 2e-4 * 20.0**u * np.exp(0.3 * generator.standard_normal(n))
    price = np.exp(5.0 - 1.8 * u + 0.7 * generator.standard_normal(n))
    return Stocks(
        asset=tickers(n),
        cap=cap,
        industry=draw_industries(n, generator),
        style=draw_styles(np.log(cap), cap / cap.sum(), generator),
        specific_risk=np.clip(risk, 0.15, 0.60),
        price=np.round(np.clip(price, 2.0, 4000.0), 2),
        spread=np.clip(spread, 2e-4, 40e-4),
        adv=0.005 * cap * np.exp(0.5 * generator.standard_normal(n)),
    )


def tickers(n: int) -> tuple[str, ...]:
    """Familiar tickers for the largest names, then S0031, S0032, ..."""
    known = tuple(ticker for ticker, _ in FAMILIAR[:n])
    width = max(4, len(str(n)))
    return known + tuple(f"S{rank:0{width}d}" for rank in range(len(known) + 1, n + 1))


def draw_industries(n: int, generator: np.random.Generator) -> Index:
    """Industry of every stock ``(n,)``, in numbers that match the table.

    One stratified sample, shuffled over the ranks: an industry with a share of 3 per
    mille gets 9 of 3,000 stocks and never none.
    """
    share = np.array([s for group in INDUSTRIES.values() for _, s in group], float)
    edge = np.cumsum(share) / share.sum()
    place = (generator.permutation(n) + generator.random(n)) / n
    industry = np.searchsorted(edge[:-1], place, side="right").astype(np.intp)
    known = [INDUSTRY.index(name) for _, name in FAMILIAR[:n]]
    industry[: len(known)] = known
    return industry


def draw_styles(
    log_cap: Vector, weight: Vector, generator: np.random.Generator
) -> Vector:
    """Standardized style exposures ``(n, 9)``, cap-weighted mean zero.

    The first column is size: log cap, standardized. The others are normal, those of
    volatility and liquidity tied to size as in practice.
    """
    z = generator.standard_normal((log_cap.size, len(STYLES)))
    deviation = log_cap.std()
    size = (log_cap - log_cap.mean()) / (deviation if deviation > 0 else 1.0)
    for name, tie in {"volatility": -0.4, "liquidity": 0.3}.items():
        column = STYLES.index(name)
        z[:, column] = tie * size + np.sqrt(1.0 - tie**2) * z[:, column]
    z[:, 0] = size
    # (n, 9) minus its cap-weighted mean: the broad market has no style
    styles: Vector = z - weight @ z
    return styles
