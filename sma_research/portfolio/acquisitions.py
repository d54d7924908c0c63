"""Purchases of one identity group, as the replacements they can be."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, final

from sma_research.portfolio.amounts import scaled
from sma_research.portfolio.pieces import Piece, Purchase

if TYPE_CHECKING:
    from sma_research.portfolio.holdings import Holdings

WINDOW: Final = dt.timedelta(days=30)  # on either side of a sale, both ends in


@final
class Acquisitions:
    """Purchases in the order of acquisition; those used up are skipped for good.

    Skipping follows links that shorten themselves (a disjoint-set forest), so a walk
    costs O(log n) for every purchase it returns.
    """

    def __init__(self, used_up: Callable[[Purchase], bool]) -> None:
        self._used_up = used_up
        self._purchases: list[Purchase] = []
        self._days: list[dt.date] = []
        self._next: list[int] = []

    def add(self, purchase: Purchase) -> None:
        """Add the latest purchase; another fill of one of the same day is known."""
        if not self._next or self._purchases[-1].number < purchase.number:
            self._next.append(len(self._next))
            self._purchases.append(purchase)
            self._days.append(purchase.date)

    def since(self, day: dt.date) -> Iterator[Purchase]:
        """Purchases of that day and later that are not used up."""
        at = self._first(bisect_left(self._days, day))
        while at < len(self._purchases):
            yield self._purchases[at]
            at = self._first(at + 1)

    def _first(self, at: int) -> int:
        end = at
        while end < len(self._next):
            if self._next[end] != end:
                end = self._next[end]
            elif self._used_up(self._purchases[end]):
                self._next[end] = end + 1
            else:
                break
        while at < end:
            self._next[at], at = end, self._next[at]
        return end


@final
@dataclass(slots=True, kw_only=True)
class IraPurchase:
    """Shares bought in an IRA, when they have to wait for taxable accounts."""

    purchase: Purchase
    asset: str
    unused: Decimal  # shares that have not replaced any

    def split(self, asset: str, ratio: Decimal) -> None:
        """Count shares as they are after a split."""
        if self.asset == asset:
            self.unused = scaled(self.unused, ratio)


@final
@dataclass(slots=True)
class IraPurchases:
    """All of them, in the order of acquisition."""

    _all: list[IraPurchase] = field(default_factory=list)

    def add(self, piece: Piece) -> None:
        """Add the latest purchase, or another fill of it."""
        if self._all and self._all[-1].purchase is piece.purchase:
            self._all[-1].unused += piece.shares
            return
        bought = IraPurchase(
            purchase=piece.purchase, asset=piece.asset, unused=piece.shares
        )
        self._all.append(bought)

    def held(self, since: dt.date, holdings: "Holdings") -> tuple[IraPurchase, ...]:
        """What is still held of the purchases since a day."""
        return tuple(
            IraPurchase(purchase=one.purchase, asset=one.asset, unused=shares)
            for one in self._since(since)
            if (shares := holdings.fresh_shares(one.purchase.number))
        )

    def use(
        self, sale: dt.date, held: tuple[IraPurchase, ...], wanted: Decimal
    ) -> Iterator[tuple[str, Decimal]]:
        """Lots and shares that replace a loss: held at the sale, or bought later."""
        limits = {one.purchase.number: one.unused for one in held}
        for one in self._since(sale - WINDOW):
            if one.purchase.date > sale + WINDOW or not wanted:
                return
            earlier = one.purchase.date <= sale
            limit = limits.get(one.purchase.number, Decimal(0)) if earlier else wanted
            shares = min(one.unused, limit, wanted)
            if shares:
                one.unused -= shares
                wanted -= shares
                yield one.purchase.lot, shares

    def split(self, asset: str, ratio: Decimal) -> None:
        """Count shares as they are after a split."""
        for one in self._all:
            one.split(asset, ratio)

    def _since(self, day: dt.date) -> list[IraPurchase]:
        at = bisect_left(self._all, day, key=lambda one: one.purchase.date)
        return self._all[at:]
