r"""A lower bound that anyone can check, from multipliers of any origin.

Relax the rows with multipliers :math:`y` (positive: upper side, negative: lower
side) and the caps with :math:`\sigma \ge 0`. What remains separates by column:

.. math::

    L(y, \sigma) = r - \sum_i \big(y_i^+ b_{u,i} - y_i^- b_{l,i}\big)
        - \sum_g \sigma_g \kappa_g
        + \sum_j \min_{l_j \le x_j \le u_j} \tfrac12 h_j x_j^2 + c_j x_j
        + \text{names}

with :math:`c = q + A^T y + \sum_g \sigma_g h_g`, :math:`h = \mathrm{diag}(P) + 2
\sum_g \sigma_g c_g`. On/off pairs keep their logic: a pair costs
:math:`\varphi_i - \varphi_i(0)` when it is on, and the rows that only count
binaries are not relaxed but kept, so the *names* term is the sum of the K most
negative of these. Every :math:`(y, \sigma)` gives a bound; the cost is
:math:`O(nk + n \log n)`.

A P that is not diagonal is first replaced by its tangent at a point, which is
below it because P is positive semidefinite.

Source: Lagrangian duality, e.g. Shaw, Liu, Kopman, "Lagrangian relaxation
procedure for cardinality-constrained portfolio optimization", Optim. Methods
Softw. 23 (2008).
"""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.errors import DataError
from sma_research.program.form import Parameters, Structure, check_shapes

EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificate:
    """A bound and the multipliers it follows from."""

    bound: float  # below every feasible value of the program; may be -inf
    y: Vector  # (r,) as used: cut to the sides that exist
    cap_y: Vector  # (g,)
    point: Vector | None  # (p,) where P was linearized, None if it is diagonal

    def gap(self, objective: float) -> float:
        """``(objective - bound) / max(|objective|, 1e-10)``."""
        return (objective - self.bound) / max(abs(objective), 1e-10)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Relaxed:
    """The Lagrangian's inner problem: separable, by column."""

    constant: float
    magnitude: float  # sum of the absolute values in the constant
    curvature: Vector  # (p,)
    cost: Vector  # (p,)
    error: Vector  # (p,) sum of absolute terms in each cost
    counting: int | None  # the row whose count of binaries is kept


def certify(
    s: Structure,
    d: Parameters,
    y: Vector | None = None,
    *,
    cap_y: Vector | None = None,
    point: Vector | None = None,
) -> Certificate:
    """Lower bound of a program from multipliers, recomputed here.

    Parameters
    ----------
    y
        Row multipliers ``(r,)``; zero when missing.
    cap_y
        Cap multipliers ``(g,)``; zero when missing, negative ones are cut.
    point
        Where to linearize a P that is not diagonal ``(p,)``; zero when missing.

    Raises
    ------
    DataError
        Multipliers of the wrong length, or parameters that do not fit.
    """
    check_shapes(s, d)
    y = _sized("y", y, s.A.shape[0])
    cap_y = _existing_caps(d, _sized("cap_y", cap_y, len(s.caps)))
    y = _existing_sides(d, y)
    linearize = None if s.is_separable else _sized("point", point, d.q.size)
    relaxed = _relax(s, d, y, cap_y, linearize)
    columns, pairs, magnitude = _inner(s, d, relaxed)
    total = relaxed.constant + columns + pairs
    guard = 8 * EPSILON * np.sqrt(d.q.size + 1.0) * (relaxed.magnitude + magnitude)
    bound = -np.inf if np.isnan(total) or np.isnan(guard) else total - guard
    return Certificate(bound=float(bound), y=y, cap_y=cap_y, point=linearize)


def pair_costs(
    s: Structure, d: Parameters, y: Vector, cap_y: Vector | None = None
) -> Vector:
    """Cost of switching each pair on ``(c,)``, under the multipliers.

    The most negative ones are the best names to hold: a rounding rule.
    """
    cap_y = _existing_caps(d, _sized("cap_y", cap_y, len(s.caps)))
    y = _existing_sides(d, _sized("y", y, s.A.shape[0]))
    on, _ = _pair_values(s, d, _relax(s, d, y, cap_y, None))
    return on


def _sized(name: str, values: Vector | None, size: int) -> Vector:
    if values is None:
        return np.zeros(size)
    if values.shape != (size,):
        raise DataError(f"{name} is {values.shape}, expected ({size},)")
    return np.where(np.isfinite(values), values, 0.0)


def _existing_sides(d: Parameters, y: Vector) -> Vector:
    y = np.where((y > 0) & ~np.isfinite(d.row_upper), 0.0, y)
    return np.where((y < 0) & ~np.isfinite(d.row_lower), 0.0, y)


def _existing_caps(d: Parameters, cap_y: Vector) -> Vector:
    # A cap without a limit limits nothing.
    return np.where(np.isfinite(d.cap_limit), np.clip(cap_y, 0.0, None), 0.0)


