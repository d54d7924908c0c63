"""Lot relief: which shares a sale disposes of when it names no lot.

Every method ranks by wash-adjusted basis and breaks ties by the order of acquisition;
within a purchase, the longest held come first, then what has replaced nothing yet.
Each choice costs O(log m): ranks stand in heaps, from which closed pieces drop out
when they surface.

==============  ==================================================================
method          sells first
==============  ==================================================================
fifo            the earliest purchase, the law's choice when nothing is identified
lifo            the latest purchase
hifo            the highest basis per share
lofo            the lowest basis per share
min_tax         the lowest ``rate(term) x (price - basis)``
broker_mintax   short losses, long losses, zeros, long gains, short gains
specific        nothing: every sale has to name its lot
==============  ==================================================================
"""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any, Final, Protocol, TypeAlias, final

from sma_research.portfolio.amounts import EXACT
from sma_research.portfolio.holding import Term, first_long_term_day
from sma_research.portfolio.pieces import Piece
from sma_research.portfolio.rules import Method
from sma_research.portfolio.tax import TaxRates

Rank: TypeAlias = tuple[Any, ...]  # compared with ranks of the same function only
Key: TypeAlias = Callable[[Piece], Rank]
Preference: TypeAlias = Callable[[Decimal, Term, Mapping[Term, Decimal]], Decimal]


class Relief(Protocol):
    """Open pieces of one position, ranked."""

    def add(self, piece: Piece) -> None:
        """Rank an open piece."""

    def choose(self, price: Decimal, on: dt.date) -> Piece:
        """The piece to sell next at a price per share."""


def _longest_held(piece: Piece) -> Rank:
    return (piece.adjusted_acquired, not piece.fresh)


def _first_in(piece: Piece) -> Rank:
    return (piece.purchase.number, *_longest_held(piece))


def _last_in(piece: Piece) -> Rank:
    return (-piece.purchase.number, *_longest_held(piece))


def _highest_basis(piece: Piece) -> Rank:
    return (-piece.basis_per_share, *_first_in(piece))


def _lowest_basis(piece: Piece) -> Rank:
    return (piece.basis_per_share, *_first_in(piece))


BROKERS_ORDER: Final = (
    (-1, Term.SHORT),
    (-1, Term.LONG),
    (0, Term.SHORT),
    (0, Term.LONG),
    (1, Term.LONG),
    (1, Term.SHORT),
)


@final
class Queue:
    """Pieces in the order of a key; those no longer open are dropped."""

    def __init__(self, key: Key, pieces: Mapping[int, Piece]) -> None:
        self._key = key
        self._open = pieces
        self._heap: list[tuple[Rank, int]] = []

    def add(self, piece: Piece) -> None:
        """Rank an open piece."""
        heappush(self._heap, (self._key(piece), piece.number))

    def first(self) -> Piece | None:
        """The open piece of the lowest rank; None when all are closed."""
        while self._heap:
            piece = self._open.get(self._heap[0][1])
            if piece is not None:
                return piece
            heappop(self._heap)
        return None

    def drop_first(self) -> None:
        """Forget the piece of the lowest rank."""
        heappop(self._heap)

    def choose(self, price: Decimal, on: dt.date) -> Piece:  # noqa: ARG002
        """The open piece of the lowest rank, whatever the price."""
        piece = self.first()
        assert piece is not None, "a position sells no more than it holds"
        return piece


@final
class ByTerm:
    """Short-term and long-term pieces apart, each by falling basis."""

    def __init__(
        self, preference: Preference, rates: TaxRates, pieces: Mapping[int, Piece]
    ) -> None:
        self._preference = preference
        self._rates = {
            Term.SHORT: Decimal(repr(rates.short)),
            Term.LONG: Decimal(repr(rates.long)),
        }
        self._short = Queue(_highest_basis, pieces)
        self._long = Queue(_highest_basis, pieces)
        self._maturing = Queue(_first_long_term, pieces)

    def add(self, piece: Piece) -> None:
        """Rank an open piece."""
        self._short.add(piece)
        self._maturing.add(piece)

    def choose(self, price: Decimal, on: dt.date) -> Piece:
        """The better of the two terms' first pieces."""
        while (piece := self._maturing.first()) and _matured(piece, on):
            self._maturing.drop_first()
            self._long.add(piece)
        while (piece := self._short.first()) and _matured(piece, on):
            self._short.drop_first()
        heads = (
            (Term.SHORT, self._short.first()),
            (Term.LONG, self._long.first()),
        )
        ranked = {
            (self._rank(head, price, term), *_first_in(head)): head
            for term, head in heads
            if head is not None
        }
        return ranked[min(ranked)]

    def _rank(self, piece: Piece, price: Decimal, term: Term) -> Decimal:
        gain = price - piece.basis_per_share
        return self._preference(gain, term, self._rates)


def _first_long_term(piece: Piece) -> Rank:
    return (first_long_term_day(piece.adjusted_acquired),)


def _matured(piece: Piece, on: dt.date) -> bool:
    return on >= first_long_term_day(piece.adjusted_acquired)


def _least_tax(gain: Decimal, term: Term, rates: Mapping[Term, Decimal]) -> Decimal:
    return EXACT.multiply(rates[term], gain)


def _brokers_category(gain: Decimal, term: Term, _: Mapping[Term, Decimal]) -> Decimal:
    sign = (gain > 0) - (gain < 0)
    return Decimal(BROKERS_ORDER.index((sign, term)))


STATIC: Final[Mapping[Method, Key]] = {
    Method.FIFO: _first_in,
    Method.LIFO: _last_in,
    Method.HIFO: _highest_basis,
    Method.LOFO: _lowest_basis,
    Method.SPECIFIC: _first_in,
}
BY_TERM: Final[Mapping[Method, Preference]] = {
    Method.MIN_TAX: _least_tax,
    Method.BROKER_MINTAX: _brokers_category,
}


def relief(method: Method, rates: TaxRates, pieces: Mapping[int, Piece]) -> Relief:
    """A ranking of one position; ``pieces`` are all that are open, by number."""
    if method in BY_TERM:
        return ByTerm(BY_TERM[method], rates, pieces)
    return Queue(STATIC[method], pieces)


def within_lot(pieces: Mapping[int, Piece]) -> Queue:
    """A ranking of the pieces of one lot: the longest held first."""
    return Queue(_longest_held, pieces)
