"""The books between two transactions: entering one, and closing them."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import count
from typing import Final, TypeAlias, final

from sma_research.portfolio.amounts import EXACT, ZERO, per_share
from sma_research.portfolio.holdings import Holdings
from sma_research.portfolio.household import refused_crossing, refused_lot
from sma_research.portfolio.pieces import (
    NEW,
    Disposal,
    OpenLot,
    Piece,
    Purchase,
    open_lot,
    opened_piece,
)
from sma_research.portfolio.rules import Method, SoldReplacement, WashRules
from sma_research.portfolio.sales import Sale, set_aside, turns
from sma_research.portfolio.tax import TaxRates
from sma_research.portfolio.transactions import (
    AccountKind,
    Action,
    Transaction,
    refused,
)
from sma_research.portfolio.wash_sales import IdentityGroup

FEW: Final = 5  # lots named in a refusal


@final
class Books:
    """What is held, and which losses still wait for a replacement."""

    def __init__(self, *, method: Method, rates: TaxRates, wash: WashRules) -> None:
        self.holdings = Holdings(method, rates)
        self._method = method
        self._wash = wash
        self._groups: dict[str, IdentityGroup] = {}
        self._purchases: dict[tuple[str, str, str], Purchase] = {}
        self._carried: dict[tuple[str, str, dt.date, str | int], Purchase] = {}
        self._splits: dict[tuple[str, dt.date], Decimal] = {}
        self._unnamed: Counter[tuple[str, str, dt.date]] = Counter()
        self._numbers = count()
        self._orders = count()
        self._sales = count()
        self._emitted: list[tuple[int, Disposal]] = []

    def carry_in(self, lot: OpenLot, identity: str) -> None:
        """Open a lot from before the first transaction, in order of acquisition."""
        of = lot.account if lot.purchase is None else lot.purchase
        together = (lot.asset, lot.lot, lot.acquired, of)
        if together not in self._carried:
            self._carried[together] = self._new_purchase(lot.acquired, lot.lot)
        purchase = self._carried[together]
        key = (lot.account, lot.asset, lot.lot)
        if self._purchases.setdefault(key, purchase) is not purchase:
            expected = f"that of one purchase, on {self._purchases[key].date}"
            raise refused_lot(lot, "lot", repr(lot.lot), expected)
        piece = self.holdings.open(
            opened_piece(lot, purchase)._replace(identical=identity)
        )
        self._group(identity).bought(piece)

    def enter(self, row: Transaction, identity: str) -> None:
        """Enter one transaction, no sale, of an asset of the identity group."""
        ENTRIES[row.action](self, row, self._group(identity))

    def close(self, last: dt.date) -> set[int]:
        """Allow the losses left; years in which a later purchase may undo one."""
        for group in self._groups.values():
            group.settle(last)
        return set().union(*(group.close() for group in self._groups.values()))

    def disposals(self) -> tuple[Disposal, ...]:
        """Everything sold, by date, in the order of the sales."""
        self._emitted.sort(key=lambda pair: (pair[1].date, pair[0]))
        return tuple(disposal for _, disposal in self._emitted)

    def open_lots(self) -> tuple[OpenLot, ...]:
        """Everything held, by asset, account and purchase."""

        def place(piece: Piece) -> tuple[object, ...]:
            return piece.asset, piece.account, piece.purchase.number, piece.number

        return tuple(open_lot(piece) for piece in sorted(self.holdings, key=place))

    def buy(self, row: Transaction, group: IdentityGroup) -> None:
        """A purchase; fills of one day under one lot are one purchase."""
        lot = row.lot or self._new_lot(row)
        purchase = self._purchase((row.account, row.asset, lot), row.date)
        if purchase.date != row.date:
            expected = f"a new name: that lot was bought on {purchase.date}"
            raise refused(row, "lot", repr(lot), expected)
        piece = self.holdings.open(
            Piece(
                number=NEW,
                purchase=purchase,
                account=row.account,
                account_kind=row.account_kind,
                asset=row.asset,
                identical=group.name,
                shares=row.shares,
                basis=row.cost,
                adjusted_acquired=row.date,
            )
        )
        group.bought(piece)

    def sell(self, rows: Iterable[tuple[Transaction, str]]) -> None:
        """Enter all sales of a day, with the identity groups of what they sell."""
        sales = [self._choose(row, self._group(identity)) for row, identity in rows]
        replaces = self._wash.sold_replacement is SoldReplacement.REPLACES
        set_aside(sales, self.holdings, always=replaces)
        for sale, pieces in turns(sales, self.holdings):
            sale.group.sold(
                [(piece, sale.dispose(piece, next(self._orders))) for piece in pieces]
            )

    def split(self, row: Transaction, group: IdentityGroup) -> None:
        """A split of the asset in every account; a second report of it is the same."""
        if not self.holdings.ever(row.asset):
            expected = f"an asset that was held before {row.date}"
            raise refused(row, "asset", row.asset, expected)
        ratio = EXACT.divide(row.shares, row.amount)
        key = (row.asset, row.date)
        if key not in self._splits:
            self._splits[key] = ratio
            self.holdings.split(row.asset, ratio)
            group.split(row.asset, ratio)
        if self._splits[key] != ratio:
            expected = "the ratio of the other split of that day"
            raise refused(row, "shares", row.shares, expected)

    def transfer(self, row: Transaction, _: IdentityGroup) -> None:
        """Shares that move into the account with basis and dates."""
        origin = self._origin(row)
        self._require(row, origin)
        for piece in self._take(row, origin):
            if AccountKind.IRA in {piece.account_kind, row.account_kind} and (
                piece.account_kind is not row.account_kind
            ):
                raise refused_crossing(row, origin, piece.account_kind)
            key = (row.account, row.asset, piece.purchase.lot)
            if self._purchases.setdefault(key, piece.purchase) is not piece.purchase:
                expected = f"a lot that account {row.account} does not have yet"
                raise refused(row, "lot", repr(piece.purchase.lot), expected)
            moved = piece._replace(account=row.account, account_kind=row.account_kind)
            self.holdings.open(moved)

    def _choose(self, row: Transaction, group: IdentityGroup) -> Sale:
        if self._method is Method.SPECIFIC and not row.lot:
            expected = "a lot, since the method is specific"
            raise refused(row, "lot", "empty", expected)
        self._require(row, row.account)
        pieces: defaultdict[int, list[Piece]] = defaultdict(list)
        taken = self._take(row, row.account)
        for piece in sorted(taken, key=lambda p: (not p.fresh, p.number)):
            pieces[piece.purchase.number].append(piece)
        return Sale(
            number=next(self._sales),
            group=group,
            date=row.date,
            shares=row.shares,
            proceeds=row.net_proceeds,
            pieces=pieces,
        )

    def _group(self, identity: str) -> IdentityGroup:
        if identity not in self._groups:
            self._groups[identity] = IdentityGroup(
                identity, self._wash, self.holdings, self._emit
            )
        return self._groups[identity]

    def _purchase(self, key: tuple[str, str, str], bought: dt.date) -> Purchase:
        if key not in self._purchases:
            self._purchases[key] = self._new_purchase(bought, key[2])
        return self._purchases[key]

    def _new_purchase(self, bought: dt.date, lot: str) -> Purchase:
        return Purchase(number=next(self._numbers), date=bought, lot=lot)

    def _require(self, row: Transaction, account: str) -> None:
        position = self.holdings.position(account, row.asset)
        place = f"{row.asset} in account {account}"
        lots = {} if position is None else position.lot_shares
        if row.lot and row.lot not in lots:
            some = ", ".join(list(lots)[:FEW]) or "none was ever held"
            expected = f"a lot of {place}: {some}"
            raise refused(row, "lot", repr(row.lot), expected)
        held = ZERO if position is None else position.shares
        left = lots[row.lot] if row.lot else held
        if row.shares > left:
            where = f"lot {row.lot} of {place}" if row.lot else place
            expected = f"at most {left.normalize():f}, what is held of {where}"
            raise refused(row, "shares", row.shares, expected)

    def _take(self, row: Transaction, account: str) -> list[Piece]:
        ranking = self.holdings.ranking(account, row.asset, row.lot)
        price = per_share(row.net_proceeds, row.shares)
        pieces: list[Piece] = []
        left = row.shares
        while left:
            piece = ranking.choose(price, row.date)
            pieces.append(self.holdings.take(piece, left))
            left -= pieces[-1].shares
        return pieces

    def _origin(self, row: Transaction) -> str:
        found = [
            account
            for account in self.holdings.accounts(row.asset, row.lot)
            if account != row.account
        ]
        if len(found) != 1:
            asked = f"lot {row.lot} of {row.asset}" if row.lot else row.asset
            holders = ", ".join(found) or "none"
            expected = f"{asked} in exactly one other account, found {holders}"
            raise refused(row, "lot", repr(row.lot), expected)
        return found[0]

    def _new_lot(self, row: Transaction) -> str:
        place = (row.account, row.asset, row.date)
        while True:
            self._unnamed[place] += 1
            times = self._unnamed[place]
            lot = f"{row.date}" if times == 1 else f"{row.date}#{times}"
            if (row.account, row.asset, lot) not in self._purchases:
                return lot

    def _emit(self, order: int, disposal: Disposal) -> None:
        self._emitted.append((order, disposal))


Entry: TypeAlias = Callable[[Books, Transaction, IdentityGroup], None]
ENTRIES: Final[Mapping[Action, Entry]] = {
    Action.BUY: Books.buy,
    Action.REINVEST: Books.buy,
    Action.SPLIT: Books.split,
    Action.TRANSFER: Books.transfer,
}
