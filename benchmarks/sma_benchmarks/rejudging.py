"""Judging a run again with the present referee: new verdicts, the same measurements.

Claims, vectors and times stay what they were; only what the referee says of them is
written anew, so that a new metric needs no new run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from sma_benchmarks import store
from sma_benchmarks.attempt import Ended
from sma_benchmarks.folder import locked
from sma_benchmarks.instances import catalog
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.judging.verdict import Verdict
from sma_benchmarks.records import KEY, VERSION, Value, checked
from sma_benchmarks.referee import judge
from sma_benchmarks.rows import Circumstances
from sma_benchmarks.state import FILE, Finished, Ledger
from sma_benchmarks.task import Budget, Task
from sma_benchmarks.verifying import differences, stored_answer
from sma_research.errors import DataError

MEASURED: Final = frozenset({
    *KEY, *(f.name for kind in (Task, Budget, Circumstances) for f in fields(kind)),
    "row_id", "kind", "n_assets", "n_factors", "n_lots", "k_names", "solver",
    "formulation", "settings", "stop_reason", "wall_s", "cpu_s", "peak_mb",
    "answer_blob", "log_blob",
}) - {"budget"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rejudged:
    """What judging a run again came to."""

    judged: int
    changed: tuple[str, ...]  # figures and outcomes that are others now
    left: tuple[str, ...]  # rows that could not be judged, and stay


def rejudge(folder: Path, data: Path | None) -> Rejudged:
    """Judge every stored answer of a run again and write its rows anew.

    Raises
    ------
    DataError
        No run with a ledger there, one under way, or real data that is absent.
    """
    if not (folder / FILE).exists():
        raise DataError(f"{folder} holds no run with its ledger {FILE}, expected one")
    changed: list[str] = []
    left: list[str] = []
    judged = 0
    with locked(folder), Ledger(folder) as ledger:
        tasks = {task.row_id: task for task, _, _ in ledger.times()}
        held = [f for f in ledger.finished(0, ledger.places()) if f.row["answer_blob"]]
        held.sort(key=_instance)
        for reference, rows in groupby(held, key=_instance):
            instance, fresh = catalog.load(reference, data), []
            for one in rows:
                task = tasks[str(one.row["row_id"])]
                try:
                    now = _again(folder, instance, task, one.row)
                except DataError as error:
                    left.append(f"{task.method} on {reference}: stays: {error}")
                    continue
                changed += differences(one.row, now.row)
                fresh.append(now)
            ledger.rejudge(fresh)
            judged += len(fresh)
        for place in range(0, ledger.places(), store.SEGMENT):
            store.write_place(folder, ledger, place)
    return Rejudged(judged=judged, changed=tuple(changed), left=tuple(left))


def _instance(finished: Finished) -> str:
    return str(finished.row["instance"])


def _again(
    folder: Path, instance: Instance, task: Task, row: Mapping[str, Any]
) -> Finished:
    """A row with the present verdict on its stored answer."""
    if instance.hash != row["instance_hash"]:
        raise DataError("it is another problem than when it was solved; run it again")
    answer = stored_answer(folder, str(row["answer_blob"]))
    verdict = judge(instance, task, Ended(answer=answer, wall_s=row["wall_s"] or 0.0))
    return Finished(
        row=checked("runs", _row(row, verdict)),
        events=[checked("events", event) for event in verdict.events],
        periods=[checked("periods", period) for period in verdict.periods],
    )


def _row(row: Mapping[str, Any], verdict: Verdict) -> dict[str, Value]:
    return {
        **{name: value for name, value in row.items() if name in MEASURED},
        **{name: value for name, value in verdict.columns.items() if value is not None},
        "schema_version": VERSION,
        "outcome": str(verdict.outcome),
        "message": verdict.message,
    }
