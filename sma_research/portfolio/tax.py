"""Tax rates, and the tax of a sale lot by lot."""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import require_fraction


@dataclass(frozen=True, kw_only=True)
class TaxRates:
    """Marginal rates, decimals.

    A gain pays the federal rate of its term, the net investment income tax and the
    state's rate. What a loss is worth depends on the model of the mandate:

    * linear: ``loss_short`` and ``loss_long`` for each dollar of a loss of that term,
      the rates on gains if None;
    * netted: what netting makes of it (`netting`), and ``carried_loss`` for each
      dollar that is carried to later years.
    """

    short_term: float = 0.37  # federal
    long_term: float = 0.20  # federal
    # What losses save on other income, all taxes; short_term + state_short if None.
    ordinary: float | None = None
    niit: float = 0.0  # net investment income tax, 0.038 above its threshold
    state_short: float = 0.0
    state_long: float = 0.0
    loss_short: float | None = None  # value of a short-term loss, linear model
    loss_long: float | None = None
    carried_loss: float = 0.0  # value of a loss carried to later years, netted model

    def __post_init__(self) -> None:
        require_fields(self)
        for name in ("short_term", "long_term", "ordinary", "niit", "state_short",
                     "state_long", "loss_short", "loss_long", "carried_loss"):  # fmt: skip
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
        """What a loss saves where it is deducted from other income, the state's tax too.

        Whether that deduction also lowers the net investment income tax is not
        settled, so it does not here.
        """
        usual = self.short_term + self.state_short
        return usual if self.ordinary is None else self.ordinary

    def of(self, long_term: Mask) -> Vector:
        """Rate on the gain of every lot ``(m,)``."""
        return np.where(long_term, self.long, self.short)

    def of_loss(self, long_term: Mask) -> Vector:
        """Value of a dollar of every lot's loss ``(m,)``, linear model."""
        short = self.short if self.loss_short is None else self.loss_short
        long = self.long if self.loss_long is None else self.loss_long
        return np.where(long_term, long, short)


@dataclass(frozen=True, kw_only=True)
class YearToDate:
    """Where the client's tax year stands before this rebalance, USD.

    Raises
    ------
    DataError
        An amount that is not finite, or a carried loss or limit below zero.
    """

    net_short: float = 0.0  # realized so far this year, allowed losses negative
    net_long: float = 0.0
    carry_short: float = 0.0  # losses carried in from earlier years, positive
    carry_long: float = 0.0
    held_away_short: float = 0.0  # gains expected elsewhere this year
    held_away_long: float = 0.0
    ordinary_limit: float = 3000.0  # of losses against other income, 26 U.S.C. 1211(b)

    def __post_init__(self) -> None:
        require_fields(self)
        for name, value in vars(self).items():
            least = -np.inf if name.startswith(("net", "held")) else 0.0
            if not np.isfinite(value) or value < least:
                expected = "a number" if least < 0 else "a number, 0 or more"
                raise DataError(f"{name} is {value}, expected {expected}")

    @property
    def short(self) -> float:
        """Net short-term result before this rebalance, losses carried in counted."""
        return self.net_short + self.held_away_short - self.carry_short

    @property
    def long(self) -> float:
        """Net long-term result before this rebalance, losses carried in counted."""
        return self.net_long + self.held_away_long - self.carry_long


def value_of_loss(
    rate_now: float,
    rate_later: float,
    *,
    discount: float,
    years: float,
    delay: float = 0.0,
) -> float:
    r"""Value of a dollar of loss: tax saved now, less what the lower basis brings back.

    :math:`r_{now} / (1+d)^{delay} - r_{later} / (1+d)^{years}`: what ``loss_short``,
    ``loss_long`` and ``carried_loss`` may be set to.
    """
    growth = 1.0 + discount
    return float(rate_now / growth**delay - rate_later / growth**years)
