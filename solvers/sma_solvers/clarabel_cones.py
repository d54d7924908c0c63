r"""The rows, caps and rotated cones of an account as cones of Clarabel.

Every limit becomes ``b - A x in K``. A cap
:math:`\sum_j c_j x_j^2 + h^T x \le \kappa` is completed to a square where
:math:`c_j > 0`: with :math:`v = \sqrt c\, x + h / (2 \sqrt c)` there, and the rest
of `h` in :math:`\tau = \kappa + \sum h_j^2 / (4 c_j) - \sum_{c_j = 0} h_j x_j`, it
is :math:`\|v\|^2 \le \tau`, which is exactly the second-order cone

.. math:: (\tau + \sigma,\; 2 \sqrt\sigma\, v,\; \tau - \sigma) \in Q

for any :math:`\sigma > 0`; the constant of :math:`\tau` balances its entries. A dual
:math:`(z_0, z, z_1)` of this cone is parallel to :math:`(s_0, -s, -s_1)`, so that the
cap's own multiplier is :math:`2 \sigma z_0 / s_0 = z_0 + z_1`, at least zero for every
point of the dual cone.
"""

from dataclasses import dataclass
from typing import Any

import clarabel
import numpy as np
from scipy.sparse import (
    csc_array,
    csc_matrix,
    csr_array,
    diags_array,
    eye_array,
    vstack,
)

from sma_research.arrays import Mask, Vector
from sma_research.program.form import Parameters, Structure


@dataclass(frozen=True, eq=False, slots=True)
class SharedRows:
    """What the accounts of a structure share."""

    limits: csr_array  # (r + p, p) rows, then one row for each column
    cones: csc_array  # (3 d, p)


@dataclass(frozen=True, eq=False, slots=True)
class ConicForm:
    """One account as ``b - A x in K``: equations, upper sides, lower sides, cones."""

    A: csc_matrix
    b: Vector
    cones: list[Any]
    equal: Mask  # (r + p,)
    upper: Mask  # (r + p,)
    lower: Mask  # (r + p,)
    caps: list[tuple[int, int]]  # (cap, size of its cone), finite limits alone


def shared_rows(s: Structure) -> SharedRows:
    """Rows of all limits, and of ``(t + s, t - s, 2 x)`` for each rotated cone."""
    c = s.cones
    count, p = c.size, s.integer.size
    place = 3 * np.arange(count)
    row = np.concatenate([place, place, place + 1, place + 1, place + 2])
    column = np.concatenate([c.epigraph, c.scale, c.epigraph, c.scale, c.column])
    value = np.repeat([-1.0, -1.0, -1.0, 1.0, -2.0], count)
    return SharedRows(
        limits=csr_array(vstack([s.A, eye_array(p)])),
        cones=csc_array((value, (row, column)), shape=(3 * count, p)),
    )


def conic_form(s: Structure, d: Parameters, shared: SharedRows) -> ConicForm:
    """One account, its infinite sides left out."""
    low = np.concatenate([d.row_lower, d.lower])
    high = np.concatenate([d.row_upper, d.upper])
    equal = low == high
    upper, lower = ~equal & (high < np.inf), ~equal & (low > -np.inf)
    limits = shared.limits
    blocks: list[Any] = [limits[equal], limits[upper], -limits[lower]]
    right = [low[equal], high[upper], -low[lower]]
    cones = [
        clarabel.ZeroConeT(int(equal.sum())),
        clarabel.NonnegativeConeT(int(upper.sum() + lower.sum())),
    ]
    caps = []
    for g in np.flatnonzero(d.cap_limit < np.inf):
        block, side = _cap(s.caps[g].square, d.cap_linear[g], float(d.cap_limit[g]))
        blocks.append(block)
        right.append(side)
        cones.append(clarabel.SecondOrderConeT(side.size))
        caps.append((int(g), side.size))
    blocks.append(shared.cones)
    right.append(np.zeros(3 * s.cones.size))
    cones += [clarabel.SecondOrderConeT(3)] * s.cones.size
    A = csc_matrix(vstack(blocks, format="csc"))
    b = np.concatenate(right)
    return ConicForm(A, b, cones, equal, upper, lower, caps)


def _cap(square: Vector, linear: Vector, limit: float) -> tuple[csc_array, Vector]:
    support = np.flatnonzero(square)
    root = np.sqrt(square[support])
    radius = limit + float(np.sum(linear[support] ** 2 / (4.0 * square[support])))
    sigma = abs(radius) or 1.0
    rest = linear.copy()
    rest[support] = 0.0
    tau = csc_array(rest[None, :])
    scale = 2.0 * np.sqrt(sigma * square)
    v = diags_array(scale, format="csr")[support]
    middle = np.sqrt(sigma) * linear[support] / root
    b = np.concatenate([[radius + sigma], middle, [radius - sigma]])
    return vstack([tau, -v, tau], format="csc"), b


def multipliers(form: ConicForm, z: Vector, caps: int) -> tuple[Vector, Vector]:
    """Multipliers ``(r + p,)`` of all limits, and of the caps."""
    sizes = [int(mask.sum()) for mask in (form.equal, form.upper, form.lower)]
    equal, upper, lower, rest = np.split(z, np.cumsum(sizes))
    y = np.zeros(form.equal.size)
    y[form.equal] = equal
    y[form.upper] = upper
    y[form.lower] -= lower
    cap_y, place = np.zeros(caps), 0
    for g, size in form.caps:
        cap_y[g] = max(float(rest[place] + rest[place + size - 1]), 0.0)
        place += size
    return y, cap_y
