"""Dated transactions of one household, as its brokers report them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sma_research.errors import DataError
from sma_research.portfolio.amounts import CENT_PARTS, LARGEST, SHARE_PARTS, ZERO, exact


class AccountKind(StrEnum):
    """Whose account it is, and whether its gains are taxed."""

    TAXABLE = "taxable"
    IRA = "ira"  # traditional or Roth: never taxed here, yet its purchases count
    SPOUSE = "spouse"  # taxable, on the same return


class Action(StrEnum):
    """What happened."""

    BUY = "buy"
    SELL = "sell"
    SPLIT = "split"  # `shares` new ones for `amount` old ones, in every account
    TRANSFER = "transfer"  # into `account`, with basis and dates; no sale
    REINVEST = "reinvest"  # a dividend that bought shares


EARLIEST: Final = dt.date(1900, 1, 1)
LATEST: Final = dt.date(2199, 12, 31)
SHARES: Final = f"a number above 0, at most {LARGEST.normalize():e}"
AMOUNT: Final = f"a number, 0 or more, at most {LARGEST.normalize():e}"
NONE: Final = Decimal("NaN")  # no amount was given
WITHOUT: Final[Mapping[Action, Decimal]] = {  # what no amount stands for
    Action.SPLIT: Decimal(1),
    Action.TRANSFER: ZERO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One row of a household's history.

    Raises
    ------
    DataError
        An empty name, a date that is no date, shares that are not above zero, an
        amount or a fee that is negative, not a number, or out of place.
    """

    date: dt.date  # trade date
    account: str
    asset: str
    action: Action
    shares: Decimal  # above zero
    account_kind: AccountKind = AccountKind.TAXABLE
    identical: str = ""  # identity group; the asset itself if empty
    amount: Decimal = NONE  # USD for all shares, before the fee; of a split, old shares
    fee: Decimal = ZERO  # USD: added to the basis, taken from the proceeds
    lot: str = ""  # created by a purchase, chosen by a sale or a transfer
    source: str = ""  # where it was read, for refusals

    def __post_init__(self) -> None:
        for name in ("account", "asset"):
            if not getattr(self, name):
                raise refused(self, name, "''", "a name")
        if not isinstance(self.date, dt.date) or isinstance(self.date, dt.datetime):
            raise refused(self, "date", repr(self.date), "a date like 2024-03-15")
        if not EARLIEST <= self.date <= LATEST:
            raise refused(self, "date", self.date, f"one from {EARLIEST} to {LATEST}")
        self._word("action", Action)
        self._word("account_kind", AccountKind)
        self._number("shares", SHARE_PARTS, SHARES)
        if self.amount is NONE and self.action in WITHOUT:
            object.__setattr__(self, "amount", WITHOUT[self.action])
        self._number("amount", CENT_PARTS, AMOUNT)
        self._number("fee", CENT_PARTS, AMOUNT)
        if not self.shares:
            raise refused(self, "shares", self.shares, SHARES)
        if self.action in WITHOUT:
            self._is_no_sale()

    @property
    def cost(self) -> Decimal:
        """Basis of a purchase: amount and fee, USD."""
        return self.amount + self.fee

    @property
    def net_proceeds(self) -> Decimal:
        """What a sale brought after the fee, USD."""
        return self.amount - self.fee

    def _word(self, name: str, words: type[StrEnum]) -> None:
        value = getattr(self, name)
        if value not in words.__members__.values():
            raise refused(self, name, repr(value), f"one of {', '.join(words)}")
        object.__setattr__(self, name, words(value))

    def _is_no_sale(self) -> None:
        if self.action is Action.SPLIT and not self.amount:
            raise refused(self, "amount", self.amount, "a number above 0, or none")
        if self.action is Action.TRANSFER and self.amount:
            raise refused(self, "amount", self.amount, "none: a transfer is no sale")
        if self.fee:
            raise refused(self, "fee", self.fee, f"none: a {self.action} is no sale")

    def _number(self, name: str, parts: Decimal, expected: str) -> None:
        value = getattr(self, name)
        number = exact(value, parts)
        if number is None or number < 0:
            shown = value if isinstance(value, Decimal) else repr(value)
            shown = "''" if value is NONE else shown
            raise refused(self, name, shown, expected)
        object.__setattr__(self, name, number or ZERO)  # -0 is 0


def refused(
    transaction: Transaction, column: str, found: object, expected: str
) -> DataError:
    """The refusal of one field of a transaction."""
    said = f"{transaction.action} of {transaction.asset} on {transaction.date}"
    where = transaction.source or said
    shown = f"{found.normalize():f}" if isinstance(found, Decimal) else found
    return DataError(f"{where}, {column} is {shown}, expected {expected}")
