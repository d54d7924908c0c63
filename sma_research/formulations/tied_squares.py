r"""The hull of a pair whose square sits on another column, as with funds.

With :math:`a = v + e x` and :math:`v \in [\underline v, \overline v]` (`ties`), the
states off, :math:`a = v`, and on, :math:`a - e x = v`, have the convex hull

.. math::

    a = a^0 + a^1,\quad o + z = 1,\quad
    \underline v\, o \le a^0 \le \overline v\, o,\quad
    \underline v\, z \le a^1 - e x \le \overline v\, z,\quad
    t^0 o \ge (a^0)^2,\; t^1 z \ge (a^1)^2,

and the square of a costs :math:`t^0 + t^1`. Exact for binary z. Source: disjunctive
programming, Balas (1985); Ceria and Soares, Math. Program. 86 (1999).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import diags_array

from sma_research.arrays import Index, Mask, Matrix, Vector, sparse
from sma_research.formulations.reshape import entries, grow, grow_parameters
from sma_research.formulations.switches import Limits, limits_of
from sma_research.program.form import Cones, Parameters, Structure
from sma_research.program.ties import Ties, ties

PARTS = 5  # columns per pair: off, a0, a1, t0, t1


def tied_limits(s: Structure, d: Parameters) -> Limits:
    """Limits of an account's pairs, and the intervals of those that are tied."""
    low, high = ties(s).reach(s, d)
    return replace(limits_of(s, d), rest_lower=low, rest_upper=high)


@dataclass(frozen=True, eq=False, kw_only=True)
class Split:
    """Pairs split into their two states, columns appended after ``first``."""

    tied: Ties
    chosen: Mask  # (ties,) those with a finite interval
    binary: Index  # (m,)
    first: int
    half: Vector  # (m,) half of the curvature that moved
    low: Vector  # (m,) least rest
    high: Vector  # (m,) most rest

    @property
    def size(self) -> int:
        """Number of pairs m."""
        return int(self.binary.size)

    def column(self, part: int) -> Index:
        """Columns of one part: 0 off, 1 and 2 the states of a, 3 and 4 their squares."""
        return self.first + part * self.size + np.arange(self.size)

    def structure(self, s: Structure) -> Structure:
        """Append the columns, rows and cones of all pairs to a grown structure."""
        flattened = np.zeros(s.integer.size)
        flattened[self._curved] = -s.diagonal[self._curved]
        P = sparse(s.P + diags_array(flattened))
        P.eliminate_zeros()
        old, z = s.cones, self.binary
        off, first, second, low, high = (self.column(k) for k in range(PARTS))
        return grow(
            s,
            columns=("state", PARTS * self.size),
            rows=("state", self._rows()),
            P=P,
            cones=Cones(
                epigraph=np.concatenate([old.epigraph, low, high]),
                scale=np.concatenate([old.scale, off, z]),
                column=np.concatenate([old.column, first, second]),
            ),
        )

    def forward(self, d: Parameters) -> Parameters:
        """Append the numbers of all pairs."""
        m = self.size
        none, free = np.zeros(m), np.full(m, np.inf)
        return grow_parameters(
            d,
            q=np.concatenate([np.zeros(3 * m), self.half, self.half]),
            lower=np.concatenate([none, -free, -free, none, none]),
            upper=np.concatenate([np.ones(m), free, free, free, free]),
            row_lower=np.concatenate([np.ones(m), none, -free, none, -free, none]),
            row_upper=np.concatenate([np.ones(m), none, none, free, none, free]),
        )

    def start(self, x: Vector) -> Vector:
        """A point with the states of its pairs."""
        z, a = x[self.binary], x[self._curved]
        first, second = np.where(z > 0.5, 0.0, a), np.where(z > 0.5, a, 0.0)
        return np.concatenate([x, 1.0 - z, first, second, first**2, second**2])

    @property
    def _curved(self) -> Index:
        return self.tied.curved[self.chosen]

    def _rows(self) -> Matrix:
        """Six blocks of m rows over all columns."""
        m, one = self.size, np.ones(self.size)
        off, first, second, _, _ = (self.column(k) for k in range(PARTS))
        x, e = self.tied.switched[self.chosen], self.tied.slope[self.chosen]
        z = self.binary
        blocks = (
            ((off, one), (z, one)),
            ((self._curved, one), (first, -one), (second, -one)),
            ((first, one), (off, -self.high)),
            ((first, one), (off, -self.low)),
            ((second, one), (x, -e), (z, -self.high)),
            ((second, one), (x, -e), (z, -self.low)),
        )
        row = [k * m + np.arange(m) for k, block in enumerate(blocks) for _ in block]
        column = [columns for block in blocks for columns, _ in block]
        value = [values for block in blocks for _, values in block]
        return entries(
            (len(blocks) * m, self.first + PARTS * m),
            np.concatenate(row), np.concatenate(column), np.concatenate(value),
        )  # fmt: skip


def split(s: Structure, limits: Limits, first: int) -> Split:
    """The tied pairs of a structure whose intervals are finite."""
    tied, low, high = ties(s), limits.rest_lower, limits.rest_upper
    chosen = np.isfinite(low) & np.isfinite(high) & (low <= high)
    return Split(
        tied=tied,
        chosen=chosen,
        binary=s.on_off.binary[tied.pair[chosen]],
        first=first,
        half=0.5 * s.diagonal[tied.curved[chosen]],
        low=low[chosen],
        high=high[chosen],
    )
