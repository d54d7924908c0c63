r"""Trades that exclude each other: a group is bought or sold at a loss, never both.

Relax every row but those that say where a holding comes from,

.. math:: h_i - u_i + \sum_{j \in i} v_j = h^0_i,

and the Lagrangian separates into one problem per group. Its least cost is the lesser
of two sides, *nothing is bought* and *nothing is sold at a loss*; on a side, positions
do not depend on each other (`positions`). So every set of multipliers of the other
rows gives a bound, which no price of these rows could raise.

A holding that an on/off pair switches has both sides in both states: off is nothing
held, on is a holding in the interval of the pair.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.program.form import Parameters, Structure
from sma_research.program.lagrangian import (
    Interval,
    Pairs,
    Relaxed,
    least,
    switched,
)
from sma_research.program.positions import BEYOND, Intervals, Least, Positions
from sma_research.program.ties import ties


@dataclass(frozen=True, eq=False, kw_only=True)
class Apart:
    """Columns of purchases and sales by position, and which positions are a group."""

    row: Index  # (b,) rows h - u + sum v = h0, of equal sides
    hold: Index  # (b,)
    buy: Index  # (b,)
    group: Index  # (b,)
    sell: Index  # (m,)
    owner: Index  # (m,) the position of each sale, 0 .. b - 1
    lost: Mask  # (m,) at a loss
    plain: Index  # (k,) columns of which all that is held was bought
    plain_group: Index  # (k,)
    groups: int
    dust: float = 0.0  # trades up to this exclude nothing

    def within(self, s: Structure) -> Self:
        """What can be priced exactly in a structure.

        With pairs every position is a group: what is bought is in particular not sold
        at a loss itself. Tied pairs are left out.
        """
        if not s.on_off.size:
            return self
        kept = ~np.isin(self.hold, ties(s).switched)
        stays, none = kept[self.owner], np.zeros(0, dtype=np.intp)
        return replace(
            self, row=self.row[kept], hold=self.hold[kept], buy=self.buy[kept],
            group=np.arange(int(kept.sum())), sell=self.sell[stays],
            owner=(np.cumsum(kept) - 1)[self.owner[stays]], lost=self.lost[stays],
            plain=none, plain_group=none, groups=int(kept.sum()),
        )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Sides:
    """Least cost of every group on each side, for one interval of every holding."""

    selling: Least  # nothing is bought
    buying: Least  # nothing is sold at a loss

    @property
    def possible(self) -> Mask:
        """Whether a group has a side at all ``(groups,)``."""
        return self.selling.possible | self.buying.possible

    @property
    def best(self) -> Vector:
        """Cost of the lesser side, a finite bound where none is possible."""
        one, other = self.selling, self.buying
        both = np.minimum(one.value, other.value)
        only = np.where(one.possible, one.value, other.value)
        return np.where(one.possible == other.possible, both, only)

    def excess(self, sells: Mask) -> Vector:
        """How much more than the other a chosen side costs ``(groups,)``."""
        one, other = self.selling, self.buying
        more = np.where(sells, one.value - other.value, other.value - one.value)
        changes = np.where(sells, other.possible, one.possible)
        return np.where(changes, more, -np.inf)

    @property
    def magnitude(self) -> float:
        """Sum of the absolute terms."""
        return self.selling.magnitude + self.buying.magnitude


def with_sides(
    a: Apart, s: Structure, d: Parameters, inner: Relaxed, states: Pairs
) -> Pairs:
    """States in which groups have sides; those without pairs cost that when off."""
    pair, bounds = _pair_of(s, a.hold), _bounds(d, a.hold)
    alone, forced, cost = states.alone.copy(), states.forced.copy(), states.on.copy()
    for column in (a.hold, a.buy, a.sell, a.plain):
        alone[column] = False
    paired = pair >= 0
    which = pair[paired]
    at = positions(a, d, inner)
    off = sides(a, d, at, _where(paired, 0.0, bounds))
    magnitude = states.magnitude + off.magnitude
    if which.size:
        possible, low, high = switched(s, d)
        on = sides(a, d, at, _where(paired, (low[pair], high[pair]), bounds))
        more = (on.best - off.best)[paired] + inner.cost[s.on_off.binary[which]]
        cost[which] = np.where(possible[which], more, np.inf)
        forced[which] |= ~off.possible[paired]
        magnitude += on.magnitude
    return replace(
        states, on=cost, forced=forced, alone=alone,
        off=states.off + float(off.best.sum()), magnitude=magnitude,
    )  # fmt: skip


def positions(a: Apart, d: Parameters, inner: Relaxed) -> Positions:
    """The positions at prices of all rows: one of their own is part of their best."""
    return Positions(
        inner=inner, before=d.row_upper[a.row], hold=a.hold, buy=a.buy, sell=a.sell,
        owner=a.owner,
    )  # fmt: skip


def sides(
    a: Apart, d: Parameters, at: Positions, held: Interval | None = None
) -> Sides:
    """Both sides of every group; holdings within their bounds where not told."""
    hold = _bounds(d, a.hold) if held is None else held
    buy, sell, plain = (_bounds(d, column) for column in (a.buy, a.sell, a.plain))
    kept = sell[0], np.where(a.lost, _dust(a, sell), sell[1])
    selling = at.least(Intervals(hold=hold, buy=(buy[0], _dust(a, buy)), sell=sell))
    buying = at.least(Intervals(hold=hold, buy=buy, sell=kept))
    return Sides(
        selling=_by_group(a, at.inner, selling, (plain[0], _dust(a, plain))),
        buying=_by_group(a, at.inner, buying, plain),
    )


def _by_group(a: Apart, inner: Relaxed, found: Least, plain: Interval) -> Least:
    """Costs of groups, from those of positions and of plain columns."""
    low, high = plain[0], np.maximum(*plain)
    x, value = least(inner.curvature[a.plain], inner.cost[a.plain], low, high)
    bad = np.concatenate(
        [a.group[~found.possible], a.plain_group[plain[1] < low - BEYOND]]
    )
    possible = np.ones(a.groups, dtype=np.bool_)
    possible[bad] = False
    total = np.zeros(a.groups)
    np.add.at(total, a.group, found.value)
    np.add.at(total, a.plain_group, value)
    rounding = inner.error[a.plain] @ np.abs(x)
    return Least(
        value=total,
        possible=possible,
        magnitude=found.magnitude + float(np.abs(value).sum() + rounding),
    )


def _dust(a: Apart, within: Interval) -> Vector:
    """Upper end of trades that the side forbids."""
    return np.minimum(within[1], a.dust)


def _bounds(d: Parameters, column: Index) -> Interval:
    return d.lower[column], d.upper[column]


def _where(mask: Mask, one: Interval | float, other: Interval) -> Interval:
    low, high = np.where(mask, one, other)
    return low, high


def _pair_of(s: Structure, column: Index) -> Index:
    """The pair that switches each column, -1 where there is none."""
    place = np.full(s.integer.size, -1, dtype=np.intp)
    place[s.on_off.column] = np.arange(s.on_off.size)
    return place[column]
