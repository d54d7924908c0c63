"""What a household holds: open pieces by account, asset, lot and purchase.

A piece whose rank changes is closed, and its successor is opened under a new number;
that is what lets the rankings find out that they hold a closed one.

Pieces set aside for a sale of the day are still held, and can replace others, but no
ranking offers them again.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import TypeAlias, final

from sma_research.portfolio.amounts import ZERO, scaled
from sma_research.portfolio.pieces import NO_SALE, Piece, divide_piece
from sma_research.portfolio.relief import Queue, Relief, relief, within_lot
from sma_research.portfolio.rules import Method
from sma_research.portfolio.tax import TaxRates

Place: TypeAlias = tuple[str, str]  # account, asset


@final
@dataclass(slots=True, kw_only=True)
class Position:
    """One asset in one account."""

    ranking: Relief
    shares: Decimal = ZERO
    lots: dict[str, Queue]
    lot_shares: dict[str, Decimal]
    numbers: dict[int, None]


@final
class Holdings:
    """Open pieces, and every way to find them."""

    def __init__(self, method: Method, rates: TaxRates) -> None:
        self._method = method
        self._rates = rates
        self._count = count()
        self._open: dict[int, Piece] = {}
        self._positions: dict[Place, Position] = {}
        self._accounts: defaultdict[str, set[str]] = defaultdict(set)
        self._fresh: defaultdict[int, dict[int, None]] = defaultdict(dict)
        self._aside: defaultdict[tuple[int, int], dict[int, None]] = defaultdict(dict)

    def __iter__(self) -> Iterator[Piece]:
        return iter(self._open.values())

    def position(self, account: str, asset: str) -> Position | None:
        """One asset in one account, if it was ever held there."""
        return self._positions.get((account, asset))

    def ever(self, asset: str) -> bool:
        """Whether the asset was ever held."""
        return asset in self._accounts

    def accounts(self, asset: str, lot: str = "") -> list[str]:
        """Accounts that hold the asset, or one lot of it, in alphabetical order."""
        accounts = self._accounts.get(asset, ())
        found = {name: self._positions[name, asset] for name in accounts}
        return sorted(
            account
            for account, position in found.items()
            if (position.lot_shares.get(lot) if lot else position.shares)
        )

    def ranking(self, account: str, asset: str, lot: str = "") -> Relief:
        """The order in which a position, or one lot of it, is sold."""
        position = self._positions[account, asset]
        return position.lots[lot] if lot else position.ranking

    def fresh(self, purchase: int, *, loss_of: int = NO_SALE) -> Piece | None:
        """Open shares of a purchase that have not replaced any yet.

        Those set aside for the sale ``loss_of`` do not count: one sale's shares never
        replace each other.
        """
        for number in self._fresh.get(purchase, ()):
            piece = self._open[number]
            if piece.sale == NO_SALE or piece.sale != loss_of:
                return piece
        return None

    def fresh_shares(self, purchase: int) -> Decimal:
        """How many of them."""
        numbers = self._fresh.get(purchase, {})
        return sum((self._open[number].shares for number in numbers), ZERO)

    def open(self, piece: Piece) -> Piece:
        """Add a piece, under a number of its own."""
        piece = piece._replace(number=next(self._count))
        self._open[piece.number] = piece
        if piece.fresh:
            self._fresh[piece.purchase.number][piece.number] = None
        if piece.sale == NO_SALE:
            self._rank(piece)
        else:
            self._aside[piece.sale, piece.purchase.number][piece.number] = None
        return piece

    def close(self, piece: Piece) -> None:
        """Remove a piece."""
        del self._open[piece.number]
        if piece.fresh:
            self._fresh[piece.purchase.number].pop(piece.number)
        if piece.sale == NO_SALE:
            del self._positions[piece.account, piece.asset].numbers[piece.number]
            self._count_out(piece)
        else:
            del self._aside[piece.sale, piece.purchase.number][piece.number]

    def take(self, piece: Piece, shares: Decimal) -> Piece:
        """Remove some shares of a piece; the rest keeps its number and rank."""
        if shares >= piece.shares:
            self.close(piece)
            return piece
        taken, rest = divide_piece(piece, shares)
        self._open[piece.number] = rest
        if piece.sale == NO_SALE:
            self._count_out(taken)
        return taken

    def release(self, sale: int, purchase: int) -> list[Piece]:
        """Remove what is set aside of a purchase for a sale."""
        numbers = self._aside.pop((sale, purchase), {})
        pieces = [self._open.pop(number) for number in numbers]
        for piece in pieces:
            if piece.fresh:
                self._fresh[purchase].pop(piece.number)
        return pieces

    def _rank(self, piece: Piece) -> None:
        place = (piece.account, piece.asset)
        position = self._positions.get(place)
        if position is None:
            position = self._positions[place] = self._position()
            self._accounts[piece.asset].add(piece.account)
        position.numbers[piece.number] = None
        position.shares += piece.shares
        lot = piece.purchase.lot
        if lot not in position.lots:
            position.lots[lot] = within_lot(self._open)
            position.lot_shares[lot] = ZERO
        position.lot_shares[lot] += piece.shares
        position.lots[lot].add(piece)
        position.ranking.add(piece)

    def split(self, asset: str, ratio: Decimal) -> None:
        """Multiply the shares of an asset in every account."""
        for account in self.accounts(asset):
            old = self._positions[account, asset]
            pieces = [self._open[number] for number in old.numbers]
            for piece in pieces:
                self.close(piece)
            del self._positions[account, asset]  # ranks of before do not compare
            for piece in pieces:
                self.open(piece._replace(shares=scaled(piece.shares, ratio)))

    def _count_out(self, piece: Piece) -> None:
        position = self._positions[piece.account, piece.asset]
        position.shares -= piece.shares
        position.lot_shares[piece.purchase.lot] -= piece.shares

    def _position(self) -> Position:
        ranking = relief(self._method, self._rates, self._open)
        return Position(ranking=ranking, lots={}, lot_shares={}, numbers={})
