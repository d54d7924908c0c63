r"""What is left when rows are relaxed: one small problem per column and per pair.

A column on its own costs :math:`\min \tfrac12 h_j x_j^2 + c_j x_j` on its interval; a
pair costs what it costs when it is on, against off. Where a pair is tied to the
column that carries its square (`ties`), both are minimized together:

.. math:: \min_{v,\,t}\; \tfrac12 h (v + t)^2 + c_a (v + t) + c_t t,\qquad
    \underline v \le v \le \overline v,\quad t = e x.

For a given :math:`a = v + t` the best t is the least one if :math:`c_t \ge 0` and
the most one otherwise, so that the optimum lies on one of two intervals of a: t at
its end, or v at its end.
"""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.program.form import Parameters, Structure
from sma_research.program.ties import Ties, ties


@dataclass(frozen=True, eq=False, kw_only=True)
class Relaxed:
    """The Lagrangian's inner problem: separable, by column or by tied pair."""

    constant: float
    magnitude: float  # sum of the absolute values in the constant
    curvature: Vector  # (p,)
    cost: Vector  # (p,)
    error: Vector  # (p,) sum of absolute terms in each cost


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Both states of every pair."""

    on: Vector  # (c,) cost of on against off, infinite where on is impossible
    forced: Mask  # (c,) where off is impossible
    alone: Mask  # (p,) columns that belong to no pair and are tied to none
    off: float  # cost of all tied columns when everything is off
    magnitude: float  # sum of the absolute terms in that


Interval = tuple[Vector, Vector]  # least and most


def relax(
    s: Structure, d: Parameters, y: Vector, cap_y: Vector, point: Vector | None
) -> Relaxed:
    """Price rows and caps; replace P by its tangent at a point where one is given."""
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
    return Relaxed(
        constant=float(terms.sum()),
        magnitude=float(np.abs(terms).sum()),
        curvature=curvature,
        cost=cost,
        error=np.abs(d.q) + abs(s.A).T @ np.abs(y),
    )


def columns(d: Parameters, inner: Relaxed, alone: Mask) -> tuple[float, float]:
    """Least value of the columns on their own, and its rounding scale."""
    x, values = least(
        inner.curvature[alone], inner.cost[alone], d.lower[alone], d.upper[alone]
    )
    # A cost is itself a rounded sum: its error counts times the column's size.
    moved = np.where(inner.error[alone] > 0, np.abs(x), 0.0)
    scale = np.abs(values).sum() + inner.error[alone] @ moved
    return float(values.sum()), float(scale)


def pairs(
    s: Structure, d: Parameters, inner: Relaxed, rest: Vector | None = None
) -> Pairs:
    """Both states of every pair, tied ones with their interval or a given rest."""
    z, j = s.on_off.binary, s.on_off.column
    possible, low, high = switched(s, d)
    _, held = least(inner.curvature[j], inner.cost[j], low, high)
    forced = (d.lower[z] >= 1.0) | (d.lower[j] > 0.0) | (d.upper[j] < 0.0)
    alone = np.ones(d.q.size, dtype=np.bool_)
    alone[z] = alone[j] = False
    tied = ties(s)
    between = tied.reach(s, d) if rest is None else (rest, rest)
    known = np.isfinite(between[0]) & np.isfinite(between[1])
    known &= between[0] <= between[1]
    off, on = _tied_values(d, inner, tied, between, (low[tied.pair], high[tied.pair]))
    held[tied.pair] = np.where(known, on - off, held[tied.pair])
    alone[tied.curved[known]] = False
    reach = np.maximum(np.abs(d.on_lower), np.abs(d.on_upper))
    farthest = np.maximum(np.abs(between[0]), np.abs(between[1]))[known]
    scale = np.abs(off[known]).sum() + inner.error[tied.curved[known]] @ farthest
    return Pairs(
        on=np.where(possible, held + inner.cost[z], np.inf),
        forced=np.asarray(forced, dtype=np.bool_),
        alone=alone,
        off=float(off[known].sum()),
        magnitude=float(scale + inner.error[j] @ reach + inner.error[z].sum()),
    )


def switched(s: Structure, d: Parameters) -> tuple[Mask, Vector, Vector]:
    """Whether each pair can be on, and its column's interval then."""
    z, j = s.on_off.binary, s.on_off.column
    low = np.maximum(d.on_lower, d.lower[j])
    high = np.minimum(d.on_upper, d.upper[j])
    possible = np.asarray((low <= high) & (d.upper[z] >= 1.0), dtype=np.bool_)
    return possible, np.where(possible, low, 0.0), np.where(possible, high, 0.0)


def _tied_values(
    d: Parameters, inner: Relaxed, tied: Ties, between: Interval, held: Interval
) -> tuple[Vector, Vector]:
    """Least values of tied pairs: off, and on ``(m,)`` each."""
    a, (low, high) = tied.curved, between
    within = (d.lower[a], d.upper[a])
    curvature, seen = inner.curvature[a], inner.cost[a]
    own = inner.cost[tied.switched] / tied.slope
    ends = np.sort(np.stack([tied.slope * held[0], tied.slope * held[1]]), axis=0)
    t = np.where(own >= 0, ends[0], ends[1])
    v = np.where(own >= 0, high, low)
    _, off = least(curvature, seen, np.clip(low, *within), np.clip(high, *within))
    with np.errstate(invalid="ignore"):
        _, level = least(
            curvature, seen, np.clip(low + t, *within), np.clip(high + t, *within)
        )
        _, slanted = least(
            curvature, seen + own,
            np.clip(v + ends[0], *within), np.clip(v + ends[1], *within),
        )  # fmt: skip
        return off, np.minimum(level + own * t, slanted - own * v)


def best_count(cost: Vector, forced: Mask, fewest: float, most: float) -> float:
    """Least total of between `fewest` and `most` pairs that are on, forced ones in.

    Infinite where no choice exists, which proves the program infeasible.
    """
    base = float(cost[forced].sum())
    inside = int(forced.sum())
    rest = np.sort(cost[~forced & np.isfinite(cost)])
    room = int(np.floor(most + 1e-9)) - inside
    need = int(np.ceil(fewest - 1e-9)) - inside
    if room < 0 or need > rest.size or need > room:
        return float("inf")
    wanted = int(np.searchsorted(rest, 0.0))
    take = min(max(wanted, need, 0), room)
    return base + float(rest[:take].sum())


def least(
    curvature: Vector, cost: Vector, lower: Vector, upper: Vector
) -> tuple[Vector, Vector]:
    r"""Minimizer and minimum of :math:`\frac12 h x^2 + c x` on an interval."""
    curved = curvature > 0
    centre = np.divide(-cost, curvature, out=np.zeros_like(cost), where=curved)
    flat = np.where(cost > 0, lower, np.where(cost < 0, upper, 0.0))
    x = np.where(curved, np.clip(centre, lower, upper), flat)
    with np.errstate(invalid="ignore"):
        return x, 0.5 * curvature * np.where(curved, x, 0.0) ** 2 + cost * x
