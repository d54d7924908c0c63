r"""Rows of a run as figures that can be compared: one row per solve, one per method.

Across the rows of an instance

- the best verified objective and the best certified bound are found, published and
  earlier ones included (`standing`);
- **regret** is what a method gave away: objective above the best, in bp of tracking
  error by the best portfolio's ruler, and relative to its size;
- a claimed bound above a verified portfolio of anybody becomes ``wrong_bound``; an own
  certificate above one is a mistake of the harness;
- times to a distance from the bound are from the best bound of all (`reaching`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.best_known import Known
from sma_benchmarks.outcome import GROUP, Group, Outcome
from sma_benchmarks.reaching import heard, timed
from sma_benchmarks.records import EVENTS
from sma_benchmarks.standing import regret_bp, stand, told_apart
from sma_benchmarks.statistics import suite_shift
from sma_benchmarks.summary import summaries
from sma_research.arrays import Vector

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sma_benchmarks.store import Tables

TARGET_BP: Final = 1.0  # regret within which an account counts as reached
TARGET: Final = 1e-3  # the same for programs, relative objective
LATE: Final = 1.05  # of the time limit, and
LATE_S: Final = 0.5  # seconds more: an answer after both was not reached in time


@dataclass(frozen=True, eq=False, kw_only=True)
class Scores:
    """Judged rows with regret, and what they say of every method."""

    runs: "pd.DataFrame"  # a row per solve; see `scored`
    events: "pd.DataFrame"
    periods: "pd.DataFrame"
    machines: "pd.DataFrame"

    @cached_property
    def shift_s(self) -> float:
        """Shift of geometric means of time, seconds: median fastest time."""
        return suite_shift(self.times()[0])

    @cached_property
    def methods(self) -> "pd.DataFrame":
        """A row per method, see `summary.SUMMARY`; best first."""
        return summaries(self)

    @property
    def publishable(self) -> bool:
        """Whether no harness error stands and every covered method has a verified row."""
        groups = self.runs["group"]
        if not self.runs["verified"].any() or (groups == Group.BROKEN).any():
            return False
        covered = self.runs[groups != Group.COVERAGE]
        return bool(covered.groupby("method")["verified"].any().all())

    def times(
        self, target_bp: float = TARGET_BP, target: float = TARGET
    ) -> tuple["NDArray[np.float64]", Vector, list[str], list[str]]:
        """Verified seconds to target, limits, instances and methods.

        ``(instances, methods)`` with the median over seeds and repetitions; ``nan``
        where the target was not reached by most of them, or only when the time was up:
        after `LATE` times the limit and `LATE_S`. What a method does not cover is
        ``nan`` too, but its column says so in ``coverage``.
        """
        rows = self.runs[self.runs["start_mode"] == "cold"]
        if not len(rows):
            return np.zeros((0, 0)), np.zeros(0), [], []
        close = _close(rows, target_bp, target)
        close &= rows["wall_s"] <= LATE * rows["time_limit_s"] + LATE_S
        seconds = rows["wall_s"].where(rows["verified"] & close, np.inf)
        table = (
            rows.assign(seconds=seconds.astype(float))
            .pivot_table(index="instance", columns="method", values="seconds",
                         aggfunc="median", dropna=False)
        )  # fmt: skip
        limits = rows.groupby("instance")["time_limit_s"].max().reindex(table.index)
        found = table.to_numpy(dtype=float)
        return (
            np.where(np.isfinite(found), found, np.nan),
            limits.to_numpy(dtype=float),
            [str(name) for name in table.index],
            [str(name) for name in table.columns],
        )


def scored(tables: "Tables", known: Mapping[str, Known] | None = None) -> Scores:
    """Rows with what only the comparison of all of them shows.

    Adds ``group``, ``verified``, ``best_objective``, ``best_te_bp``, ``best_bound``,
    ``best_bound_te_bp``, ``regret_bp``, ``regret`` and ``gap_to_best_bound``, and sets
    the times to targets; ``known`` are best values of earlier runs by instance. An
    instance is one of a suite and of a content: see `standing.told_apart`.
    """
    runs = tables.runs.copy()
    runs["outcome"] = runs["outcome"].astype(str)
    reference = runs["instance"]
    runs["instance"] = told_apart(runs)
    stand(runs, reference, known or {})
    # A file of pytest-benchmark comes without events, and without their columns.
    told = tables.events.reindex(columns=[column.name for column in EVENTS])
    events = heard(runs, told)
    timed(runs, events)
    runs["group"] = [str(GROUP[Outcome(name)]) for name in runs["outcome"]]
    runs["verified"] = runs["group"] == Group.VERIFIED
    runs["regret_bp"] = regret_bp(runs)
    answered = runs["verified"] & runs["objective"].notna()
    for name, reached in (
        ("regret", "best_objective"),
        ("gap_to_best_bound", "best_bound"),
    ):
        whole = runs["best_objective"] if name == "regret" else runs["objective"]
        size = whole.abs().clip(lower=1e-10)
        runs[name] = ((runs["objective"] - runs[reached]) / size).where(answered)
    return Scores(
        runs=runs, events=events, periods=tables.periods, machines=tables.machines
    )


def _close(rows: "pd.DataFrame", target_bp: float, target: float) -> "pd.Series[bool]":
    """Whether a row is as good as the target asks, in bp where it has them.

    A verified row that nothing can be compared by is as good as any.
    """
    in_bp = rows["regret_bp"].notna()
    near = (rows["regret_bp"] <= target_bp) & in_bp
    measured = rows["regret"].notna()
    near |= ((rows["regret"] <= target) | ~measured) & ~in_bp
    return near | (rows["outcome"] == Outcome.INFEASIBLE_VERIFIED)
