"""What the ledger is made of: purchases, open pieces of them, and disposals."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from sma_research.portfolio.amounts import ZERO, per_share, pro_rata
from sma_research.portfolio.holding import Term, term
from sma_research.portfolio.transactions import AccountKind

NEW: Final = -1  # number of a piece that is not open yet
NO_SALE: Final = -1  # of a piece that nobody sells today


@dataclass(frozen=True, eq=False, kw_only=True)
class Purchase:
    """One acquisition. Its shares never replace each other (Rev. Rul. 56-602)."""

    number: int  # order of acquisition in the household
    date: dt.date
    lot: str


class Piece(NamedTuple):
    """Open shares of one purchase that share one history."""

    number: int  # new whenever its rank may change
    purchase: Purchase
    account: str
    account_kind: AccountKind
    asset: str
    identical: str  # identity group
    shares: Decimal
    adjusted_acquired: dt.date  # held since, for the term
    basis: Decimal  # USD paid
    added: Decimal = ZERO  # USD of disallowed losses
    fresh: bool = True  # has not replaced sold shares yet
    sale: int = NO_SALE  # number of the sale it is set aside for

    @property
    def adjusted_basis(self) -> Decimal:
        """USD paid and disallowed losses added."""
        return self.basis + self.added

    @property
    def basis_per_share(self) -> Decimal:
        """Adjusted basis, USD per share."""
        return per_share(self.adjusted_basis, self.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLot:
    """Shares still held, of one purchase and one history."""

    lot: str
    asset: str
    account: str
    account_kind: AccountKind
    shares: Decimal
    basis: Decimal  # USD paid
    acquired: dt.date
    adjusted_basis: Decimal  # USD, disallowed losses added
    adjusted_acquired: dt.date  # held since, for the term
    replaced: bool = False  # has replaced sold shares, and will replace no others
    identical: str = ""  # identity group; the asset itself if empty
    purchase: int | None = None  # lots bought together; order of acquisition


class Disposal(NamedTuple):
    """Shares of one piece that were sold, with what became of the loss.

    A disposal of no shares restates an earlier sale (see ``SoldReplacement``).
    """

    date: dt.date
    asset: str
    account: str
    account_kind: AccountKind
    lot: str
    acquired: dt.date
    adjusted_acquired: dt.date
    shares: Decimal
    proceeds: Decimal  # USD after fees
    basis: Decimal  # USD, adjusted
    disallowed: Decimal = ZERO  # USD of the loss that is not deductible now
    replacement: str = ""  # lot to which the disallowed loss went
    permanent: Decimal = ZERO  # USD of the disallowed loss that is lost for good

    @property
    def gain(self) -> Decimal:
        """Proceeds less adjusted basis, USD; a loss is negative."""
        return self.proceeds - self.basis

    @property
    def allowed(self) -> Decimal:
        """What counts in the year, USD."""
        return self.gain + self.disallowed

    @property
    def term(self) -> Term:
        """Short or long, by the adjusted date."""
        return term(self.adjusted_acquired, self.date)


def divide_piece(piece: Piece, shares: Decimal) -> tuple[Piece, Piece]:
    """Some shares of a piece, and the rest. Both keep its number."""
    basis = pro_rata(piece.basis, shares, piece.shares)
    added = pro_rata(piece.added, shares, piece.shares) if piece.added else ZERO
    taken = piece._replace(shares=shares, basis=basis, added=added)
    rest = piece._replace(
        shares=piece.shares - shares,
        basis=piece.basis - basis,
        added=piece.added - added,
    )
    return taken, rest


def divide_disposal(sale: Disposal, shares: Decimal) -> tuple[Disposal, Disposal]:
    """Some shares of an undecided disposal, and the rest."""
    proceeds = pro_rata(sale.proceeds, shares, sale.shares)
    basis = pro_rata(sale.basis, shares, sale.shares)
    taken = sale._replace(shares=shares, proceeds=proceeds, basis=basis)
    rest = sale._replace(
        shares=sale.shares - shares,
        proceeds=sale.proceeds - proceeds,
        basis=sale.basis - basis,
    )
    return taken, rest


def sold_piece(piece: Piece, on: dt.date, proceeds: Decimal) -> Disposal:
    """The disposal of a whole piece."""
    return Disposal(
        date=on,
        asset=piece.asset,
        account=piece.account,
        account_kind=piece.account_kind,
        lot=piece.purchase.lot,
        acquired=piece.purchase.date,
        adjusted_acquired=piece.adjusted_acquired,
        shares=piece.shares,
        proceeds=proceeds,
        basis=piece.adjusted_basis,
    )


def open_lot(piece: Piece) -> OpenLot:
    """An open piece as the ledger reports it."""
    return OpenLot(
        lot=piece.purchase.lot,
        asset=piece.asset,
        account=piece.account,
        account_kind=piece.account_kind,
        shares=piece.shares,
        basis=piece.basis,
        acquired=piece.purchase.date,
        adjusted_basis=piece.adjusted_basis,
        adjusted_acquired=piece.adjusted_acquired,
        replaced=not piece.fresh,
        identical=piece.identical,
        purchase=piece.purchase.number,
    )


def opened_piece(lot: OpenLot, purchase: Purchase) -> Piece:
    """The piece that an opening lot stands for."""
    return Piece(
        number=NEW,
        purchase=purchase,
        account=lot.account,
        account_kind=lot.account_kind,
        asset=lot.asset,
        identical=lot.identical,
        shares=lot.shares,
        adjusted_acquired=lot.adjusted_acquired,
        basis=lot.basis,
        added=lot.adjusted_basis - lot.basis,
        fresh=not lot.replaced,
    )
