"""Tax lots as columns: one row per lot, in the order of the account's books."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sma_research.arrays import Mask, Vector, frozen_vector
from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import (
    require_at_least,
    require_date,
    require_finite,
    require_positive,
    require_shape,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Lots:
    """Open tax lots of one account.

    Raises
    ------
    DataError
        Shares that are not above zero (no short positions), a negative cost, columns
        of different lengths, or a label of two purchases.
    """

    asset: Sequence[str] = ()  # (m,) identifiers
    shares: ArrayLike = field(default_factory=lambda: np.zeros(0))  # (m,) above zero
    cost_per_share: ArrayLike = field(default_factory=lambda: np.zeros(0))  # (m,) USD
    acquired: Sequence[date] = ()  # (m,) trade dates; the holding starts the day after
    purchased: Sequence[date] | None = None  # (m,) true dates, `acquired` being tacked
    purchase: Sequence[str] = ()  # (m,) bought together if of one label; "": unknown

    def __post_init__(self) -> None:
        require_fields(self)
        put = object.__setattr__
        put(self, "asset", tuple(str(asset) for asset in self.asset))
        put(self, "acquired", tuple(self.acquired))
        if self.purchased is not None:
            put(self, "purchased", tuple(self.purchased))
        put(self, "purchase", tuple(self.purchase) or ("",) * len(self.asset))
        put(self, "shares", frozen_vector(self.shares, "shares"))
        cost = frozen_vector(self.cost_per_share, "cost_per_share")
        put(self, "cost_per_share", cost)
        m = len(self.asset)
        for name, days in (("acquired", self.acquired), ("purchased", self.bought)):
            if len(days) != m:
                raise DataError(f"{name} has {len(days)} dates for {m} lots")
            for i, day in enumerate(days):
                require_date(f"{name} of lot {i}", day)
        labels = [f"lot {i} ({asset})" for i, asset in enumerate(self.asset)]
        for label, held, bought in zip(labels, self.acquired, self.bought, strict=True):
            if held > bought:
                raise DataError(
                    f"{label} is held since {held}, after its purchase on {bought}; "
                    "expected acquired to be purchased or before"
                )
        for name in ("shares", "cost_per_share"):
            column = getattr(self, name)
            require_shape(name, column, (m,))
            require_finite(name, column, labels)
        require_positive("shares", self.quantity, labels)
        require_at_least("cost_per_share", self.cost, 0.0, labels)
        self._check_purchases()

    @property
    def size(self) -> int:
        """Number of lots m."""
        return len(self.asset)

    @property
    def quantity(self) -> Vector:
        """Shares ``(m,)``."""
        return self.shares  # type: ignore[return-value]

    @property
    def cost(self) -> Vector:
        """Cost per share, USD ``(m,)``."""
        return self.cost_per_share  # type: ignore[return-value]

    @property
    def bought(self) -> Sequence[date]:
        """True trade date of every lot ``(m,)``."""
        return self.acquired if self.purchased is None else self.purchased

    @property
    def is_fresh(self) -> Mask:
        """Lots that have replaced no sold shares ``(m,)``.

        A replacement takes on the holding period of what was sold, so that its two
        dates differ; its shares replace no others (Reg. 1.1091-1(e)).
        """
        return np.asarray(self.acquired_days == self.bought_days, dtype=np.bool_)

    @cached_property
    def acquired_days(self) -> "NDArray[np.datetime64]":
        """Dates from which every lot is held ``(m,)``."""
        return np.array(self.acquired, dtype="datetime64[D]")

    @cached_property
    def bought_days(self) -> "NDArray[np.datetime64]":
        """True trade dates of every lot ``(m,)``."""
        return np.array(self.bought, dtype="datetime64[D]")

    def is_long_term(self, on: date) -> Mask:
        """Held for more than one year ``(m,)`` if sold that day.

        The holding period starts the day after acquisition and counts calendar
        months, so a lot is long-term from the day after its first anniversary; a
        lot of the last day of a month becomes long-term on the first day of the
        month after the anniversary month (26 U.S.C. 1222; Rev. Rul. 66-7).
        """
        start = self.acquired_days + np.timedelta64(1, "D")
        month = start.astype("datetime64[M]")
        day = start - month.astype("datetime64[D]")
        first_day = (month + np.timedelta64(12, "M")).astype("datetime64[D]") + day
        return np.asarray(np.datetime64(on, "D") >= first_day, dtype=np.bool_)

    def _check_purchases(self) -> None:
        """Refuse a label that is not of one asset and one day."""
        if len(self.purchase) != self.size:
            raise DataError(
                f"purchase has {len(self.purchase)} labels for {self.size} lots"
            )
        first: dict[str, tuple[str, date]] = {}
        lots = zip(self.purchase, self.asset, self.bought, strict=True)
        for label, asset, day in lots:
            known = first.setdefault(label, (asset, day)) if label else (asset, day)
            if known != (asset, day):
                raise DataError(
                    f"purchase {label!r} is of {known[0]} on {known[1]} and of {asset} "
                    f"on {day}; expected one asset and one day for each label"
                )
