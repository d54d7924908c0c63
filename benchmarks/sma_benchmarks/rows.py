"""A finished solve as a row: the task, the referee's verdict, and the circumstances."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from sma_benchmarks.answer import store
from sma_benchmarks.attempt import Ended
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.judging.verdict import Verdict
from sma_benchmarks.methods import parse
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import LONGEST, VERSION, Value, checked
from sma_benchmarks.state import Finished
from sma_benchmarks.store import BLOBS, LOGS
from sma_benchmarks.task import Task

STOP_REASONS: Final = {
    Outcome.HARD_KILL: "time", Outcome.OOM: "memory", Outcome.CRASH: "signal",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What else is known of a solve: where, when, and of which code."""

    order_index: int
    check_s: float
    canary_ratio: float
    load_average: float | None
    machine_id: str
    git_commit: str | None
    git_dirty: bool | None
    finished_utc: str
    licence: str | None = field(default=None)


def finished(
    folder: Path,
    task: Task,
    ended: Ended,
    verdict: Verdict,
    instance: Instance | None,
    circumstances: Circumstances,
) -> Finished:
    """The row, its vectors and log put away by their hashes.

    Raises
    ------
    DataError
        A value that its column does not hold.
    """
    known = asdict(circumstances)
    licence = verdict.columns.get("licence") or known.pop("licence")
    row: dict[str, Value] = {
        **_settled(task),
        **_sizes(instance),
        **{name: value for name, value in verdict.columns.items() if value is not None},
        **_measured(ended),
        **known,
        "schema_version": VERSION,
        "row_id": task.row_id,
        "licence": licence,
        "outcome": str(verdict.outcome),
        "message": verdict.message[:LONGEST],
        "stop_reason": _stop_reason(ended, task),
        "answer_blob": _kept(folder / BLOBS, ended.content, ".npz"),
        "log_blob": _kept(folder / LOGS, ended.log, ".log"),
    }
    return Finished(
        row=checked("runs", row),
        events=[checked("events", event) for event in verdict.events],
        periods=[checked("periods", period) for period in verdict.periods],
    )


def _settled(task: Task) -> Mapping[str, Value]:
    """What is settled before the solve."""
    method = parse(task.method)
    settings = asdict(method.settings_for(task.budget, task.seed))
    return {
        **task.columns,
        "solver": method.solver,
        "formulation": method.formulation,
        "settings": json.dumps(settings, sort_keys=True),
    }


def _sizes(instance: Instance | None) -> Mapping[str, Value]:
    if instance is None:
        return {}
    return {
        "kind": str(instance.kind),
        "n_assets": instance.n_assets,
        "n_factors": instance.n_factors,
        "n_lots": instance.n_lots,
        "k_names": instance.k_names,
    }


def _measured(ended: Ended) -> Mapping[str, Value]:
    """Null where the solve never began."""
    began = ended.wall_s > 0
    return {
        "wall_s": ended.wall_s if began else None,
        "cpu_s": ended.cpu_s if began else None,
        "peak_mb": ended.peak_mb or None,
    }


def _stop_reason(ended: Ended, task: Task) -> str:
    if ended.outcome_hint is not None:
        return STOP_REASONS.get(ended.outcome_hint, "error")
    return "time" if ended.wall_s >= task.budget.time_limit_s else "answered"


def _kept(folder: Path, content: bytes, suffix: str) -> str | None:
    return store(folder, content, suffix) if content else None
