"""What the household's last 30 days forbid today, lot by lot and asset by asset.

Two sides of 26 U.S.C. 1091, both ends of the 61 days counted and by identity group:

* a group with a sale at a loss in the last 30 days may not be bought today;
* a loss is disallowed as far as the group has shares that were bought in the last 30
  days and have replaced none yet. Shares of one purchase never replace each other
  (Rev. Rul. 56-602), so a recent lot does not stand in its own way, sold in part or
  entirely. Which lots are of one purchase their labels tell (`Lots.purchase`).

Which purchases of other accounts have replaced earlier losses is not known here: all
count, which forbids at times more than the law. This account's lots tell by their two
dates. A group that the mandate makes the account sell entirely has no replacement left
in it: what the older lots lose goes to the recent ones, and is realized with them.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.errors import DataError
from sma_research.portfolio.account import Account
from sma_research.portfolio.acquisitions import WINDOW
from sma_research.portfolio.history import Side, TradeHistory
from sma_research.portfolio.transactions import AccountKind
from sma_research.portfolio.universe import Universe

ELSEWHERE = -1  # the purchase number of what other accounts bought
NEGLIGIBLE = 1e-9  # shares


@dataclass(frozen=True, eq=False, kw_only=True)
class WashLimits:
    """Consequences of the household's last 30 days."""

    no_buy: Mask  # (n,) a purchase today would undo the loss of an earlier sale
    replaced: Vector  # (m,) shares that would replace the lot's if sold at a loss
    purchase: Index  # (m,) lots of one number were bought in one purchase
    elsewhere: "tuple[Recent, ...]"  # what other accounts bought
    own: "tuple[Recent, ...]" = ()  # what this account bought and may keep
    losses: "tuple[Recent, ...]" = ()  # what the household sold at a loss

    @property
    def tainted(self) -> Mask:
        """Lots whose loss a recent purchase would disallow in part ``(m,)``."""
        return np.asarray(self.replaced > NEGLIGIBLE, dtype=np.bool_)

    def ignored(self) -> "WashLimits":
        """The same purchases without any consequence."""
        none = np.zeros_like(self.replaced)
        return replace(self, no_buy=np.zeros_like(self.no_buy), replaced=none)


class Recent(NamedTuple):
    """Shares traded in the last 30 days: bought, or sold at a loss."""

    asset: str
    group: int
    day: dt.date
    shares: float
    purchase: int  # number, ELSEWHERE where it is no lot of this account


def wash_limits(
    universe: Universe, account: Account, on: dt.date, forced_out: Mask
) -> WashLimits:
    """Limits of one account on one day; ``forced_out (n,)`` has to be sold entirely.

    Raises
    ------
    DataError
        A history that trades an asset unknown to the universe and without a group,
        or that trades after the day.
    """
    history = account.history or TradeHistory()
    group = _history_groups(universe, history, account.account_id, on)
    lot_asset = universe.positions("lots", list(account.lots.asset))
    purchase, asset_group = _purchases(account, lot_asset), universe.identical_group
    elsewhere = list(_elsewhere(account, on, group))
    stays = np.unique(asset_group[lot_asset][~forced_out[lot_asset]])
    fresh = _own(account, on, asset_group[lot_asset], purchase)
    own = [one for one in fresh if one.group in stays]
    losses = tuple(_losses(history, on, group))
    outside = np.zeros(int(asset_group.max()) + 1)
    for one in elsewhere:
        outside[one.group] += one.shares
    replaced = outside[asset_group[lot_asset]]
    for one in own:
        others = (asset_group[lot_asset] == one.group) & (purchase != one.purchase)
        replaced[others] += one.shares
    return WashLimits(
        no_buy=np.isin(asset_group, [one.group for one in losses]),
        replaced=replaced,
        purchase=purchase,
        elsewhere=tuple(elsewhere),
        own=tuple(own),
        losses=losses,
    )


def _purchases(account: Account, lot_asset: Index) -> Index:
    """Number of every lot's purchase ``(m,)``: of its label, or else of what it shows.

    Shares of one purchase never replace each other (Rev. Rul. 56-602). Lots without a
    label are taken for one purchase where asset, both dates and cost are equal, as they
    are when a record is divided. Two orders of one day at one price look the same and
    need labels of their own.

    Any other two are taken for two purchases, also where one replaced shares of an
    earlier sale (`acquired` before `purchased`) and the other of that day did not. They
    may be what that sale made of one purchase, or two orders, one of which used up the
    loss; then a sale of the first at a loss is a wash sale. Dates and costs cannot tell,
    and the first reading would propose that sale, so without labels more is forbidden
    than by the law, also of one order that was filled at two prices.
    """
    lots = account.lots
    cost = lots.cost.tolist()
    shown = zip(lot_asset.tolist(), lots.bought, lots.acquired, cost, strict=True)
    keys = (label or key for label, key in zip(lots.purchase, shown, strict=True))
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(k, len(numbers)) for k in keys], dtype=np.intp)


def _elsewhere(account: Account, on: dt.date, group: Index) -> Iterator[Recent]:
    """What other accounts bought in the last 30 days."""
    history = account.history or TradeHistory()
    outside = ~history.of_account(account.account_id)
    for k, (day, side) in enumerate(zip(history.date, history.side, strict=True)):
        if side == Side.BUY and day >= on - WINDOW and outside[k] and group[k] >= 0:
            shares = float(history.quantity[k])
            yield Recent(history.asset[k], int(group[k]), day, shares, ELSEWHERE)


def _own(
    account: Account, on: dt.date, group: Index, purchase: Index
) -> Iterator[Recent]:
    """Lots bought in the last 30 days that have replaced none."""
    lots = account.lots
    for j in map(int, np.flatnonzero(lots.is_fresh)):
        day, shares = lots.bought[j], float(lots.quantity[j])
        if day >= on - WINDOW:
            yield Recent(lots.asset[j], int(group[j]), day, shares, int(purchase[j]))


def _losses(history: TradeHistory, on: dt.date, group: Index) -> Iterator[Recent]:
    """Sales at a loss in the last 30 days: their groups may not be bought."""
    taxable = [kind != AccountKind.IRA for kind in history.account_kind]
    for k, (day, side) in enumerate(zip(history.date, history.side, strict=True)):
        if side == Side.LOSS and day >= on - WINDOW and taxable[k]:
            shares = float(history.quantity[k])
            yield Recent(history.asset[k], int(group[k]), day, shares, ELSEWHERE)


def _history_groups(
    universe: Universe, history: TradeHistory, account: str, on: dt.date
) -> Index:
    """Identity group of every trade of the history ``(h,)``, -1 outside the market."""
    named = universe.identical or universe.asset
    groups = {
        name or asset: int(g)
        for name, asset, g in zip(
            named, universe.asset, universe.identical_group, strict=True
        )
    }
    out = np.full(history.size, -1, dtype=np.intp)
    for k, (asset, group) in enumerate(
        zip(history.asset, history.identical, strict=True)
    ):
        at = universe.position.get(asset)
        if at is None and not group:
            raise DataError(
                f"account {account}, history trades {asset!r}, which the universe does "
                "not have; expected an asset of it, or its identity group in identical"
            )
        if history.date[k] > on:
            raise DataError(
                f"account {account}, history trades {asset} on {history.date[k]}, "
                f"after {on}, the date of the market; expected no date in the future"
            )
        known = at is not None and not group
        out[k] = universe.identical_group[at] if known else groups.get(group, -1)
    return out