def _relax(
    s: Structure, d: Parameters, y: Vector, cap_y: Vector, point: Vector | None
) -> _Relaxed:
    counting = counting_row(s)
    y = y.copy()
    if counting is not None:
        y[counting] = 0.0
    side = np.where(y > 0, d.row_upper, np.where(y < 0, d.row_lower, 0.0))
    limit = np.where(cap_y > 0, d.cap_limit, 0.0)
    parts = [np.array([d.r]), -y * side, -cap_y * limit]
    curvature, cost = s.diagonal.copy(), d.q + s.A.T @ y
    if point is not None:
        slope = s.P @ point
        parts.append(np.array([-0.5 * point @ slope]))
        curvature, cost = np.zeros_like(curvature), cost + slope
    for i, cap in enumerate(s.caps):
        curvature = curvature + 2 * cap_y[i] * cap.square
        cost = cost + cap_y[i] * d.cap_linear[i]
    terms = np.concatenate(parts)
    return _Relaxed(
        constant=float(terms.sum()),
        magnitude=float(np.abs(terms).sum()),
        curvature=curvature,
        cost=cost,
        error=np.abs(d.q) + abs(s.A).T @ np.abs(y),
        counting=counting,
    )


def _inner(s: Structure, d: Parameters, inner: _Relaxed) -> tuple[float, float, float]:
    """Least values of the free columns and of the pairs, and their rounding scale."""
    paired = np.zeros(d.q.size, dtype=np.bool_)
    paired[s.on_off.binary] = True
    paired[s.on_off.column] = True
    free = ~paired
    x, values = _least(
        inner.curvature[free], inner.cost[free], d.lower[free], d.upper[free]
    )
    # A cost is itself a rounded sum: its error counts times the column's size.
    moved = np.where(inner.error[free] > 0, np.abs(x), 0.0)
    scale = float(np.abs(values).sum() + inner.error[free] @ moved)
    if not s.on_off.size:
        return float(values.sum()), 0.0, scale
    cost, forced = _pair_values(s, d, inner)
    row = inner.counting
    least, most = 0.0, float(cost.size)
    if row is not None:
        least = max(least, float(d.row_lower[row]))
        most = min(most, float(d.row_upper[row]))
    z, j = s.on_off.binary, s.on_off.column
    reach = np.maximum(np.abs(d.on_lower), np.abs(d.on_upper))
    scale += float(inner.error[j] @ reach + inner.error[z].sum())
    return float(values.sum()), _best_count(cost, forced, least, most), scale


def _pair_values(s: Structure, d: Parameters, inner: _Relaxed) -> tuple[Vector, Mask]:
    """Cost of on against off, infinite where on is impossible; and forced pairs."""
    z, j = s.on_off.binary, s.on_off.column
    low = np.maximum(d.on_lower, d.lower[j])
    high = np.minimum(d.on_upper, d.upper[j])
    possible = (low <= high) & (d.upper[z] >= 1.0)
    low, high = np.where(possible, low, 0.0), np.where(possible, high, 0.0)
    _, held = _least(inner.curvature[j], inner.cost[j], low, high)
    on = np.where(possible, held + inner.cost[z], np.inf)
    forced = (d.lower[z] >= 1.0) | (d.lower[j] > 0.0) | (d.upper[j] < 0.0)
    return on, np.asarray(forced, dtype=np.bool_)


def _best_count(cost: Vector, forced: Mask, least: float, most: float) -> float:
    """Least total of between `least` and `most` pairs that are on, forced ones in.

    Infinite where no choice exists, which proves the program infeasible.
    """
    base = float(cost[forced].sum())
    inside = int(forced.sum())
    rest = np.sort(cost[~forced & np.isfinite(cost)])
    room = int(np.floor(most + 1e-9)) - inside
    need = int(np.ceil(least - 1e-9)) - inside
    if room < 0 or need > rest.size or need > room:
        return float("inf")
    wanted = int(np.searchsorted(rest, 0.0))
    take = min(max(wanted, need, 0), room)
    return base + float(rest[:take].sum())


def _least(
    curvature: Vector, cost: Vector, lower: Vector, upper: Vector
) -> tuple[Vector, Vector]:
    r"""Minimizer and minimum of :math:`\frac12 h x^2 + c x` on an interval."""
    curved = curvature > 0
    centre = np.divide(-cost, curvature, out=np.zeros_like(cost), where=curved)
    flat = np.where(cost > 0, lower, np.where(cost < 0, upper, 0.0))
    x = np.where(curved, np.clip(centre, lower, upper), flat)
    with np.errstate(invalid="ignore"):
        return x, 0.5 * curvature * np.where(curved, x, 0.0) ** 2 + cost * x


def counting_row(s: Structure) -> int | None:
    """The row that counts the binaries of all pairs, if there is one."""
    if not s.on_off.size:
        return None
    rows = s.A.tocsr()
    sizes = np.diff(rows.indptr)
    wanted = np.sort(s.on_off.binary)
    for row in np.flatnonzero(sizes == wanted.size):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        same = np.array_equal(np.sort(rows.indices[part]), wanted)
        if same and np.all(rows.data[part] == 1.0):
            return int(row)
    return None
