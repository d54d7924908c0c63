r"""A convex program from outside: squares as columns held up by tangents.

Every square ``weight * x**2``, or its perspective ``weight * x**2 / z``, becomes a
column e with

.. math:: e \ge w\,(2 \tau x - \tau^2 z), \qquad \tau = \hat x / \hat z

for as many points as needed (z is one where nothing switches x). Tangents are in
the units of the objective: raw weights would drown in a solver's tolerance.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array, vstack

from sma_research.arrays import Index, Matrix, Vector, frozen_index, sparse
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.reshape import entries, grow, grow_parameters
from sma_research.formulations.switches import Limits, switch_rows
from sma_research.program.form import Cones, Parameters, Structure

SMALLEST = 1e-6  # of a scale, where a tangent is taken
STEEPEST = 1e8  # coefficient of a scale; engines refuse 1e15 and drown long before


@dataclass(frozen=True, eq=False, kw_only=True)
class Squares:
    """All squares of a program: ``epigraph >= weight * column**2 / scale``."""

    column: Index  # (e,)
    epigraph: Index  # (e,)
    scale: Index  # (e,) a column, or -1 for the number one
    weight: Vector  # (e,)

    def scale_at(self, x: Vector) -> Vector:
        """Value of every scale ``(e,)``."""
        return np.where(self.scale >= 0, x[self.scale], 1.0)

    def needed(self, x: Vector) -> Vector:
        """Value of every square ``(e,)``."""
        z = np.maximum(self.scale_at(x), SMALLEST)
        value: Vector = self.weight * x[self.column] ** 2 / z
        return value

    def missing(self, x: Vector) -> Vector:
        """How far every epigraph column is below its square ``(e,)``."""
        return self.needed(x) - x[self.epigraph]

    def tangents(self, x: Vector, which: Index, p: int) -> tuple[Matrix, Vector]:
        """Rows over all columns, at least the lower sides returned."""
        z = np.maximum(self.scale_at(x)[which], SMALLEST)
        w, count = self.weight[which], which.size
        i = np.arange(count)
        switched = self.scale[which] >= 0
        # Any slope gives a tangent: where the scale vanishes, one less steep cuts too.
        most = np.where(switched, np.sqrt(STEEPEST / w), np.inf)
        tau = np.clip(x[self.column[which]] / z, -most, most)
        flat = w * tau**2
        row = np.concatenate([i, i, i[switched]])
        column = np.concatenate([
            self.epigraph[which], self.column[which], self.scale[which][switched]
        ])  # fmt: skip
        value = np.concatenate([np.ones(count), -2 * w * tau, flat[switched]])
        lower = np.where(switched, 0.0, -flat)
        return entries((count, p), row, column, value), lower


@dataclass(frozen=True, eq=False, kw_only=True)
class Outer:
    """The linear program around a convex one."""

    structure: Structure  # LP or MILP: epigraph columns and rows appended
    squares: Squares
    cost: Vector  # (extra,) of the epigraph columns
    row_lower: Vector  # of the rows appended
    row_upper: Vector
    cap_rows: slice  # where the caps stand among all rows

    def forward(self, d: Parameters) -> Parameters:
        """Numbers of the linear program."""
        upper = self.row_upper.copy()
        if d.cap_limit.size:
            upper[-d.cap_limit.size :] = d.cap_limit
        return grow_parameters(
            replace(d, cap_linear=np.zeros((0, 0)), cap_limit=np.zeros(0)),
            q=self.cost,
            lower=np.zeros(self.cost.size),
            upper=np.full(self.cost.size, np.inf),
            row_lower=self.row_lower,
            row_upper=upper,
        )

    def lifted(self, x: Vector) -> Vector:
        """A point of the linear program with every square reached."""
        full = x.copy()
        squares = self.squares
        np.maximum.at(full, squares.epigraph, squares.needed(full))
        return full

    def full(self, x: Vector) -> Vector:
        """A point of the convex program as one of the linear program."""
        return self.lifted(np.append(x, np.zeros(self.cost.size)))


def outer(s: Structure, cap_linear: Vector, limits: Limits | None) -> Outer:
    """Build the linear program around a structure.

    Raises
    ------
    UnsupportedProgram
        P has cross terms: their squares have no column of their own.
    """
    if not s.is_separable:
        raise UnsupportedProgram(
            "tangent_cuts needs a diagonal P; add columns for the factors of the rest"
        )
    p = s.integer.size
    squares, costly = _squares(s)
    extra = int((squares.epigraph >= p).sum())
    parts = [*_switches(s, limits, extra), *_caps(s, cap_linear, squares)]
    empty = csc_array((0, p + extra))
    rows = sparse(vstack([empty, *(matrix for matrix, _, _ in parts)]))
    structure = grow(
        replace(s, caps=()),
        columns=("epigraph", extra),
        rows=("outer", rows),
        P=sparse((p, p)),
        cones=Cones(),
    )
    last = structure.A.shape[0]
    none = np.zeros(0)
    return Outer(
        structure=structure,
        squares=squares,
        cost=np.where(np.arange(extra) < costly, 1.0, 0.0),
        row_lower=np.concatenate([none, *(low for _, low, _ in parts)]),
        row_upper=np.concatenate([none, *(high for _, _, high in parts)]),
        cap_rows=slice(last - len(s.caps), last),
    )


def _squares(s: Structure) -> tuple[Squares, int]:
    """Squares of the objective, then of caps alone, then cones; and how many cost."""
    p = s.integer.size
    curved = np.flatnonzero(s.diagonal > 0)
    capped = [np.flatnonzero((c.square > 0) & (s.diagonal == 0)) for c in s.caps]
    extra_cap = np.unique(np.concatenate([np.zeros(0, dtype=np.intp), *capped]))
    column = np.concatenate([curved, extra_cap])
    weight = np.concatenate([0.5 * s.diagonal[curved], np.ones(extra_cap.size)])
    partner = np.full(p, -1, dtype=np.intp)
    partner[s.on_off.column] = s.on_off.binary
    squares = Squares(
        column=np.concatenate([column, s.cones.column]),
        epigraph=np.concatenate([p + np.arange(column.size), s.cones.epigraph]),
        scale=np.concatenate([partner[column], s.cones.scale]),
        weight=np.concatenate([weight, np.ones(s.cones.size)]),
    )
    return squares, curved.size


Part = tuple[Matrix, Vector, Vector]


def _switches(s: Structure, limits: Limits | None, extra: int) -> list[Part]:
    if limits is None or not s.on_off.size:
        return []
    rows, low, high = switch_rows(s, limits)
    return [(_widened(rows, extra), low, high)]


def _caps(s: Structure, cap_linear: Vector, squares: Squares) -> list[Part]:
    """One row per cap over the epigraph columns; its limit comes with the account."""
    p, out = s.integer.size, []
    own = squares.epigraph >= p
    extra = int(own.sum())
    for i, cap in enumerate(s.caps):
        share = cap.square[squares.column[own]] / squares.weight[own]
        value = np.concatenate([cap_linear[i], share])
        column = frozen_index(np.flatnonzero(value))
        row = np.zeros(column.size, dtype=np.intp)
        matrix = entries((1, p + extra), row, column, value[column])
        out.append((matrix, np.array([-np.inf]), np.array([np.inf])))
    return out


def _widened(rows: Matrix, extra: int) -> Matrix:
    i = rows.tocoo()
    shape = (rows.shape[0], rows.shape[1] + extra)
    return entries(shape, frozen_index(i.row), frozen_index(i.col), i.data)
