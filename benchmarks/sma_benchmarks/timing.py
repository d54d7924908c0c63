"""Processor time of two sets of rows: a verdict only where noise allows one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.statistics import Estimate, median_ratio

if TYPE_CHECKING:
    import pandas as pd

PAIR: Final = ("instance", "method", "start_mode", "seed", "repeat")


class Decision(StrEnum):
    """What a comparison amounts to."""

    PASS = "pass"
    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Tolerances of a comparison."""

    te_bp: float = 0.05  # absolute, or
    relative: float = 1e-3  # relative, whichever is larger
    work: float = 0.10  # growth of iterations and nodes
    slowdown: float = 1.25  # ratio of processor time
    band: float = 1.10  # an A/A band wider than this decides nothing
    pairs: int = 15  # fewest pairs for a verdict on time


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRatio:
    """Processor time of one method, head over base."""

    method: str
    ratio: Estimate
    pairs: int
    band: Estimate  # the same of equal runs: repetitions of the base
    interleaved: bool
    decision: Decision


def time_ratio(
    base: "pd.DataFrame", head: "pd.DataFrame", method: str, rules: Rules
) -> TimeRatio | None:
    """Ratio of processor time of one method; None where nothing was timed twice."""
    both = base.merge(head, on=list(PAIR), suffixes=("_base", "_head"))
    answered = both["outcome_base"].eq(both["outcome_head"])
    timed = both[answered & (both["cpu_s_base"] > 0) & (both["cpu_s_head"] > 0)]
    if len(timed) < 2:
        return None
    ratio = median_ratio(
        timed["cpu_s_base"].to_numpy(dtype=float),
        timed["cpu_s_head"].to_numpy(dtype=float),
    )
    band = _band(base)
    alternating = interleaved(timed)
    return TimeRatio(
        method=method, ratio=ratio, pairs=len(timed), band=band,
        interleaved=alternating,
        decision=_decided(ratio, band, len(timed), rules, alternating=alternating),
    )  # fmt: skip


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


def _decided(
    ratio: Estimate, band: Estimate, pairs: int, rules: Rules, *, alternating: bool
) -> Decision:
    noisy = band.high > rules.band or band.low < 1 / rules.band
    clear = ratio.low > max(rules.slowdown, band.high)
    if clear and alternating and pairs >= rules.pairs:
        return Decision.REGRESSION
    suspicious = clear or (ratio.value > rules.slowdown and (
        noisy or pairs < rules.pairs or ratio.low <= rules.slowdown < ratio.high))  # fmt: skip
    return Decision.INCONCLUSIVE if suspicious else Decision.PASS


def _band(base: "pd.DataFrame") -> Estimate:
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
        return Estimate(value=1.0, low=1.0, high=1.0)
    return median_ratio(np.ones(len(ratios)), np.asarray(ratios))
