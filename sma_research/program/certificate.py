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
negative of these. A pair that is tied to the column of its square is minimized with
it (`lagrangian`); trades that exclude each other are minimized on the better of their
two sides (`apart`). Every :math:`(y, \sigma)` gives a bound; the cost is
:math:`O(nk + n \log n)`.

A P that is not diagonal is first replaced by its tangent at a point, which is
below it because P is positive semidefinite.

Source: Lagrangian duality, e.g. Shaw, Liu, Kopman, "Lagrangian relaxation
procedure for cardinality-constrained portfolio optimization", Optim. Methods
Softw. 23 (2008).
"""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.program.apart import Apart, Sides, positions, sides, with_sides
from sma_research.program.form import Parameters, Structure, check_shapes
from sma_research.program.lagrangian import Pairs, best_count, columns, pairs, relax
from sma_research.program.ties import ties

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


def certify(
    s: Structure,
    d: Parameters,
    y: Vector | None = None,
    *,
    cap_y: Vector | None = None,
    point: Vector | None = None,
    apart: Apart | None = None,
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
    apart
        Trades that exclude each other, which the program does not say.

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
    sided = None if apart is None else apart.within(s)
    inner = relax(s, d, _unpriced_count(s, y), cap_y, linearize)
    states = pairs(s, d, inner)
    if sided is not None:
        states = with_sides(sided, s, d, inner, states)
    free, scale = columns(d, inner, states.alone)
    total = inner.constant + free + states.off + _names(s, d, states)
    terms = inner.magnitude + scale + states.magnitude
    guard = 8 * EPSILON * np.sqrt(d.q.size + 1.0) * terms
    bound = -np.inf if np.isnan(total) or np.isnan(guard) else total - guard
    return Certificate(bound=float(bound), y=y, cap_y=cap_y, point=linearize)


def pair_costs(
    s: Structure,
    d: Parameters,
    y: Vector,
    *,
    cap_y: Vector | None = None,
    point: Vector | None = None,
) -> Vector:
    """Cost of switching each pair on ``(c,)``, under the multipliers.

    The most negative ones are the best names to hold: a rounding rule. With a point
    ``(p,)``, tied pairs are priced as if all other holdings stayed as they are there.
    """
    cap_y = _existing_caps(d, _sized("cap_y", cap_y, len(s.caps)))
    y = _existing_sides(d, _sized("y", y, s.A.shape[0]))
    rest = None if point is None else ties(s).rest(_sized("point", point, d.q.size))
    return pairs(s, d, relax(s, d, _unpriced_count(s, y), cap_y, None), rest).on


def side_costs(
    s: Structure, d: Parameters, y: Vector, apart: Apart, *, cap_y: Vector | None = None
) -> Sides:
    """Both sides of every group under the multipliers, no holding switched off.

    The lesser side is the better one: a rule to choose it by.
    """
    cap_y = _existing_caps(d, _sized("cap_y", cap_y, len(s.caps)))
    y = _existing_sides(d, _sized("y", y, s.A.shape[0]))
    inner = relax(s, d, _unpriced_count(s, y), cap_y, None)
    return sides(apart, d, positions(apart, d, inner))


def _unpriced_count(s: Structure, y: Vector) -> Vector:
    # The row that counts names is kept, so that it has no price.
    row = counting_row(s)
    return y if row is None else np.where(np.arange(y.size) == row, 0.0, y)


def _names(s: Structure, d: Parameters, states: Pairs) -> float:
    """Least cost of the pairs that are on, within the number of names."""
    if not states.on.size:
        return 0.0
    row = counting_row(s)
    fewest, most = 0.0, float(states.on.size)
    if row is not None:
        fewest = max(fewest, float(d.row_lower[row]))
        most = min(most, float(d.row_upper[row]))
    return best_count(states.on, states.forced, fewest, most)


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
