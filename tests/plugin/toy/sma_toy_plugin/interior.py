r"""Mehrotra's predictor and corrector for small dense QPs.

.. math:: \min \tfrac12 x^T P x + q^T x, \quad C x = d, \quad G x \le h

J. Nocedal and S. Wright, Numerical Optimization, algorithm 16.4.
"""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Vector

STEPS = 200
NOISE = 1e-11  # keeps the KKT matrix regular


@dataclass(frozen=True, eq=False)
class Dense:
    """A QP in the form of this module."""

    P: Vector  # (p, p)
    q: Vector  # (p,)
    C: Vector  # (e, p)
    d: Vector  # (e,)
    G: Vector  # (m, p)
    h: Vector  # (m,)


@dataclass(frozen=True, eq=False)
class Point:
    """Where the iteration ended."""

    x: Vector  # (p,)
    equal: Vector  # (e,) multipliers
    upper: Vector  # (m,) multipliers, at least zero
    solved: bool
    steps: int


def minimize(qp: Dense, tolerance: float) -> Point:
    """Follow the central path to the optimum, or report that it is lost."""
    x, nu = np.zeros(qp.q.size), np.zeros(qp.d.size)
    s = np.maximum(qp.h - qp.G @ x, 1.0)
    z = np.ones(qp.h.size)
    for step in range(STEPS):
        dual = qp.P @ x + qp.q + qp.C.T @ nu + qp.G.T @ z
        equal, slack = qp.C @ x - qp.d, qp.G @ x + s - qp.h
        gap = float(s @ z)
        worst = max(float(np.abs(v).max(initial=0.0)) for v in (dual, equal, slack))
        if worst < tolerance and gap < tolerance:
            return Point(x, nu, z, solved=True, steps=step)
        if not np.isfinite(worst) or max(np.abs(x).max(initial=0.0), worst) > 1e12:
            break
        right = (dual, equal, slack)
        affine = _direction(qp, s, z, right, s * z)
        reach = _reach(s, affine[2], z, affine[3])
        ahead = float((s + reach * affine[2]) @ (z + reach * affine[3]))
        target = (ahead / gap) ** 3 * gap / s.size if s.size else 0.0
        mixed = s * z + affine[2] * affine[3] - target
        dx, dnu, ds, dz = _direction(qp, s, z, right, mixed)
        reach = min(1.0, 0.995 * _reach(s, ds, z, dz))
        x, nu, s, z = x + reach * dx, nu + reach * dnu, s + reach * ds, z + reach * dz
    return Point(x, nu, z, solved=False, steps=STEPS)


def _direction(
    qp: Dense, s: Vector, z: Vector, right: tuple[Vector, Vector, Vector], mixed: Vector
) -> tuple[Vector, Vector, Vector, Vector]:
    dual, equal, slack = right
    p, e = qp.q.size, qp.d.size
    weight = z / s
    kkt = np.zeros((p + e, p + e))
    kkt[:p, :p] = qp.P + (qp.G.T * weight) @ qp.G + NOISE * np.eye(p)
    kkt[:p, p:], kkt[p:, :p] = qp.C.T, qp.C
    kkt[p:, p:] = -NOISE * np.eye(e)
    top = -dual - qp.G.T @ ((z * slack - mixed) / s)
    step = np.linalg.solve(kkt, np.concatenate([top, -equal]))
    dx = step[:p]
    ds = -slack - qp.G @ dx
    return dx, step[p:], ds, -(mixed + z * ds) / s


def _reach(s: Vector, ds: Vector, z: Vector, dz: Vector) -> float:
    """Longest step, at most one, that keeps slacks and multipliers positive."""
    values, moves = np.concatenate([s, z]), np.concatenate([ds, dz])
    falling = moves < 0
    return float(np.min(-values[falling] / moves[falling], initial=1.0))
