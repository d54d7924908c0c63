r"""Rows of a run as figures that can be compared: one row per solve, one per method.

Across the rows of an instance

- the best verified objective and the best certified bound are found, published and
  earlier ones included;
- **regret** is what a method gave away: tracking error above the best verified one in bp,
  and objective above the best relative to its size;
- a claimed bound above a verified portfolio of anybody becomes ``wrong_bound``; an own
  certificate above one is a mistake of the harness.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.best_known import Known
from sma_benchmarks.outcome import GROUP, Group, Outcome
from sma_benchmarks.statistics import suite_shift
from sma_benchmarks.summary import summaries
from sma_research.arrays import Vector

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sma_benchmarks.store import Tables

ROOM: Final = 1e-6  # relative, by which a bound may pass a portfolio
TARGET_BP: Final = 1.0  # regret within which an account counts as reached
TARGET: Final = 1e-3  # the same for programs, relative objective


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
        """Whether no harness error stands and every method has a verified row."""
        groups = self.runs["group"]
        if not len(self.runs) or (groups == Group.BROKEN).any():
            return False
        covered = self.runs[groups != Group.COVERAGE]
        return bool(covered.groupby("method")["verified"].any().all())

    def times(
        self, target_bp: float = TARGET_BP, target: float = TARGET
    ) -> tuple["NDArray[np.float64]", Vector, list[str], list[str]]:
        """Verified seconds to target, limits, instances and methods.

        ``(instances, methods)`` with the median over seeds and repetitions; ``nan``
        where the target was not reached by most of them. What a method does not cover
        is ``nan`` too, but its column says so in ``coverage``.
        """
        rows = self.runs[self.runs["start_mode"] == "cold"]
        if not len(rows):
            return np.zeros((0, 0)), np.zeros(0), [], []
        close = _close(rows, target_bp, target)
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
    ``regret_bp``, ``regret`` and ``gap_to_best_bound``; ``known`` are best values of
    earlier runs by instance.
    """
    runs = tables.runs.copy()
    runs["outcome"] = runs["outcome"].astype(str)
    _best(runs, known or {})
    _crosschecked(runs)
    runs["group"] = [str(GROUP[Outcome(name)]) for name in runs["outcome"]]
    runs["verified"] = runs["group"] == Group.VERIFIED
    better = runs["verified"] & runs["te_bp"].notna() & runs["best_te_bp"].notna()
    runs["regret_bp"] = (runs["te_bp"] - runs["best_te_bp"]).where(better)
    size = runs["best_objective"].abs().clip(lower=1e-10)
    answered = runs["verified"] & runs["objective"].notna()
    runs["regret"] = ((runs["objective"] - runs["best_objective"]) / size).where(
        answered
    )
    own = runs["objective"].abs().clip(lower=1e-10)
    runs["gap_to_best_bound"] = ((runs["objective"] - runs["best_bound"]) / own).where(
        answered
    )
    return Scores(
        runs=runs, events=tables.events, periods=tables.periods,
        machines=tables.machines,
    )  # fmt: skip


def _best(runs: "pd.DataFrame", known: Mapping[str, Known]) -> None:
    """Best verified objective, its tracking error, and best certified bound."""
    groups = {Outcome(name): GROUP[Outcome(name)] for name in runs["outcome"]}
    good = runs["outcome"].map(lambda name: groups[Outcome(name)] is Group.VERIFIED)
    good = good.astype(bool)
    value = runs["objective"].where(good)
    by = runs["instance"]
    runs["best_objective"] = value.groupby(by).transform("min")
    # A path has no objective: there the closest tracking is the best.
    alone = runs["best_objective"].isna() & good
    at_best = runs["te_bp"].where((value <= runs["best_objective"]) | alone)
    runs["best_te_bp"] = at_best.groupby(by).transform("min")
    # Another trade-off of risk and cost may track closer than the best objective does.
    runs["best_bound"] = runs["bound"].groupby(by).transform("max")
    for name, entry in known.items():
        mine = (by == name) & (runs["instance_hash"] == entry.instance_hash)
        if entry.incumbent is not None:
            old = runs["best_objective"]
            worse = mine & ~(old <= entry.incumbent.value)
            runs.loc[worse, "best_objective"] = entry.incumbent.value
            if entry.incumbent.te_bp is not None:
                runs.loc[worse, "best_te_bp"] = entry.incumbent.te_bp
        if entry.bound is not None:
            lower = mine & ~(runs["best_bound"] >= entry.bound.value)
            runs.loc[lower, "best_bound"] = entry.bound.value


def _crosschecked(runs: "pd.DataFrame") -> None:
    """Claims against what anybody's verified portfolio shows."""
    room = ROOM * runs["best_objective"].abs().clip(lower=1e-10)
    limit = runs["best_objective"] + room
    proves = runs["exactness"].isin(["exact", "relaxation"])
    lies = proves & (runs["bound_claimed"] > limit)
    runs.loc[lies, "outcome"] = str(Outcome.WRONG_BOUND)
    broken = runs["bound"] > limit
    runs.loc[broken, "outcome"] = str(Outcome.HARNESS_ERROR)
    note = "a verified portfolio stands below this bound"
    runs.loc[lies | broken, "message"] = note


def _close(rows: "pd.DataFrame", target_bp: float, target: float) -> "pd.Series[bool]":
    """Whether a row is as good as the target asks, in bp where it has them.

    A verified row that nothing can be compared by is as good as any.
    """
    in_bp = rows["regret_bp"].notna()
    near = (rows["regret_bp"] <= target_bp) & in_bp
    measured = rows["regret"].notna()
    near |= ((rows["regret"] <= target) | ~measured) & ~in_bp
    return near | (rows["outcome"] == Outcome.INFEASIBLE_VERIFIED)
