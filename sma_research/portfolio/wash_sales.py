"""Wash sales: which losses are not deductible, and which shares they go to.

A loss is disallowed share by share when substantially identical shares were acquired
within 30 days of the sale, both ends counted (26 U.S.C. 1091(a)). Losses come in order
of disposition, replacements in order of acquisition, every replacement share once, and
never a share of the purchase that is sold (Reg. 1.1091-1; Rev. Rul. 56-602). A
replacement takes on the disallowed loss and the holding period (1091(d), 1223(3)); in
an IRA the loss is lost (Rev. Rul. 2008-5).

Since an earlier loss has taken what it can before the next one occurs, going through
the days once gives the order of the regulation. Each match costs O(log n).
"""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import TypeAlias, final

from sma_research.portfolio.acquisitions import (
    WINDOW,
    Acquisitions,
    IraPurchase,
    IraPurchases,
)
from sma_research.portfolio.amounts import ZERO, scaled
from sma_research.portfolio.holding import tacked
from sma_research.portfolio.holdings import Holdings
from sma_research.portfolio.pieces import Disposal, Piece, Purchase, divide_disposal
from sma_research.portfolio.rules import (
    IraOrder,
    OlderLot,
    SoldReplacement,
    SpouseBasis,
    WashRules,
)
from sma_research.portfolio.transactions import AccountKind


@final
@dataclass(slots=True, kw_only=True)
class SoldShares:
    """Shares that were sold, less those that are already matched."""

    sale: Disposal
    number: int  # of the sale they were part of
    order: int  # of the disposal in the household
    purchase: Purchase  # whose shares were sold
    scale: Decimal = Decimal(1)  # shares today for each one: later splits
    in_ira: tuple[IraPurchase, ...] = ()  # held when a loss was realized

    def take(self, shares: Decimal) -> Disposal:
        """Match some shares, as they are counted today."""
        sold = (
            self.sale.shares if shares >= self.today else scaled(shares, 1 / self.scale)
        )
        part, self.sale = divide_disposal(self.sale, min(sold, self.sale.shares))
        return part

    @property
    def today(self) -> Decimal:
        """Shares, as they are counted today."""
        return scaled(self.sale.shares, self.scale)

    @property
    def done(self) -> bool:
        """Whether every share has been matched."""
        return not self.sale.shares

    def split(self, asset: str, ratio: Decimal) -> None:
        """Count shares as they are after a split."""
        if self.sale.asset == asset:
            self.scale *= ratio
        for held in self.in_ira:
            held.split(asset, ratio)


Emit: TypeAlias = Callable[[int, Disposal], None]


