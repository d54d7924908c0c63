r"""Pairs whose square sits on another column: what is seen, not what is held.

With funds, the risk of asset *i* is a square of its look-through weight,

.. math:: a_i = v_i + e_i x_i,\qquad v_i = \rho_i - \sum_f w_{if} x_f,

where :math:`x_i` is switched and :math:`v_i` is what funds and target leave. The
bounds of the funds bound :math:`v_i`, so that the two states of the pair are known
exactly: :math:`a_i = v_i` when it is off, :math:`a_i - e_i x_i` in the same interval
when it is on. Relaxing the row without that memory would let a switched column act
as a linear one, and the bound would be worth little.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import coo_array

from sma_research.arrays import Index, Mask, Matrix, Vector, frozen_index, sparse
from sma_research.program.form import Parameters, Structure


@dataclass(frozen=True, eq=False, kw_only=True)
class Ties:
    """Pairs tied to a column with a square, by a row of their own asset."""

    pair: Index  # (m,) positions among the on/off pairs
    switched: Index  # (m,) column x_i
    curved: Index  # (m,) column a_i, in no other row
    row: Index  # (m,)
    slope: Vector  # (m,) e_i
    unit: Vector  # (m,) coefficient of a_i in the row
    others: Matrix  # (m, p) coefficients of all other columns, over the unit

    @property
    def size(self) -> int:
        """Number of ties."""
        return int(self.pair.size)

    def rest(self, x: Vector) -> Vector:
        """What is left of ``a`` without its own holding, at a point ``(m,)``."""
        v: Vector = x[self.curved] - self.slope * x[self.switched]
        return v

    def reach(self, s: Structure, d: Parameters) -> tuple[Vector, Vector]:
        """Least and most of the rest ``(m,)`` within the bounds of all columns."""
        low, high = _bounds(s, d)
        up, down = _part(self.others, 1.0), _part(self.others, -1.0)
        most = _times(up, high) - _times(down, low)
        least = _times(up, low) - _times(down, high)
        sides = d.row_lower[self.row] / self.unit, d.row_upper[self.row] / self.unit
        return np.minimum(*sides) - most, np.maximum(*sides) - least


@lru_cache(maxsize=4)
def ties(s: Structure) -> Ties:
    """Find the ties of a structure: by owner, one curved column and one row each."""
    pairs, owner = s.on_off, s.owner
    if owner is None or not pairs.size:
        none = frozen_index([])
        return _ties(s, none, none, none)
    rows, alone = s.A.indptr, np.diff(s.A.indptr) == 1
    curved = np.flatnonzero(_lone_squares(s) & alone & (owner >= 0) & ~s.integer)
    curved = np.setdiff1d(curved, pairs.column)
    pair = _pair_of(s, owner[curved])
    curved, pair = curved[pair >= 0], pair[pair >= 0]
    row = s.A.indices[rows[curved]]
    once = np.isin(row, np.flatnonzero(np.bincount(row, minlength=s.A.shape[0]) == 1))
    return _ties(s, pair[once], curved[once], frozen_index(row[once]))


def _ties(s: Structure, pair: Index, curved: Index, row: Index) -> Ties:
    """Read the coefficients of rows that hold one curved column each."""
    switched, (r, p) = s.on_off.column[pair], s.A.shape
    place = np.full(r, -1, dtype=np.intp)
    place[row] = np.arange(row.size)
    A = s.A.tocoo()
    inside = place[A.row] >= 0
    k, column, value = place[A.row[inside]], A.col[inside], A.data[inside]
    unit, own = np.zeros(row.size), np.zeros(row.size)
    is_unit, is_own = column == curved[k], column == switched[k]
    unit[k[is_unit]], own[k[is_own]] = value[is_unit], value[is_own]
    if not own.all():
        held = own != 0.0
        return _ties(s, pair[held], curved[held], row[held])
    rest = ~is_unit & ~is_own
    return Ties(
        pair=pair,
        switched=switched,
        curved=curved,
        row=row,
        slope=-own / unit,
        unit=unit,
        others=sparse(
            coo_array(
                (value[rest] / unit[k[rest]], (k[rest], column[rest])),
                shape=(row.size, p),
            )
        ),
    )


def _lone_squares(s: Structure) -> Mask:
    """Columns with a square and no cross term ``(p,)``."""
    return np.asarray((np.diff(s.P.indptr) == 1) & (s.diagonal > 0.0), dtype=np.bool_)


def _pair_of(s: Structure, owner: Index) -> Index:
    """The pair of each owner, -1 where there is none without a square ``(.,)``."""
    assert s.owner is not None
    j = s.on_off.column
    square = s.diagonal[j] != 0.0
    for cap in s.caps:
        square = square | (cap.square[j] != 0.0)
    plain = np.flatnonzero(~square & (s.owner[j] >= 0))
    table = np.full(int(max(s.owner.max(), owner.max(initial=0))) + 1, -1, np.intp)
    table[s.owner[j[plain]]] = plain
    return np.asarray(table[owner], dtype=np.intp)


def _bounds(s: Structure, d: Parameters) -> tuple[Vector, Vector]:
    """Bounds of every column, those of switched ones with zero when off ``(p,)``."""
    low, high = d.lower.copy(), d.upper.copy()
    j = s.on_off.column
    low[j] = np.maximum(low[j], np.minimum(d.on_lower, 0.0))
    high[j] = np.minimum(high[j], np.maximum(d.on_upper, 0.0))
    return low, high


def _part(weights: Matrix, sign: float) -> Matrix:
    """Size of the entries of one sign."""
    part = weights.copy()
    part.data = np.maximum(sign * part.data, 0.0)
    part.eliminate_zeros()
    return sparse(part)


def _times(weights: Matrix, bound: Vector) -> Vector:
    """Product in which a weight of zero meets an infinite bound as zero."""
    infinite = ~np.isfinite(bound)
    total: Vector = weights @ np.where(infinite, 0.0, bound)
    touched = weights @ np.where(infinite, np.sign(bound), 0.0)
    return np.where(touched != 0.0, np.copysign(np.inf, touched), total)
