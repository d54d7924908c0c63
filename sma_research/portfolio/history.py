"""The household's recent trades: what decides which sales would be wash sales."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from sma_research.arrays import Mask, Vector, frozen_vector
from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import (
    require_date,
    require_finite,
    require_known,
    require_positive,
    require_shape,
)
from sma_research.portfolio.transactions import AccountKind


class Side(StrEnum):
    """What a trade of the history is."""

    BUY = "buy"  # any acquisition, reinvested dividends counted
    LOSS = "loss"  # a sale at a loss


@dataclass(frozen=True, eq=False, kw_only=True)
class TradeHistory:
    """Purchases and sales at a loss of a whole household, as columns of **h** trades.

    Only the last 30 days matter. Shares are counted as they are today, after splits.
    Purchases that this account still holds are known from its lots: rows that name
    the account itself are read for their losses alone.

    Raises
    ------
    DataError
        Columns of different lengths, unknown words, dates with a time, or shares
        that are not above zero.
    """

    asset: Sequence[str] = ()  # (h,) identifiers
    date: "Sequence[date]" = ()  # (h,) trade dates
    side: Sequence[str] = ()  # (h,) "buy" or "loss"
    shares: ArrayLike = field(default_factory=lambda: np.zeros(0))  # (h,) above zero
    account: Sequence[str] = ()  # (h,) or empty: all in other accounts
    account_kind: Sequence[str] = ()  # (h,) or empty: all taxable
    identical: Sequence[str] = ()  # (h,) identity group of assets out of the universe

    def __post_init__(self) -> None:
        require_fields(self)
        put = object.__setattr__
        h = len(self.asset)
        empty = {"account": "", "account_kind": AccountKind.TAXABLE, "identical": ""}
        for name, missing in empty.items():
            put(self, name, tuple(getattr(self, name)) or (missing,) * h)
        for name in ("asset", "date", "side"):
            put(self, name, tuple(getattr(self, name)))
        put(self, "shares", frozen_vector(self.shares, "shares of the history"))
        for name in ("date", "side", *empty):
            if len(getattr(self, name)) != h:
                raise DataError(
                    f"{name} of the history has {len(getattr(self, name))} entries "
                    f"for {h} trades"
                )
        require_known("side of the history", self.side, Side)
        require_known("account_kind of the history", self.account_kind, AccountKind)
        labels = [f"trade {i} ({asset})" for i, asset in enumerate(self.asset)]
        for label, day in zip(labels, self.date, strict=True):
            require_date(f"date of {label}", day)
        require_shape("shares of the history", self.quantity, (h,))
        require_finite("shares", self.quantity, labels)
        require_positive("shares", self.quantity, labels)

    @property
    def size(self) -> int:
        """Number of trades h."""
        return len(self.asset)

    @property
    def quantity(self) -> Vector:
        """Shares ``(h,)``."""
        return self.shares  # type: ignore[return-value]

    def of_account(self, account: str) -> Mask:
        """Trades of one account ``(h,)``."""
        return np.array([name == account for name in self.account], dtype=np.bool_)
