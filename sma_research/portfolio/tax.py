"""Tax rates, and the tax of a sale lot by lot."""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.portfolio.checks import require_fraction


@dataclass(frozen=True, kw_only=True)
class TaxRates:
    """Marginal rates, decimals.

    A realized loss is credited at the rate of its own term, the linear model of
    this release: ``tax = sum of rate x gain`` with losses negative.
    """

    short_term: float = 0.37
    long_term: float = 0.20

    def __post_init__(self) -> None:
        require_fraction("short_term", self.short_term)
        require_fraction("long_term", self.long_term)

    def of(self, long_term: Mask) -> Vector:
        """Rate of every lot ``(m,)``."""
        return np.where(long_term, self.long_term, self.short_term)
