r"""Who is the best of several methods, and how sure that is.

Every draw of the cluster bootstrap is a suite that might as well have been run. The
share of draws in which a method has the least mean is its probability of being the best;
two that share the least mean of a draw have half of it each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.statistics import CONFIDENCE, family_draws, shifted_geometric_mean
from sma_research.arrays import Vector
from sma_research.errors import DataError

DRAWS: Final = 1000
SAME: Final = 1e-12  # logarithms of means that differ by less are a tie of the draw


@dataclass(frozen=True, eq=False, kw_only=True)
class Race:
    """Methods on the instances that all of them were tried on."""

    mean: Vector  # (methods,) s, shifted geometric
    best: Vector  # (methods,) share of the draws won, of sum one
    group: NDArray[np.int64]  # (methods,) tie groups, 1 the best


def counted(
    families: Sequence[str], *, draws: int = DRAWS, seed: int = 0
) -> NDArray[np.int64]:
    """How often every draw holds each instance, ``(draws, instances)``."""
    found = family_draws(families, draws=draws, seed=seed)
    size = len(families)
    return np.asarray([np.bincount(places, minlength=size) for places in found])


def race(
    charged: NDArray[np.float64],
    counts: NDArray[np.int64],
    *,
    shift: float,
    rope: float,
) -> Race:
    r"""Means, shares of draws won, and tie groups.

    With counts :math:`c_{di}` the mean of a draw is
    :math:`\exp(\sum_i c_{di}\ln(t_{im}+s)/\sum_i c_{di})-s`. ``charged`` is
    (instances, methods), without a gap: what was not reached is penalised before.
    Instances may be fewer than were drawn from: their columns of ``counts`` alone count,
    and draws that hold none of them do not.

    From the best on, a method joins the group of the best one left if, in the paired
    draws, it is ahead at the low end of the interval, or if the means differ by less
    than ``rope``, relative.

    Raises
    ------
    DataError
        No draw holds an instance, or a time is missing.
    """
    held = counts[counts.sum(axis=1) > 0]
    if not held.size:
        raise DataError("a race needs a draw with an instance that all were tried on")
    mean = np.array([shifted_geometric_mean(times, shift) for times in charged.T])
    logs = np.log(charged + shift + 1e-300)
    drawn = (held / held.sum(axis=1, keepdims=True)) @ logs
    won = drawn <= drawn.min(axis=1, keepdims=True) + SAME
    return Race(
        mean=mean,
        best=np.asarray((won / won.sum(axis=1, keepdims=True)).mean(axis=0)),
        group=_groups(mean, drawn, rope),
    )


def _groups(mean: Vector, drawn: NDArray[np.float64], rope: float) -> NDArray[np.int64]:
    group = np.zeros(mean.size, dtype=np.int64)
    tail = 50 * (1 - CONFIDENCE)
    leader, number = -1, 0
    for method in np.argsort(mean, kind="stable"):
        behind = drawn[:, method] - drawn[:, leader]
        near = number > 0 and (
            np.percentile(behind, tail) <= SAME
            or mean[method] < mean[leader] * (1 + rope)
        )
        if not near:
            leader, number = method, number + 1
        group[method] = number
    return group
