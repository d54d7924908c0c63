r"""Least cost of a position with its purchase and its sales, exactly.

Of each position *h*, bought *u* and sold lot by lot *v*, at prices of all other rows:

.. math::

    \min\; \tfrac12 H h^2 + c_h h + c_u u + \sum_j c_j v_j \quad\text{s.t.}\quad
    h - u + \sum_j v_j = h^0,\ \text{intervals}

The price :math:`\pi` of the row leaves a concave function, the sum of the least
values of all columns at costs :math:`c_h + \pi, c_u - \pi, c_j + \pi` less
:math:`\pi h^0`. Its slope falls in steps, at the prices where a column changes from one
end of its interval to the other, and along with *h* where :math:`H > 0`. Steps are
sorted once, :math:`O(m \log m)`, all positions together. The value at any price is a
lower bound: one that rounding puts beside the best is only a little less.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.program.lagrangian import Interval, Relaxed, least

BEYOND = 1e-5  # by which what is held cannot be reached, more than inexactly


@dataclass(frozen=True, eq=False, kw_only=True)
class Least:
    """Least cost of every position for one set of intervals."""

    value: Vector  # (b,)
    possible: Mask  # (b,) whether the intervals have a point at all
    magnitude: float  # sum of the absolute terms


@dataclass(frozen=True, eq=False, kw_only=True)
class Intervals:
    """What each column may be."""

    hold: Interval  # (b,) each
    buy: Interval  # (b,)
    sell: Interval  # (m,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Positions:
    """Positions at prices of all other rows."""

    inner: Relaxed
    before: Vector  # (b,) what is held
    hold: Index  # (b,) columns
    buy: Index  # (b,)
    sell: Index  # (m,)
    owner: Index  # (m,) the position of each sale

    def least(self, within: Intervals) -> Least:
        """Least costs, each at its best price."""
        price, possible = self._best(within)
        return self._value(within, price, possible)

    @cached_property
    def _curved(self) -> Mask:
        return np.asarray(self.inner.curvature[self.hold] > 0.0, dtype=np.bool_)

    @cached_property
    def _step_owner(self) -> Index:
        """Position of every step: purchases, holdings, sales ``(2 b + m,)``."""
        b = np.arange(self.hold.size)
        return np.concatenate([b, b, self.owner])

    @cached_property
    def _step_price(self) -> Vector:
        """Price at which a column leaves the end that uses up more of the row."""
        cost = self.inner.cost
        return np.concatenate([cost[self.buy], -cost[self.hold], -cost[self.sell]])

    @cached_property
    def _order(self) -> Index:
        """Steps by position, then by price."""
        return np.lexsort((self._step_price, self._step_owner))

    def _best(self, within: Intervals) -> tuple[Vector, Mask]:
        """Best price of every row ``(b,)``, and whether the row can be met."""
        b, owner = self.hold.size, self._step_owner[self._order]
        price = self._step_price[self._order]
        H, slope = self.inner.curvature[self.hold], self.inner.cost[self.hold]
        # A holding without a square is a step like the others.
        ends = np.where(self._curved, within.hold, 0.0)
        (low, high), (steps, most) = ends, self._steps(within)
        first = np.append(0, np.cumsum(np.bincount(owner, minlength=b)))
        total = np.append(0.0, np.cumsum(steps[self._order]))
        left = most[owner] - (total[1:] - total[first[owner]])
        level = np.divide(
            -slope[owner] - price, H[owner], out=np.zeros_like(price),
            where=self._curved[owner],
        )  # fmt: skip
        moved = np.clip(level, low[owner], high[owner]) + left - self.before[owner]
        passed = np.bincount(owner[moved > 0.0], minlength=b)
        at = first[:-1] + passed
        none, every = passed == 0, at == first[1:]
        wanted = self.before - np.where(none, most, left[at - 1])
        inside = -slope - H * np.clip(wanted, low, high)
        below = np.where(none, np.minimum(price[first[:-1]], inside), price[at - 1])
        last = np.minimum(at, owner.size - 1)
        above = np.where(every, np.maximum(price[at - 1], inside), price[last])
        best = np.where(wanted < low, above, np.where(wanted > high, below, inside))
        impossible = every & (wanted < low - BEYOND) | none & (wanted > high + BEYOND)
        return np.clip(best, below, above), ~impossible

    def _steps(self, within: Intervals) -> tuple[Vector, Vector]:
        """How far every step falls, and what is above all of them ``(b,)``."""
        flat = np.where(self._curved, 0.0, within.hold)
        steps = np.concatenate([
            within.buy[1] - within.buy[0], flat[1] - flat[0],
            within.sell[1] - within.sell[0],
        ])  # fmt: skip
        sold = np.bincount(self.owner, within.sell[1], minlength=self.hold.size)
        return steps, sold + flat[1] - within.buy[0]

    def _value(self, within: Intervals, price: Vector, possible: Mask) -> Least:
        """Value at a price, valid whatever it is."""
        cost, error = self.inner.cost, self.inner.error
        flat = np.zeros(max(self.hold.size, self.sell.size))
        parts = (
            (self.hold, price, self.inner.curvature[self.hold], within.hold),
            (self.buy, -price, flat[: self.buy.size], within.buy),
            (self.sell, price[self.owner], flat[: self.sell.size], within.sell),
        )
        values, magnitude = [], float(np.abs(price * self.before).sum())
        for column, added, curvature, (low, high) in parts:
            x, value = least(curvature, cost[column] + added, low, high)
            values.append(value)
            rounding = (error[column] + np.abs(added)) * np.abs(x)
            magnitude += float(np.abs(value).sum() + rounding.sum())
        sold = np.bincount(self.owner, values[2], minlength=self.hold.size)
        return Least(
            value=values[0] + values[1] + sold - price * self.before,
            possible=possible,
            magnitude=magnitude,
        )