@final
class IdentityGroup:
    """Substantially identical shares of a household: losses meet replacements."""

    def __init__(
        self, name: str, rules: WashRules, holdings: Holdings, emit: Emit
    ) -> None:
        self.name = name
        self._rules = rules
        self._holdings = holdings
        self._emit = emit
        self._line = Acquisitions(self._used_up)
        self._ira = IraPurchases()
        self._pending: deque[SoldShares] = deque()  # in order of disposition
        self._sold: defaultdict[int, list[SoldShares]] = defaultdict(list)

    def bought(self, piece: Piece) -> None:
        """Replace earlier losses with a purchase, the earliest first."""
        self.settle(piece.purchase.date)
        if self._waits(piece.account_kind):
            if piece.fresh:
                self._ira.add(piece)
            return
        self._line.add(piece.purchase)
        while self._pending and (left := self._holdings.fresh(piece.purchase.number)):
            self._replace(self._pending[0], left)
            if self._pending[0].done:
                self._pending.popleft()

    def sold(self, parts: Sequence[tuple[Piece, SoldShares]]) -> None:
        """Sell shares of one purchase: look for replacements of those at a loss."""
        if self._rules.sold_replacement is SoldReplacement.REPLACES:
            for piece, part in parts:
                if piece.fresh and not self._waits(piece.account_kind):
                    self._sold[piece.purchase.number].append(replace(part))
        for piece, part in parts:
            if part.sale.gain < 0 and piece.account_kind is not AccountKind.IRA:
                self._lost(part)
            else:
                self._emit(part.order, part.sale)

    def split(self, asset: str, ratio: Decimal) -> None:
        """Count shares that wait as they are after a split."""
        self._ira.split(asset, ratio)
        for sold in chain(self._pending, *self._sold.values()):
            sold.split(asset, ratio)

    def settle(self, today: dt.date) -> None:
        """Allow what is left of the losses whose window has closed."""
        while self._pending and self._pending[0].sale.date + WINDOW < today:
            self._allow(self._pending.popleft())

    def close(self) -> set[int]:
        """Allow all that is left; years of losses whose window was still open."""
        years = {loss.sale.date.year for loss in self._pending}
        while self._pending:
            self._allow(self._pending.popleft())
        return years

    def _lost(self, loss: SoldShares) -> None:
        """Replace a loss with what is held, and wait 30 days for more."""
        sale = loss.sale
        self.settle(sale.date)
        earliest = sale.date - WINDOW
        if self._rules.older_lot is OlderLot.IGNORED:
            earliest = max(earliest, loss.purchase.date)
        for purchase in self._line.since(earliest):
            if purchase is not loss.purchase:
                self._use(loss, purchase)
            if loss.done:
                return
        loss.in_ira = self._ira.held(sale.date - WINDOW, self._holdings)
        self._pending.append(loss)

    def _use(self, loss: SoldShares, purchase: Purchase) -> None:
        while not loss.done and (
            piece := self._holdings.fresh(purchase.number, loss_of=loss.number)
        ):
            self._replace(loss, piece)
        for resold in self._sold.get(purchase.number, ()):
            if not loss.done and not resold.done and resold.number != loss.number:
                self._restate(loss, resold)

    def _replace(self, loss: SoldShares, piece: Piece) -> None:
        """Move a loss to shares that are held, as many as there are."""
        shares = min(piece.shares, loss.today)
        part = loss.take(shares)
        taken = self._holdings.take(piece, shares)
        washed = self._washed(part, piece.purchase.lot, piece.account_kind)
        held_since = taken.adjusted_acquired
        if not washed.permanent:
            held_since = tacked(
                held_since, part.date, part.adjusted_acquired, self._rules.tacking
            )
        added = taken.added + washed.disallowed - washed.permanent
        self._holdings.open(
            taken._replace(fresh=False, added=added, adjusted_acquired=held_since)
        )
        self._emit(loss.order, washed)

    def _restate(self, loss: SoldShares, resold: SoldShares) -> None:
        """Move a loss to the basis of shares that were sold before it."""
        shares = min(resold.today, loss.today)
        sale = resold.take(shares)
        washed = self._washed(loss.take(shares), sale.lot, sale.account_kind)
        restated = washed.disallowed - washed.permanent
        self._emit(loss.order, washed)
        if restated:
            sale = sale._replace(shares=ZERO, proceeds=ZERO, basis=restated)
            self._emit(loss.order, sale)

    def _washed(self, part: Disposal, lot: str, kind: AccountKind) -> Disposal:
        disallowed = max(-part.gain, ZERO)
        spouses = AccountKind.SPOUSE in {kind, part.account_kind} and (
            kind is not part.account_kind
        )
        lost = kind is AccountKind.IRA or (
            spouses and self._rules.spouse_basis is SpouseBasis.LOST
        )
        permanent = disallowed if lost else ZERO
        return part._replace(
            disallowed=disallowed, replacement=lot, permanent=permanent
        )

    def _allow(self, loss: SoldShares) -> None:
        for lot, shares in self._ira.use(loss.sale.date, loss.in_ira, loss.today):
            washed = self._washed(loss.take(shares), lot, AccountKind.IRA)
            self._emit(loss.order, washed)
        if not loss.done:
            self._emit(loss.order, loss.sale)

    def _waits(self, kind: AccountKind) -> bool:
        return (
            kind is AccountKind.IRA and self._rules.ira_order is IraOrder.TAXABLE_FIRST
        )

    def _used_up(self, purchase: Purchase) -> bool:
        if self._holdings.fresh(purchase.number):
            return False
        return all(resold.done for resold in self._sold.get(purchase.number, ()))
