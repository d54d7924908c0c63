"""Growing and shrinking programs, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csc_array, hstack, vstack

from sma_research.arrays import Index, Mask, Matrix, Vector, sparse
from sma_research.errors import UnsupportedProgram
from sma_research.program.form import Cap, Cones, OnOff, Parameters, Structure

ROUNDING = 1e-9  # by which a limit may be missed


def entries(shape: tuple[int, int], row: Index, column: Index, value: Vector) -> Matrix:
    """Sparse matrix from triplets."""
    return sparse(coo_array((value, (row, column)), shape=shape))


def grow(
    s: Structure,
    *,
    columns: tuple[str, int] = ("", 0),
    rows: "tuple[str, Matrix | None]" = ("", None),
    P: "Matrix | None" = None,
    keep_on_off: bool = False,
    cones: Cones | None = None,
) -> Structure:
    """Append columns, then rows (given over all columns); replace P if asked.

    New columns are continuous and belong to no asset. On/off pairs are dropped
    unless kept.
    """
    r, p = s.A.shape
    name, extra = columns
    A = sparse(hstack([s.A, csc_array((r, extra))])) if extra else s.A
    grown_rows = dict(s.rows)
    row_name, matrix = rows
    if matrix is not None and matrix.shape[0]:
        A = sparse(vstack([A, matrix]))
        grown_rows[row_name] = slice(r, r + matrix.shape[0])
    core = s.P if P is None else P
    grown_columns = dict(s.columns)
    if extra:
        grown_columns[name] = slice(p, p + extra)
        core = sparse(_padded(core, p + extra))
    return Structure(
        P=core,
        A=A,
        integer=np.concatenate([s.integer, np.zeros(extra, dtype=np.bool_)]),
        columns=grown_columns,
        rows=grown_rows,
        owner=None if s.owner is None else np.append(s.owner, np.full(extra, -1)),
        on_off=s.on_off if keep_on_off else OnOff(),
        caps=tuple(
            Cap(name=c.name, square=np.append(c.square, np.zeros(extra)))
            for c in s.caps
        ),
        cones=s.cones if cones is None else cones,
    )


def _padded(P: Matrix, size: int) -> object:
    core = P.tocoo()
    return coo_array((core.data, (core.row, core.col)), shape=(size, size))


def grow_parameters(  # noqa: PLR0913 - each part of the numbers may grow
    d: Parameters,
    *,
    q: Vector,
    lower: Vector,
    upper: Vector,
    row_lower: Vector,
    row_upper: Vector,
    keep_on_off: bool = False,
) -> Parameters:
    """Append the numbers of new columns and rows."""
    g = d.cap_limit.size
    linear = d.cap_linear
    if g and q.size:
        linear = np.hstack([linear, np.zeros((g, q.size))])
    none = np.zeros(0)
    return replace(
        d,
        q=np.append(d.q, q),
        lower=np.append(d.lower, lower),
        upper=np.append(d.upper, upper),
        row_lower=np.append(d.row_lower, row_lower),
        row_upper=np.append(d.row_upper, row_upper),
        on_lower=d.on_lower if keep_on_off else none,
        on_upper=d.on_upper if keep_on_off else none,
        cap_linear=linear,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Reduced:
    """A program with some columns fixed and taken out, and the way back."""

    structure: Structure
    parameters: Parameters
    kept: Mask  # (p,) columns that stayed
    kept_rows: Mask  # (r,) rows that stayed
    values: Vector  # (p,) of the columns taken out
    consistent: bool  # whether the rows and the columns taken out keep their limits

    def point(self, x: Vector) -> Vector:
        """The full point of a reduced one."""
        out = self.values.copy()
        out[self.kept] = x
        return out

    def multipliers(self, y: Vector) -> Vector:
        """The full row multipliers of reduced ones, zero where a row went."""
        out = np.zeros(self.kept_rows.size)
        out[self.kept_rows] = y
        return out


def take_out(s: Structure, d: Parameters, fixed: Mask, values: Vector) -> Reduced:
    """Fix columns at values and remove them, with the rows they leave empty.

    On/off pairs whose binary is fixed become bounds of the switched column.
    P must be separable where columns are fixed at values other than zero. A rotated
    cone whose squared column is fixed at zero leaves the bounds ``t, s >= 0``.

    Raises
    ------
    UnsupportedProgram
        A cone would lose a column that is not a square of zero.
    """
    kept = ~fixed
    values = np.where(fixed, values, 0.0)
    A = sparse(s.A[:, kept])
    shift = s.A @ values
    full = np.bincount(A.indices, minlength=A.shape[0]) > 0
    low, high = d.row_lower - shift, d.row_upper - shift
    rows_hold = np.all((low <= ROUNDING)[~full] & (high >= -ROUNDING)[~full])
    lower, upper = _switched_bounds(s, d, values)
    cones = _cones(s.cones, kept, values)
    for end in (s.cones.epigraph, s.cones.scale):
        lower[end] = np.maximum(lower[end], 0.0)
    structure = Structure(
        P=_square_block(s.P, kept),
        A=sparse(A[full]),
        integer=s.integer[kept],
        columns=_slices(s.columns, kept),
        rows=_slices(s.rows, full),
        owner=None if s.owner is None else s.owner[kept],
        caps=tuple(Cap(name=c.name, square=c.square[kept]) for c in s.caps),
        cones=cones,
    )
    parameters = replace(
        _without(s, d, kept, values),
        row_lower=low[full], row_upper=high[full],
        lower=lower[kept], upper=upper[kept],
    )  # fmt: skip
    return Reduced(
        structure=structure, parameters=parameters, kept=kept, kept_rows=full,
        values=values,
        consistent=bool(rows_hold) and _within_bounds(s, d, fixed, values),
    )  # fmt: skip


def _without(s: Structure, d: Parameters, kept: Mask, values: Vector) -> Parameters:
    """Costs and caps of the columns kept, the others at their values."""
    spent = np.array([
        c.square @ values**2 + d.cap_linear[i] @ values for i, c in enumerate(s.caps)
    ])  # fmt: skip
    slope: Vector = np.asarray(s.P @ values)
    none = np.zeros(0)
    return replace(
        d,
        q=(d.q + slope)[kept],
        r=float(d.r + d.q @ values + 0.5 * values @ slope),
        on_lower=none,
        on_upper=none,
        cap_linear=d.cap_linear[:, kept] if s.caps else d.cap_linear,
        cap_limit=d.cap_limit - spent,
    )


def _within_bounds(s: Structure, d: Parameters, fixed: Mask, values: Vector) -> bool:
    """Whether fixed columns keep their bounds, and zero is one where a pair is off."""
    outside = (values < d.lower - ROUNDING) | (values > d.upper + ROUNDING)
    z, j = s.on_off.binary, s.on_off.column
    off = fixed[z] & (values[z] < 0.5)
    never = (d.lower[j] > ROUNDING) | (d.upper[j] < -ROUNDING)
    return not ((outside & fixed).any() or (off & never).any())


def _cones(cones: Cones, kept: Mask, values: Vector) -> Cones:
    """The cones that keep all their columns, renumbered."""
    position = np.cumsum(kept) - 1
    ends = (cones.epigraph, cones.scale, cones.column)
    stays = np.all([kept[end] for end in ends], axis=0)
    flat = kept[ends[0]] & kept[ends[1]] & (values[ends[2]] == 0.0)
    if not np.all(stays | flat):
        raise UnsupportedProgram(
            "a rotated cone shares a column with an on/off pair that is fixed; only "
            "its squared column may be switched, and only off"
        )
    epigraph, scale, column = (position[end[stays]] for end in ends)
    return Cones(epigraph=epigraph, scale=scale, column=column)


def _square_block(P: Matrix, kept: Mask) -> Matrix:
    # By columns twice: P is symmetric.
    half = sparse(P[:, kept])
    return sparse(sparse(half.T)[:, kept])


def _switched_bounds(
    s: Structure, d: Parameters, values: Vector
) -> tuple[Vector, Vector]:
    lower, upper = d.lower.copy(), d.upper.copy()
    z, j = s.on_off.binary, s.on_off.column
    on = values[z] > 0.5
    lower[j] = np.where(on, np.maximum(lower[j], d.on_lower), 0.0)
    upper[j] = np.where(on, np.minimum(upper[j], d.on_upper), 0.0)
    return lower, upper


def _slices(blocks: Mapping[str, slice], kept: Mask) -> dict[str, slice]:
    position = np.append(0, np.cumsum(kept))
    out = {
        name: slice(int(position[block.start]), int(position[block.stop]))
        for name, block in blocks.items()
    }
    return {name: block for name, block in out.items() if block.stop > block.start}
