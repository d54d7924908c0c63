"""Processor time of two sets of rows: a verdict only where noise allows one."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from sma_benchmarks.outcome import Outcome, verified
from sma_benchmarks.statistics import Estimate, median_ratio
from sma_research.arrays import Vector

if TYPE_CHECKING:
    import pandas as pd

PAIR: Final = ("instance", "method", "start_mode", "seed", "repeat")


class Decision(StrEnum):
    """What a comparison amounts to."""

    PASS = "pass"
    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"
    BROKEN = "broken"  # a side holds errors of the harness


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Tolerances of a comparison."""

    te_bp: float = 0.05  # absolute, or
    relative: float = 1e-3  # relative, whichever is larger
    objective: float = 1e-9  # absolute, of objectives near zero
    cut_te_bp: float = 5.0  # the same for rows that a time limit cut short
    cut_relative: float = 0.10
    gap: float = 1e-3  # absolute growth of the certified gap, and
    gap_relative: float = 0.10  # relative growth
    cut_gap: float = 0.02  # the same for rows that a time limit cut short
    cut_gap_relative: float = 1.0
    repair_bp: float = 5.0  # growth of what the repair had to change
    work: float = 0.10  # growth of iterations and nodes
    slowdown: float = 1.25  # ratio of processor time
    band: float = 1.10  # an A/A band wider than this decides nothing
    pairs: int = 15  # fewest pairs for a verdict on time
    traded: float = 3.0  # slowdown of a pair that a better outcome does not excuse
    outlier: float = 10.0  # slowdown of a single pair that no noise explains, and
    outlier_s: float = 0.5  # processor seconds more
    chance: float = 1e-3  # of as many slower pairs, were slower and faster alike


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRatio:
    """Processor time of one method, head over base."""

    method: str
    ratio: Estimate
    pairs: int
    slower: int  # pairs above the limit
    band: Estimate | None  # of equal runs: repetitions of the base; None without any
    interleaved: bool
    decision: Decision


def time_ratio(
    base: "pd.DataFrame", head: "pd.DataFrame", method: str, rules: Rules
) -> TimeRatio | None:
    """Ratio of processor time of one method; None where nothing was timed twice."""
    both = timed(base, head)
    same = both[both["outcome_base"].eq(both["outcome_head"])]
    if len(same) < 2:
        return None
    before = same["cpu_s_base"].to_numpy(dtype=float)
    after = same["cpu_s_head"].to_numpy(dtype=float)
    measured = TimeRatio(
        method=method, ratio=median_ratio(before, after), pairs=len(same),
        slower=int(np.count_nonzero(after > rules.slowdown * before)),
        band=_band(base), interleaved=interleaved(same), decision=Decision.PASS,
    )  # fmt: skip
    decision = _decided(measured, rules, lopsided=_lopsided(after / before, rules))
    return replace(measured, decision=decision)


def timed(base: "pd.DataFrame", head: "pd.DataFrame") -> "pd.DataFrame":
    """Pairs with processor time on both sides."""
    both = base.merge(head, on=list(PAIR), suffixes=("_base", "_head"))
    return both[(both["cpu_s_base"] > 0) & (both["cpu_s_head"] > 0)]


def outliers(pairs: "pd.DataFrame", rules: Rules) -> "pd.DataFrame":
    """Pairs so much slower that no noise of processor time explains it."""
    before, after = pairs["cpu_s_base"], pairs["cpu_s_head"]
    much = (after >= rules.outlier * before) & (after - before > rules.outlier_s)
    return pairs[much & pairs["outcome_base"].eq(pairs["outcome_head"])]


def traded(pairs: "pd.DataFrame", rules: Rules) -> "pd.DataFrame":
    """Pairs whose outcome is another, verified on both sides, and much slower."""
    good = [
        verified(Outcome(before)) and verified(Outcome(after)) and before != after
        for before, after in zip(
            pairs["outcome_base"], pairs["outcome_head"], strict=True
        )
    ]
    slow = pairs["cpu_s_head"] >= rules.traded * pairs["cpu_s_base"]
    return pairs[slow & np.array(good, dtype=bool)]


def interleaved(pairs: "pd.DataFrame") -> bool:
    """Whether the rows of base and head took turns: drift then hits both alike."""
    if (
        pairs["finished_utc_base"].isna().any()
        or pairs["finished_utc_head"].isna().any()
    ):
        return False
    base = sorted((str(t), 0) for t in pairs["finished_utc_base"])
    head = sorted((str(t), 1) for t in pairs["finished_utc_head"])
    order = np.array([side for _, side in sorted(base + head)])
    turns = np.count_nonzero(np.diff(order)) + 1
    return bool(turns >= order.size / 4)


def _decided(found: TimeRatio, rules: Rules, *, lopsided: bool) -> Decision:
    """Without repetitions noise is unknown: then at most inconclusive."""
    ratio, band, limit = found.ratio, found.band, rules.slowdown
    noisy = band is None or band.high > rules.band or band.low < 1 / rules.band
    clear = ratio.low > max(limit, band.high if band else limit)
    few = found.pairs < rules.pairs
    if clear and band is not None and found.interleaved and not few:
        return Decision.REGRESSION
    unsure = noisy or few or ratio.low <= limit < ratio.high
    suspicious = clear or lopsided or (ratio.value > limit and unsure)
    return Decision.INCONCLUSIVE if suspicious else Decision.PASS


def _lopsided(ratio: Vector, rules: Rules) -> bool:
    """Whether far more pairs are slower by the limit than are faster by it."""
    slower = int(np.count_nonzero(ratio > rules.slowdown))
    faster = int(np.count_nonzero(ratio < 1 / rules.slowdown))
    if not slower:
        return False
    test = stats.binomtest(slower, slower + faster, 0.5, alternative="greater")
    return bool(test.pvalue < rules.chance)


def _band(base: "pd.DataFrame") -> Estimate | None:
    """Ratio of equal runs: each repetition against the one before, same row otherwise."""
    known = base[base["cpu_s"] > 0].sort_values("repeat")
    keys = [name for name in PAIR if name != "repeat"]
    ratios = [
        later / earlier
        for _, rows in known.groupby(keys)
        for earlier, later in zip(
            rows["cpu_s"].to_numpy(dtype=float)[:-1],
            rows["cpu_s"].to_numpy(dtype=float)[1:],
            strict=True,
        )
    ]
    if len(ratios) < 2:
        return None
    return median_ratio(np.ones(len(ratios)), np.asarray(ratios))
