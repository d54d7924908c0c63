"""Where everything stands in the program of one shape of account.

Columns, in percent of account value: ``hold`` (tradable assets), ``buy`` (assets
with lots), ``sell`` (lot slots, the same for every account of the shape), ``cash``,
``active`` (look-through active weights, only with funds), ``factor`` (percent of
annual volatility), ``on`` (binaries, only where names are counted), and for taxes
``netted`` (what is added to the year's short-term result, long-term result and tax),
``order`` (binaries, the second of two lots), ``washed`` (disallowed part of a sale) and
``replaced`` (binaries, all sold so far is disallowed), ``side`` (binaries, a group is
bought), ``case`` (a binary, which convex function the tax is).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import ordered_pairs, sided_groups
from sma_research.portfolio.tax_wishes import TaxModel, loss_floor

PERCENT = 100.0


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What accounts must have in common to share a structure."""

    kinds: frozenset[str]
    slots: tuple[tuple[int, int], ...]  # (asset, lot slots), assets with lots
    counted: bool
    capped: bool
    turnover: bool
    sectors: tuple[str, ...]
    factors: tuple[int, ...]
    equivalents: tuple[tuple[int, ...], ...] = ()  # bounded groups, by asset
    own: str = ""  # the account, where coefficients of rows are its own
    gains: tuple[str, ...] = ()  # sums of gains that are limited
    budget: bool = False
    netted: bool = False
    switched: bool = False  # whether a binary names the case of the tax
    ordered: int = 0  # consecutive lots of an asset that the custodian orders
    washed: int = 0  # lots at a loss whose wash sale is priced
    sided: int = 0  # groups that are bought or sold at a loss by a binary


def shape_of(problem: Problem, *, sided: bool = False, switched: bool = False) -> Shape:
    """Shape of one account on its own.

    Parameters
    ----------
    sided
        With a binary for each group that is bought or sold at a loss.
    switched
        With a binary for the case of a netted tax: one program instead of two.
    """
    mandate, universe = problem.account.mandate, problem.market.universe
    count = np.bincount(problem.lot_asset, minlength=universe.size)
    held = np.flatnonzero(count)
    counted = bool(mandate.max_names or mandate.min_names or mandate.min_position > 0)
    if mandate.max_names and not mandate.min_names and mandate.min_position == 0:
        counted = int((problem.weight_upper > 0).sum()) > mandate.max_names
    return Shape(
        kinds=frozenset(mandate.kinds),
        slots=tuple((int(i), int(count[i])) for i in held),
        counted=counted,
        capped=mandate.tracking_error_cap is not None,
        turnover=mandate.max_turnover is not None,
        sectors=tuple(sorted(mandate.sector_bands)),
        factors=tuple(sorted(mandate.factor_bands)),
        equivalents=tuple(
            tuple(map(int, universe.positions("equivalents", list(group.assets))))
            for group in mandate.equivalents
            if group.bounded
        ),
        **_own_rows(problem, sided=sided, switched=switched),
    )


class OwnRows(TypedDict):
    """What of a shape stands for rows whose coefficients are an account's own."""

    own: str
    gains: tuple[str, ...]
    budget: bool
    netted: bool
    switched: bool
    ordered: int
    washed: int
    sided: int


