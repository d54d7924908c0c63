"""Solves gathered by instance and method, as the pages need them.

Seeds and repetitions of one instance are one piece of evidence: their median counts,
with what was not verified as infinitely late or bad. What a method does not cover,
having no licence or no way to state it, is left out and said apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.outcome import Group, Outcome

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

COLD: Final = "cold"
HALF: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How far an answer is from the best one, in its unit."""

    column: str
    factor: float
    label: str
    floor: float  # smaller ones are drawn there
    unit: str


TRACKING: Final = Measure(
    column="regret_bp", factor=1.0, label="regret, bp of tracking error", floor=0.01,
    unit="bp",
)  # fmt: skip
OBJECTIVE: Final = Measure(
    column="regret", factor=100.0, label="regret, % of the best objective", floor=1e-4,
    unit="%",
)  # fmt: skip


def cold(scores: "Scores") -> "pd.DataFrame":
    """Rows of cold starts: the only ones that are compared with each other."""
    return scores.runs[scores.runs["start_mode"] == COLD]


def covered(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Rows that a method can be judged by."""
    return rows[~rows["group"].isin([Group.COVERAGE, Group.BROKEN])]


def measure_of(rows: "pd.DataFrame") -> Measure | None:
    """Regret in bp where rows have it, else in objective; None where they have none."""
    for measure in (TRACKING, OBJECTIVE):
        if rows[measure.column].notna().any():
            return measure
    return None


def regret(rows: "pd.DataFrame", measure: Measure) -> "pd.Series[float]":
    """Regret of each row; infinite unverified, zero where infeasibility was proven."""
    values = (rows[measure.column].astype(float) * measure.factor).clip(lower=0.0)
    proven = rows["outcome"] == Outcome.INFEASIBLE_VERIFIED
    return values.where(rows["verified"], np.inf).mask(proven, 0.0)


def seconds(rows: "pd.DataFrame") -> "pd.Series[float]":
    """Wall seconds of each row, infinite unverified."""
    return rows["wall_s"].astype(float).where(rows["verified"], np.inf)


def by_case(rows: "pd.DataFrame", values: "pd.Series[float]") -> "pd.DataFrame":
    """Median over seeds and repetitions: columns instance, method, family, value."""
    held = rows[["instance", "method", "family"]].assign(value=values)
    keys = ["instance", "method", "family"]
    return held.groupby(keys, sort=True)["value"].median().reset_index()


def coverage(
    scores: "Scores", instances: Sequence[str], methods: Sequence[str]
) -> NDArray[np.bool_]:
    """Whether a method has a row to judge it by ``(instances, methods)``."""
    rows = covered(cold(scores))
    pairs = set(zip(rows["instance"], rows["method"], strict=True))
    found = [[(i, m) in pairs for m in methods] for i in instances]
    return np.asarray(found, dtype=bool).reshape(len(instances), len(methods))


def few(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Methods that cover less than half as many instances as another: no match for it.

    Their figures are of other instances, often of the easier ones.
    """
    return np.asarray(counts < HALF * counts.max(initial=0))


def families(rows: "pd.DataFrame") -> list[str]:
    """Families with rows, in alphabetical order."""
    return sorted({str(name) for name in rows["family"]})


def moments(low: float, high: float, count: int = 200) -> NDArray[np.float64]:
    """Moments of a logarithmic clock, the ends included."""
    low = max(low, 1e-4)
    return np.geomspace(low, max(high, 2 * low), count)
