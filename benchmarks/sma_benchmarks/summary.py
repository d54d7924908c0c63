"""One row per method: coverage, correctness, quality, time, trading, stability."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.outcome import Group
from sma_benchmarks.records import Column
from sma_benchmarks.statistics import (
    Estimate,
    Penalty,
    cluster_bootstrap,
    penalised,
    shifted_geometric_mean,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sma_benchmarks.scores import Scores

SUMMARY: Final = (
    Column("method", "text", "-", "solver[formulation=...]", key=True),
    Column("solver", "text", "-", "backend or peer, with its engine"),
    Column("licence", "text", "-", "licence class of the engine"),
    Column("exactness", "text", "-", "of the formulation"),
    Column("solves", "int", "count", "rows"),
    Column("coverage", "float", "-", "share of rows the method can state and is licensed for"),
    Column("verified", "float", "-", "share of covered rows with a verified answer"),
    Column("wrong", "int", "count", "rows that claimed what is not so"),
    Column("failed", "int", "count", "covered rows without an answer"),
    Column("reached", "float", "-", "share of all instances that any method covers, "
           "within the target of the best"),
    Column("regret_bp", "float", "bp", "mean objective above the best verified, as "
           "tracking error"),
    Column("regret_bp_low", "float", "bp", "lower end of its interval, families drawn"),
    Column("regret_bp_high", "float", "bp", "upper end"),
    Column("regret", "float", "-", "median objective above the best, relative"),
    Column("gap", "float", "-", "median certified gap, relative"),
    Column("te_bp", "float", "bp", "median tracking error"),
    Column("time_s", "float", "s", "shifted geometric mean to target, PAR2; wrong five times that"),
    Column("time_s_low", "float", "s", "lower end of its interval, families drawn"),
    Column("time_s_high", "float", "s", "upper end"),
    Column("wall_p50_s", "float", "s", "median of verified solves"),
    Column("wall_p95_s", "float", "s", "95th percentile of them"),
    Column("accounts_per_s", "float", "1/s", "median over books"),
    Column("turnover", "float", "-", "median one-way"),
    Column("tax_bp", "float", "bp", "median"),
    Column("transaction_cost_bp", "float", "bp", "median"),
    Column("peak_mb", "float", "MB", "largest"),
    Column("te_spread_bp", "float", "bp", "median range over seeds, stability"),
    Column("claim_mismatches", "int", "count", "objectives that are not as claimed"),
)  # fmt: skip


def summaries(scores: "Scores") -> "pd.DataFrame":
    """The table `SUMMARY`, best first.

    First come methods that were never wrong, then those that reached more of the
    instances that any method covers, then the faster: who refuses the harder half is
    not the fastest of all.
    """
    import pandas as pd

    times = _times(scores)
    rows = [
        {**_row(str(method), rows), **times.get(str(method), {})}
        for method, rows in scores.runs.groupby("method", sort=True)
    ]
    table = pd.DataFrame(rows, columns=[column.name for column in SUMMARY])
    order = table.assign(false=table["wrong"] > 0, missed=-table["reached"].fillna(0.0))
    keys = ["false", "missed", "time_s", "method"]
    return table.loc[order.sort_values(keys).index].reset_index(drop=True)


def _row(method: str, rows: "pd.DataFrame") -> dict[str, object]:
    covered = rows[rows["group"] != Group.COVERAGE]
    good = covered[covered["verified"]]
    regret = _regret(good)
    share = len(good) / len(covered) if len(covered) else float("nan")
    return {
        "method": method,
        "solver": _first(rows, "solver"),
        "licence": _first(rows, "licence"),
        "exactness": _first(rows, "exactness"),
        "solves": len(rows),
        "coverage": len(covered) / len(rows),
        "verified": share,
        "wrong": int((rows["group"] == Group.WRONG).sum()),
        "failed": int((rows["group"] == Group.FAILED).sum()),
        "regret_bp": regret.value,
        "regret_bp_low": regret.low,
        "regret_bp_high": regret.high,
        **{name: _median(good, name) for name in
           ("regret", "gap", "te_bp", "accounts_per_s", "turnover", "tax_bp",
            "transaction_cost_bp")},
        "wall_p50_s": _median(good, "wall_s"),
        "wall_p95_s": float(good["wall_s"].quantile(0.95)) if len(good) else np.nan,
        "peak_mb": float(rows["peak_mb"].max()),
        "te_spread_bp": _spread(good),
        "claim_mismatches": int(rows["claim_mismatch"].fillna(value=False).sum()),
    }  # fmt: skip


def _times(scores: "Scores") -> dict[str, dict[str, object]]:
    """Share reached and penalised mean time of every method, with its interval."""
    found, limits, instances, methods = scores.times()
    if not found.size:
        return {}
    family = scores.runs.groupby("instance")["family"].first()
    families = [str(family[name]) for name in instances]
    lies = wrong(scores, instances, methods)
    found = np.where(lies, np.nan, found)
    charged = penalised(found, limits, Penalty.PAR2, lies)
    uncovered = _uncovered(scores, instances, methods)
    asked = int((~uncovered).any(axis=1).sum())
    out: dict[str, dict[str, object]] = {}
    for j, method in enumerate(methods):
        mine = ~uncovered[:, j]
        if not mine.any():
            continue
        mean = cluster_bootstrap(
            charged[mine, j],
            [name for name, kept in zip(families, mine, strict=True) if kept],
            lambda values: shifted_geometric_mean(values, scores.shift_s),
            draws=500,
        )
        out[method] = {
            "reached": int(np.isfinite(found[:, j]).sum()) / asked,
            "time_s": mean.value, "time_s_low": mean.low, "time_s_high": mean.high,
        }  # fmt: skip
    return out


def _uncovered(
    scores: "Scores", instances: list[str], methods: list[str]
) -> "NDArray[np.bool_]":
    """Where a method has no row it could be blamed for ``(instances, methods)``."""
    return ~_any(scores.runs["group"] != Group.COVERAGE, scores, instances, methods)


def wrong(
    scores: "Scores", instances: Sequence[str], methods: Sequence[str]
) -> "NDArray[np.bool_]":
    """Where any answer of a method claimed what is not so ``(instances, methods)``."""
    return _any(scores.runs["group"] == Group.WRONG, scores, instances, methods)


def _any(
    chosen: "pd.Series[bool]",
    scores: "Scores",
    instances: Sequence[str],
    methods: Sequence[str],
) -> "NDArray[np.bool_]":
    rows = scores.runs[chosen]
    pairs = set(zip(rows["instance"], rows["method"], strict=True))
    found = [[(i, m) in pairs for m in methods] for i in instances]
    return np.asarray(found, dtype=np.bool_).reshape(len(instances), len(methods))


def _regret(good: "pd.DataFrame") -> Estimate:
    """Mean over instances; seeds and repetitions of one are one piece of evidence."""
    known = good[good["regret_bp"].notna()]
    if not len(known):
        return Estimate(value=float("nan"), low=float("nan"), high=float("nan"))
    each = known.groupby(["instance", "family"])["regret_bp"].median().reset_index()
    return cluster_bootstrap(
        each["regret_bp"].to_numpy(dtype=float),
        [str(name) for name in each["family"]],
        lambda values: float(np.mean(values)),
        draws=500,
    )


def _spread(good: "pd.DataFrame") -> float:
    """Median over instances of the range of tracking error over seeds."""
    cold = good[good["start_mode"] == "cold"]
    counted = cold.groupby("instance")["te_bp"].agg(["min", "max", "count"])
    several = counted[counted["count"] > 1]
    return float((several["max"] - several["min"]).median()) if len(several) else np.nan


def _median(rows: "pd.DataFrame", name: str) -> float:
    known = rows[name].dropna()
    return float(known.median()) if len(known) else float("nan")


def _first(rows: "pd.DataFrame", name: str) -> str:
    known = rows[name].dropna()
    return str(known.iloc[0]) if len(known) else ""