def _own_rows(problem: Problem, *, sided: bool, switched: bool) -> OwnRows:
    mandate, lots = problem.account.mandate, problem.lot_asset.size > 0
    gains = tuple(sorted(loss_floor(mandate)))
    budget = mandate.tax_budget is not None
    # Without lots nothing is realized, and a tax that nobody minds needs no rows.
    minded = mandate.tax_aversion > 0 or budget
    netted = lots and minded and mandate.tax_model == TaxModel.NETTED
    ordered = ordered_pairs(problem)[0].size
    washed = int(problem.priced.sum())
    groups = sided_groups(problem).size if sided else 0
    own = bool(gains or budget or netted or ordered or washed or groups)
    return OwnRows(
        own=problem.account.account_id if own else "", gains=gains, budget=budget,
        netted=netted, switched=netted and switched, ordered=ordered, washed=washed,
        sided=groups,
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Layout:
    """Blocks of columns for a market and a shape."""

    market: Market
    shape: Shape

    @cached_property
    def tradable(self) -> Index:
        """Assets with a holding column ``(t,)``: allowed kinds, and what has lots."""
        universe = self.market.universe
        allowed = np.zeros(universe.size, dtype=np.bool_)
        for kind in self.shape.kinds:
            allowed |= universe.is_kind(kind)
        allowed[[i for i, _ in self.shape.slots]] = True
        return np.flatnonzero(allowed)

    @cached_property
    def slotted(self) -> Index:
        """Positions among the tradable assets of those with lots ``(b,)``."""
        assets = np.array([i for i, _ in self.shape.slots], dtype=np.intp)
        return np.searchsorted(self.tradable, assets)

    @cached_property
    def slot_count(self) -> Index:
        """Lot slots of every slotted asset ``(b,)``."""
        return np.array([count for _, count in self.shape.slots], dtype=np.intp)

    @cached_property
    def slot_owner(self) -> Index:
        """Position among the slotted assets of every slot ``(s,)``."""
        return np.repeat(np.arange(self.slot_count.size), self.slot_count)

    @cached_property
    def plain(self) -> Mask:
        """Tradable assets without lots ``(t,)``: what is held was bought."""
        mask = np.ones(self.tradable.size, dtype=np.bool_)
        mask[self.slotted] = False
        return mask

    @cached_property
    def looks_through(self) -> bool:
        """Whether any tradable asset is a basket of others."""
        return bool(self.market.is_fund[self.tradable].any())

    @cached_property
    def seen(self) -> Index:
        """Assets with an active column: all that is held, inside or outside funds."""
        if not self.looks_through:
            return np.zeros(0, dtype=np.intp)
        weight: Vector = np.asarray(
            self.market.baskets[self.tradable].sum(axis=0)
        ).ravel()
        benchmark = sum(np.asarray(b) for b in self.market.benchmarks.values())
        return np.flatnonzero((weight > 0) | (benchmark > 0))

    @cached_property
    def columns(self) -> Mapping[str, slice]:
        """Column blocks by name."""
        t, factors = self.tradable.size, self.market.risk_model.factors
        sizes = {
            "hold": t, "buy": self.slotted.size, "sell": self.slot_owner.size,
            "cash": 1, "active": self.seen.size, "factor": factors,
            "on": t if self.shape.counted else 0,
            "netted": 3 if self.shape.netted else 0, "order": self.shape.ordered,
            "washed": self.shape.washed, "replaced": self.shape.washed,
            "side": self.shape.sided, "case": int(self.shape.switched),
        }  # fmt: skip
        blocks, start = {}, 0
        for name, size in sizes.items():
            if size:
                blocks[name] = slice(start, start + size)
                start += size
        return blocks

    @cached_property
    def size(self) -> int:
        """Number of columns p."""
        return max(int(block.stop) for block in self.columns.values())

    def lot_slot(self, problem: Problem) -> Index:
        """Slot of every lot ``(m,)``: by asset, cheapest to sell first."""
        order = np.lexsort((problem.tax_rate, problem.lot_asset))
        asset = problem.lot_asset[order]
        first = np.searchsorted(asset, asset, side="left")
        rank = np.arange(asset.size) - first
        start = np.append(0, np.cumsum(self.slot_count))[:-1]
        owner = np.searchsorted([i for i, _ in self.shape.slots], asset)
        slot = np.empty(order.size, dtype=np.intp)
        slot[order] = start[owner] + rank
        return slot


def labels(layout: Layout) -> dict[str, list[str]]:
    """Names of the columns of every block that is about assets."""
    asset = layout.market.universe.asset
    tradable = [asset[int(i)] for i in layout.tradable]
    slotted = [tradable[int(i)] for i in layout.slotted]
    slot, out = [], {"hold": tradable, "on": tradable, "buy": slotted}
    for name, count in zip(slotted, layout.slot_count, strict=True):
        slot += [f"{name}_{k}" for k in range(int(count))]
    out["sell"] = slot
    out["active"] = [asset[int(i)] for i in layout.seen]
    return {name: names for name, names in out.items() if name in layout.columns}
