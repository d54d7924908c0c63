r"""Aggregations that hold for times that were cut short, and for instances in families.

A time that was not reached is ``nan``. It never becomes a number by itself: a mean needs
a named `Penalty`, a profile counts it as infinite.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sma_research.arrays import Vector
from sma_research.errors import DataError

CONFIDENCE = 0.95


class Penalty(StrEnum):
    """How a time that was not reached is counted in a mean."""

    PAR1 = "the limit"
    PAR2 = "twice the limit"
    PAR10 = "ten times the limit"
    INTERSECTION = "instances that every method reached"


FACTORS = {Penalty.PAR1: 1.0, Penalty.PAR2: 2.0, Penalty.PAR10: 10.0}
WRONG_FACTOR = 5.0  # a wrong answer is charged as so many that were not reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A statistic with its interval."""

    value: float
    low: float
    high: float


def shifted_geometric_mean(values: Vector, shift: float) -> float:
    r""":math:`\exp\big(\frac1N\sum\ln(t_i+s)\big)-s`.

    Raises
    ------
    DataError
        A value that is missing or negative, or a negative shift: a penalty comes first.
    """
    if not values.size:
        return float("nan")
    if not np.isfinite(values).all() or (values < 0).any() or shift < 0:
        raise DataError(
            "a shifted geometric mean needs finite values of at least zero; times that "
            "were not reached need a penalty first"
        )
    return float(np.exp(np.mean(np.log(values + shift + 1e-300))) - shift)


def suite_shift(times: NDArray[np.float64]) -> float:
    """The shift for a table of times ``(instances, methods)``.

    The median over instances of the fastest time: a shift far above the times would make
    the mean arithmetic, one far below would let noise of the smallest decide.
    """
    fastest = best(times)
    known = fastest[np.isfinite(fastest)]
    return float(np.median(known)) if known.size else 1.0


def best(times: NDArray[np.float64]) -> Vector:
    """Fastest time of every instance ``(instances,)``; infinite where all failed."""
    filled = np.where(np.isnan(times), np.inf, times)
    return np.asarray(filled.min(axis=1, initial=np.inf), dtype=np.float64)


def penalised(
    times: NDArray[np.float64],
    limits: Vector,
    penalty: Penalty,
    wrong: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Times with those not reached as the penalty says; rows may be fewer.

    ``times`` is (instances, methods), ``limits`` (instances,). Where ``wrong``, of the
    shape of ``times``, a method claimed what is not so: whatever its time, it is charged
    `WRONG_FACTOR` times what one that was not reached is, so that a wrong answer is
    worse than none under every penalty.
    """
    lies = np.zeros(times.shape, dtype=np.bool_) if wrong is None else wrong
    if penalty is Penalty.INTERSECTION:
        return times[(np.isfinite(times) & ~lies).all(axis=1)]
    late = FACTORS[penalty] * limits[:, None]
    return np.where(lies, WRONG_FACTOR * late, np.where(np.isnan(times), late, times))


def performance_profile(
    times: NDArray[np.float64], factors: Vector
) -> NDArray[np.float64]:
    r"""Share of instances within a factor of the fastest, ``(factors, methods)``.

    :math:`\rho_m(\tau)=\frac1N|\{i: t_{im}\le\tau\min_{m'}t_{im'}\}|` (Dolan, Moré
    2002). What was not reached is infinitely slow, also where every method failed.
    """
    if not times.size:
        return np.zeros((factors.size, times.shape[1]))
    fastest = best(times)[:, None]
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isnan(times), np.inf, times / np.where(
            np.isfinite(fastest), fastest, 1.0))  # fmt: skip
    return np.asarray((ratio[None] <= factors[:, None, None] + 1e-12).mean(axis=1))


def reached_by(times: NDArray[np.float64], moments: Vector) -> NDArray[np.float64]:
    """Share of instances reached by each moment, ``(moments, methods)``."""
    filled = np.where(np.isnan(times), np.inf, times)
    return np.asarray((filled[None] <= moments[:, None, None]).mean(axis=1))


def cluster_bootstrap(
    values: Vector,
    families: Sequence[str],
    statistic: Callable[[Vector], float],
    *,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Percentile interval by drawing whole families, then members within each.

    Instances of a family resemble each other; drawing them one by one would call the
    same evidence many times.
    """
    found = [
        statistic(values[drawn])
        for drawn in family_draws(families, draws=draws, seed=seed)
    ]
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(found, [tail, 100 - tail])
    return Estimate(value=statistic(values), low=float(low), high=float(high))


def family_draws(
    families: Sequence[str], *, draws: int, seed: int = 0
) -> Iterator[NDArray[np.int64]]:
    """Places of the instances in every draw: families, then members within each."""
    label = np.asarray(families)
    members = [np.flatnonzero(label == name) for name in sorted(set(families))]
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = generator.integers(len(members), size=len(members))
        sample = [
            members[i][generator.integers(members[i].size, size=members[i].size)]
            for i in drawn
        ]
        yield np.concatenate(sample)


def median_ratio(
    base: Vector, head: Vector, *, confidence: float = 0.99, seed: int = 0
) -> Estimate:
    """Median of paired ratios head/base, with a bootstrap interval over the pairs.

    Raises
    ------
    DataError
        Vectors of other lengths, or fewer than two pairs.
    """
    if base.shape != head.shape or base.size < 2:
        raise DataError(
            f"{base.size} and {head.size} times, expected as many, at least two"
        )
    ratio = head / base
    drawn = stats.bootstrap(
        (ratio,), np.median, confidence_level=confidence, method="percentile",
        n_resamples=2000, rng=np.random.default_rng(seed),
    )  # fmt: skip
    low, high = drawn.confidence_interval
    return Estimate(value=float(np.median(ratio)), low=float(low), high=float(high))


def exponent(sizes: Vector, times: Vector) -> Estimate:
    r"""The power *p* of :math:`t = c\,n^p` by least squares in logarithms.

    The interval is that of the slope (Student's t); infinite with two sizes.

    Raises
    ------
    DataError
        Fewer than two different sizes.
    """
    if np.unique(sizes).size < 2:
        raise DataError("an exponent needs at least two different sizes")
    x, y = np.log(sizes), np.log(times)
    fit = stats.linregress(x, y)
    free = sizes.size - 2
    if free < 1:
        return Estimate(value=float(fit.slope), low=-np.inf, high=np.inf)
    half = stats.t.ppf(0.5 + CONFIDENCE / 2, free) * fit.stderr
    slope = float(fit.slope)
    return Estimate(value=slope, low=slope - float(half), high=slope + float(half))


def tie_groups(
    names: Sequence[str], estimates: Sequence[Estimate], rope: float
) -> list[list[str]]:
    """Names from best (lowest) on, those that cannot be told apart together.

    A method joins the group of the best one left if the intervals meet or the values
    differ by less than ``rope``, the difference that nobody would act on.
    """
    order = sorted(range(len(names)), key=lambda i: estimates[i].value)
    groups: list[list[str]] = []
    leader: Estimate | None = None
    for i in order:
        mine = estimates[i]
        near = leader is not None and (
            mine.low <= leader.high or mine.value - leader.value < rope
        )
        if near:
            groups[-1].append(names[i])
        else:
            groups.append([names[i]])
            leader = mine
    return groups
