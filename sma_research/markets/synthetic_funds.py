"""Funds of the synthetic market, each a basket of its stocks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.markets.synthetic_stocks import INDUSTRY, SECTOR_OF, Stocks
from sma_research.markets.synthetic_tables import FUNDS, STYLES


@dataclass(frozen=True, eq=False, kw_only=True)
class Funds:
    """Exchange traded funds, columns in the order of their names."""

    asset: tuple[str, ...]  # (e,)
    identical: tuple[str, ...]  # (e,) the index followed
    sector: tuple[str, ...]  # (e,) the sector held, or "Diversified"
    basket: Vector  # (e, n) fraction of the fund in each stock
    residual_risk: Vector  # (e,) per square root year, beyond the basket
    price: Vector  # (e,) USD per share
    spread: Vector  # (e,) fraction of price
    adv: Vector  # (e,) USD per day


def draw_funds(
    stocks: Stocks,
    benchmarks: Mapping[str, Vector],
    count: int,
    *,
    generator: np.random.Generator,
) -> Funds:
    """Draw funds in the order of the table; beyond it, funds on random halves.

    A basket covers 97 to 100 % of its fund (the rest is cash, futures and what the
    publisher leaves out), and a residual risk of 5 to 40 bp a year stands for it.
    """
    rows = [_fund(i, stocks, benchmarks, generator=generator) for i in range(count)]
    coverage = generator.uniform(0.97, 1.0, count)
    index = np.array([row[3] for row in rows]).reshape(count, stocks.cap.size)
    return Funds(
        asset=tuple(row[0] for row in rows),
        identical=tuple(row[1] for row in rows),
        sector=tuple(row[2] for row in rows),
        basket=index * coverage[:, None],
        residual_risk=generator.uniform(5e-4, 40e-4, count),
        price=np.round(generator.uniform(40.0, 500.0, count), 2),
        spread=generator.uniform(0.5e-4, 6e-4, count),
        adv=np.exp(generator.uniform(np.log(2e7), np.log(2e10), count)),
    )


def _fund(
    i: int,
    stocks: Stocks,
    benchmarks: Mapping[str, Vector],
    *,
    generator: np.random.Generator,
) -> tuple[str, str, str, Vector]:
    """Name, index, sector and index weights ``(n,)`` of the i-th fund."""
    name, rule, what = (
        FUNDS[i] if i < len(FUNDS) else (f"ETF-SAMPLE-{i + 1}", "sample", str(i + 1))
    )
    sector = what if rule == "sector" else "Diversified"
    index = f"index of {rule} {what}"
    if rule == "benchmark":
        return name, index, sector, benchmarks[what]
    inside = _members(rule, what, stocks, generator=generator)
    cap = np.where(inside, stocks.cap, 0.0)
    if not cap.any():  # too few stocks for this sector
        cap = stocks.cap
    return name, index, sector, cap / cap.sum()


def _members(
    rule: str, what: str, stocks: Stocks, *, generator: np.random.Generator
) -> Mask:
    """Stocks that the index holds ``(n,)``: a sector, or half by a score."""
    if rule == "sector":
        held = [SECTOR_OF[name] == what for name in INDUSTRY]
        return np.array(held, dtype=np.bool_)[stocks.industry]
    if rule == "style":
        return _upper_half(stocks.style[:, STYLES.index(what)])
    return _upper_half(generator.standard_normal(stocks.cap.size))


def _upper_half(score: Vector) -> Mask:
    return np.asarray(score >= np.median(score), dtype=np.bool_)
