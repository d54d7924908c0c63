"""What a client already owns, drawn at random: lots of many ages, costs and sizes."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from sma_research.arrays import Index
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.lots import Lots

OLDEST: Final = 1500  # days
DRIFT, SPREAD_OF_GAINS = 0.15, 0.25  # of the logarithm of price over cost


def draw_lots(
    market: Market,
    owned: Index,
    each: int,
    *,
    value: float,
    generator: np.random.Generator,
) -> Lots:
    """Lots of the assets `owned` ``(h,)``, `each` per asset, worth `value` together.

    Ages are even over four years; log price over cost is normal, 15 % with a standard
    deviation of 25 %; sizes vary by a factor of about three.
    """
    price = np.asarray(market.universe.price)
    place = np.repeat(owned, each)
    size = np.exp(generator.normal(0.0, 0.5, place.size))
    worth = value * size / size.sum() if place.size else size
    gain = np.exp(generator.normal(DRIFT, SPREAD_OF_GAINS, place.size))
    days = generator.integers(1, OLDEST, place.size)
    return Lots(
        asset=[market.universe.asset[int(i)] for i in place],
        shares=worth / price[place],
        cost_per_share=price[place] / gain,
        acquired=[_before(market.as_of, int(day)) for day in days],
    )


def _before(today: date, days: int) -> date:
    return today - timedelta(days=days)
