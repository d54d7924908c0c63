"""Tax rates, and the tax of a sale lot by lot."""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.portfolio.checks import require_fraction


@dataclass(frozen=True, kw_only=True)
class TaxRates:
    """Marginal rates, decimals.

    A gain pays the federal rate of its term, the net investment income tax and the
    state's rate. A realized loss is credited at the rate of its own term, the linear
    model ``tax = sum of rate x gain`` with losses negative; ``tax_year`` has the exact
    netting of a year.
    """

    short_term: float = 0.37  # federal
    long_term: float = 0.20  # federal
    ordinary: float | None = (
        None  # what losses save on other income; short_term if None
    )
    niit: float = 0.0  # net investment income tax, 0.038 above its threshold
    state_short: float = 0.0
    state_long: float = 0.0

    def __post_init__(self) -> None:
        for name in ("short_term", "long_term", "ordinary", "niit"):
            require_fraction(name, getattr(self, name))
        for name in ("state_short", "state_long"):
            require_fraction(name, getattr(self, name))

    @property
    def short(self) -> float:
        """All taxes on a short-term gain."""
        return self.short_term + self.niit + self.state_short

    @property
    def long(self) -> float:
        """All taxes on a long-term gain."""
        return self.long_term + self.niit + self.state_long

    @property
    def against_ordinary(self) -> float:
        """What a loss saves where it is deducted from other income.

        Whether that deduction also lowers the net investment income tax is not
        settled, so it does not here.
        """
        return self.short_term if self.ordinary is None else self.ordinary

    def of(self, long_term: Mask) -> Vector:
        """Rate of every lot ``(m,)``."""
        return np.where(long_term, self.long, self.short)
