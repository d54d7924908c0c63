"""What a mandate says about taxes, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import require_known, require_unique

if TYPE_CHECKING:
    from sma_research.portfolio.mandate import Mandate


class WashSales(StrEnum):
    """What is done about losses that a wash sale would disallow."""

    FORBID = "forbid"  # none is realized, nothing is bought that would undo a loss
    NO_CREDIT = "no_credit"  # may be realized, and count as no loss
    PRICE = "price"  # may be realized, the part that is allowed counts: integers
    IGNORE = "ignore"  # the household's last 30 days are not looked at


class TaxModel(StrEnum):
    """What the objective calls tax."""

    LINEAR = "linear"  # rate times gain, lot by lot
    NETTED = "netted"  # exact netting of the year (`netting`)


class LotOrder(StrEnum):
    """Which lots of an asset the custodian sells first."""

    FREE = "free"  # as the proposal names them
    FIFO = "fifo"  # the earliest purchase
    HIFO = "hifo"  # the highest cost


# Sums over the lots sold, as fractions of account value; losses count as positive
# amounts in "loss" and as negative ones in "net".
GAINS: Final = tuple(
    f"{term}_{what}"
    for term in ("short", "long", "total")
    for what in ("gain", "loss", "net")
)
Limit = tuple[float, float]  # lower and upper
MOST: Final = 100.0  # times the account: no lots have lost more


@dataclass(frozen=True, kw_only=True)
class Equivalents:
    """Substitutes for one exposure, in the order in which they are preferred.

    Holding the r-th of them (from 0) costs ``r x step_price`` for each unit of weight
    and year. The weights of all of them together stand between ``lower`` and
    ``upper``: what a restriction, a wash sale or a harvest takes from one goes to the
    next.
    """

    assets: Sequence[str]
    step_price: float = 0.0
    lower: float = 0.0
    upper: float = np.inf

    def __post_init__(self) -> None:
        require_fields(self)
        object.__setattr__(self, "assets", tuple(self.assets))
        if len(self.assets) < 2:
            raise DataError(
                f"equivalents {list(self.assets)}, expected two or more assets"
            )
        require_unique("equivalents: asset", list(self.assets))
        if not 0.0 <= self.step_price < np.inf:
            raise DataError(f"step_price is {self.step_price}, expected 0 or more")
        if not 0.0 <= self.lower <= self.upper:
            raise DataError(
                f"equivalents of {self.assets[0]} weigh from {self.lower} to "
                f"{self.upper}, expected 0 <= lower <= upper"
            )

    @property
    def bounded(self) -> bool:
        """Whether their weight together has a limit."""
        return self.lower > 0.0 or self.upper < np.inf


def check_tax_wishes(mandate: "Mandate") -> None:
    """Refuse tax wishes out of range.

    Raises
    ------
    DataError
        Names the field, what was found and what was expected.
    """
    words = {"wash_sales": WashSales, "tax_model": TaxModel, "lot_order": LotOrder}
    for name, known in words.items():
        require_known(name, [getattr(mandate, name)], known)
        object.__setattr__(mandate, name, known(getattr(mandate, name)))
    _check_gain_limits(mandate.gain_limits)
    budget = mandate.tax_budget
    if budget is not None and not abs(budget) <= 1.0:
        raise DataError(
            f"tax_budget is {budget}, expected a fraction of account value, -1 to 1"
        )
    for name in ("min_harvest", "min_holding_days", "long_term_soon_days",
                 "long_term_soon_price"):  # fmt: skip
        value = getattr(mandate, name)
        if not 0 <= value < np.inf:
            raise DataError(f"{name} is {value}, expected 0 or more")
        if name.endswith("days") and value % 1:
            raise DataError(f"{name} is {value}, expected a whole number of days")
    most = mandate.gain_limits.get("total_loss", (0.0, np.inf))[1]
    if mandate.min_harvest > most:
        raise DataError(
            f"min_harvest is {mandate.min_harvest}, above the upper limit {most} of "
            "total_loss; expected at most that"
        )
    members = [asset for group in mandate.equivalents for asset in group.assets]
    require_unique("equivalents: asset", members)


def _check_gain_limits(limits: Mapping[str, Limit]) -> None:
    require_known("gain_limits", limits, GAINS)
    for key, (low, high) in limits.items():
        if not low <= high or low == np.inf or high == -np.inf:
            raise DataError(
                f"gain_limits of {key} run from {low} to {high}, expected lower <= upper"
            )
        if any(MOST < abs(side) < np.inf for side in (low, high)):
            raise DataError(
                f"gain_limits of {key} run from {low} to {high}, expected fractions of "
                f"account value, at most {MOST:g}, or infinity for none"
            )
        if high < 0 and not key.endswith("net"):
            raise DataError(f"gain_limits of {key} is {high}, expected 0 or more")


def loss_floor(mandate: "Mandate") -> Mapping[str, Limit]:
    """Gain limits with the forced harvest among them."""
    limits = dict(mandate.gain_limits)
    if mandate.min_harvest > 0:
        low, high = limits.get("total_loss", (0.0, np.inf))
        limits["total_loss"] = (max(low, mandate.min_harvest), high)
    return limits
