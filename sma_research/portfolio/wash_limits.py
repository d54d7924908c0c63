"""What the household's last 30 days forbid today, lot by lot and asset by asset.

Two sides of 26 U.S.C. 1091, both ends of the 61 days counted and by identity group:

* a group with a sale at a loss in the last 30 days may not be bought today;
* a loss is disallowed as far as the group has shares that were bought in the last 30
  days and have replaced none yet. Shares of one purchase never replace each other
  (Rev. Rul. 56-602), so a recent lot does not stand in its own way, sold in part or
  entirely. Lots of one asset, day and cost are one purchase.

A group that the mandate makes the account sell entirely has no replacement left in it:
what the older lots lose goes to the recent ones, and is realized with them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
    elsewhere: tuple[tuple[int, dt.date, float], ...]  # group, day, shares to replace

    @property
    def tainted(self) -> Mask:
        """Lots whose loss a recent purchase would disallow in part ``(m,)``."""
        return np.asarray(self.replaced > NEGLIGIBLE, dtype=np.bool_)

    def ignored(self) -> "WashLimits":
        """The same purchases without any consequence."""
        none = np.zeros_like(self.replaced)
        return replace(self, no_buy=np.zeros_like(self.no_buy), replaced=none)


@dataclass(slots=True, kw_only=True)
class _Event:
    """A purchase or a loss, and the shares of it that nothing has matched."""

    day: dt.date
    shares: float
    number: int = field(default=ELSEWHERE)  # purchase


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
    purchase = _purchases(account, lot_asset)
    bought = _bought(universe, account, on, group, (lot_asset, purchase))
    lost, barred = _lost(history, on, group)
    for number, events in lost.items():
        _match(events, bought[number])
    asset_group = universe.identical_group
    elsewhere = {g: sum(e.shares for e in es if e.number == ELSEWHERE)
                 for g, es in bought.items()}  # fmt: skip
    stays = np.unique(asset_group[lot_asset][~forced_out[lot_asset]])
    replaced = np.zeros(lot_asset.size)
    for j, g in enumerate(asset_group[lot_asset]):
        within = sum(
            e.shares
            for e in bought.get(int(g), ())
            if e.number not in (ELSEWHERE, purchase[j])
        )
        whole = g not in stays
        replaced[j] = elsewhere.get(int(g), 0.0) + (0.0 if whole else within)
    return WashLimits(
        no_buy=np.isin(asset_group, list(barred)),
        replaced=replaced,
        purchase=purchase,
        elsewhere=tuple(
            (g, e.day, e.shares)
            for g, es in bought.items()
            for e in es
            if e.number == ELSEWHERE
        ),
    )


def _purchases(account: Account, lot_asset: Index) -> Index:
    """Number of every lot's purchase: one asset, one day, one cost ``(m,)``."""
    lots = account.lots
    dates = zip(lots.bought, lots.acquired, strict=True)
    keys = zip(lot_asset.tolist(), dates, lots.cost.tolist(), strict=True)
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(k, len(numbers)) for k in keys], dtype=np.intp)


def _bought(
    universe: Universe,
    account: Account,
    on: dt.date,
    group: Index,
    lots: tuple[Index, Index],
) -> defaultdict[int, list[_Event]]:
    """Purchases of the last 30 days by group, earliest first."""
    out: defaultdict[int, list[_Event]] = defaultdict(list)
    history = account.history or TradeHistory()
    outside = ~history.of_account(account.account_id)
    for k in _recent(history, Side.BUY, on, 1):
        if outside[k]:
            shares = float(history.quantity[k])
            out[int(group[k])].append(_Event(day=history.date[k], shares=shares))
    lot_asset, purchase = lots
    fresh = account.lots.is_fresh
    for j, day in enumerate(account.lots.bought):
        if fresh[j] and on - WINDOW <= day <= on:
            out[int(universe.identical_group[lot_asset[j]])].append(
                _Event(day=day, shares=float(account.lots.quantity[j]),
                       number=int(purchase[j]))
            )  # fmt: skip
    for events in out.values():
        events.sort(key=lambda event: event.day)
    return out


def _lost(
    history: TradeHistory, on: dt.date, group: Index
) -> tuple[dict[int, list[_Event]], set[int]]:
    """Losses whose window reaches today's, and groups that may not be bought."""
    out: defaultdict[int, list[_Event]] = defaultdict(list)
    barred: set[int] = set()
    for k in _recent(history, Side.LOSS, on, 2):
        if history.account_kind[k] == AccountKind.IRA:
            continue
        shares = float(history.quantity[k])
        out[int(group[k])].append(_Event(day=history.date[k], shares=shares))
        if history.date[k] >= on - WINDOW:
            barred.add(int(group[k]))
    for events in out.values():
        events.sort(key=lambda event: event.day)
    return out, barred


def _match(lost: list[_Event], bought: list[_Event]) -> None:
    """Take replacements that earlier losses have used, earliest to earliest."""
    for loss in lost:
        for one in bought:
            if abs(one.day - loss.day) <= WINDOW:
                used = min(loss.shares, one.shares)
                loss.shares -= used
                one.shares -= used


def _recent(
    history: TradeHistory, side: Side, on: dt.date, windows: int
) -> Iterator[int]:
    for k, (day, what) in enumerate(zip(history.date, history.side, strict=True)):
        if what == side and day >= on - windows * WINDOW:
            yield k


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
