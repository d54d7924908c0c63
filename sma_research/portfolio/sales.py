"""A day's sales: shares are chosen for all, then sold in the order of acquisition.

Dates have no hours, so the losses of a day count as if the shares had been sold in the
order in which they were acquired (Reg. 1.1091-1(b)), whatever the order of the rows and
whether they name a lot. Until its turn comes, what is chosen for a sale can replace
shares of another sale, but never shares of the same one.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import final

from sma_research.portfolio.amounts import pro_rata
from sma_research.portfolio.holdings import Holdings
from sma_research.portfolio.pieces import Piece, sold_piece
from sma_research.portfolio.wash_sales import IdentityGroup, SoldShares


@final
@dataclass(slots=True, kw_only=True)
class Sale:
    """One sale, and what of it is not disposed of yet."""

    number: int  # of the sale in the household
    group: IdentityGroup
    date: dt.date
    shares: Decimal
    proceeds: Decimal  # USD after fees
    pieces: dict[int, list[Piece]]  # chosen, by number of purchase

    def dispose(self, piece: Piece, order: int) -> SoldShares:
        """Sell one of the pieces, for its part of the proceeds."""
        part = pro_rata(self.proceeds, piece.shares, self.shares)
        self.proceeds -= part
        self.shares -= piece.shares
        return SoldShares(
            sale=sold_piece(piece, self.date, part),
            number=self.number,
            order=order,
            purchase=piece.purchase,
        )


def set_aside(sales: Sequence[Sale], holdings: Holdings, *, always: bool) -> None:
    """Hold on to what is chosen where the loss of another sale could be moved to it.

    A sale alone in its group needs that only where shares sold before still count:
    then ``always``.
    """
    together = Counter(sale.group.name for sale in sales)
    for sale in sales:
        if always or together[sale.group.name] > 1:
            for pieces in sale.pieces.values():
                for piece in pieces:
                    holdings.open(piece._replace(sale=sale.number))


def turns(
    sales: Sequence[Sale], holdings: Holdings
) -> Iterator[tuple[Sale, list[Piece]]]:
    """Pieces of one purchase after another, each with the sale that disposes of them."""
    line = sorted(
        (purchase, place)
        for place, sale in enumerate(sales)
        for purchase in sale.pieces
    )
    for purchase, place in line:
        sale = sales[place]
        chosen = sale.pieces[purchase]
        yield sale, holdings.release(sale.number, purchase) or chosen
