"""From the options of ``sma bench run`` to the solves to be done, and their time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import typer

from sma_research.cli.options import write_json
from sma_research.errors import DataError, SettingError, SmaError

if TYPE_CHECKING:
    from sma_benchmarks.estimate import Estimate
    from sma_benchmarks.outcome import Outcome
    from sma_benchmarks.runner import Plan
    from sma_benchmarks.suite import Suite
    from sma_benchmarks.task import Task


OPTIONS: Final = MappingProxyType({
    "budget.time_limit_s": "--time-limit", "seeds": "--seeds", "repeats": "--repeats",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What differs from the suite as it is written."""

    time_limit: float | None
    seeds: str | None
    repeats: int | None


def changed_suite(name: str, changes: Changes) -> "Suite":
    """The suite with its changes; changed budgets and seeds change its hash."""
    from sma_benchmarks.suite import load_suite, suite_of

    suite = load_suite(name)
    content = suite.model_dump()
    if changes.time_limit is not None:
        content["budget"]["time_limit_s"] = changes.time_limit
    if changes.seeds is not None:
        content["seeds"] = _numbers(changes.seeds)
    if changes.repeats is not None:
        content["repeats"] = changes.repeats
    return suite_of(content, name, OPTIONS)


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise DataError(
            f"--seeds is {text!r}, expected whole numbers like 0,1,2"
        ) from error


def tasks_of(
    name: str,
    suite: "Suite",
    methods: Sequence[str],
    data: Path | None,
    limit: int | None,
) -> "list[Task]":
    """Tasks of the instances and methods asked for, under the whole suite's hash.

    Raises
    ------
    BackendNotFound
        A solver that nobody here knows.
    DataError
        No such folder of data, or an instance that cannot be made.
    SettingError
        A method that is asked for twice, or cannot be read.
    """
    from sma_benchmarks.methods import parse
    from sma_benchmarks.solver_names import check_solver

    if data is not None and not data.is_dir():
        raise DataError(f"--data is {data}, expected a folder")
    chosen = suite.model_copy(update={"instances": suite.instances[:limit]})
    asked = [parse(text) for text in methods] or None
    if asked and len({str(method) for method in asked}) < len(asked):
        raise SettingError("a method is asked for twice, expected each once")
    for method in asked or ():
        check_solver(method)
    try:
        for method in () if asked else map(parse, chosen.methods):
            check_solver(method)
        tasks = list(chosen.tasks(data, asked))
    except SmaError as error:  # the file's mistake, and not that of an option
        raise DataError(f"{name}: {error}") from error
    return [replace(task, suite_hash=suite.hash) for task in tasks]


def outcomes_of(texts: Sequence[str]) -> "tuple[Outcome, ...]":
    from sma_benchmarks.outcome import Outcome

    names = [name for text in texts for name in text.split(",")]
    known = [str(outcome) for outcome in Outcome]
    for name in names:
        if name not in known:
            raise DataError(
                f"--retry names {name!r}, expected one of {', '.join(known)}"
            )
    return tuple(Outcome(name) for name in names)


def outlook(plan: "Plan") -> "tuple[list[Task], Estimate]":
    """What is still to be done, and how long such solves took before."""
    from sma_benchmarks.estimate import OVERHEAD_S, Estimate
    from sma_benchmarks.state import FILE, Ledger

    if not (plan.folder / FILE).exists():
        return list(plan.tasks), Estimate()
    with Ledger(plan.folder) as ledger:
        seen = list(ledger.times())
        again = {task.row_id for task, _, outcome in seen if outcome in plan.retry}
        waiting = {task.row_id for _, task in ledger.pending(plan.tasks)}
    estimate = Estimate((t, wall + OVERHEAD_S) for t, wall, _ in seen if wall)
    left = [t for t in plan.tasks if t.row_id in waiting | again]
    return left, estimate


def announce(plan: "Plan", json_file: Path | None) -> None:
    """What would run: by method, and the time it may and the time it likely takes."""
    from sma_benchmarks.estimate import duration, most

    pending, estimate = outlook(plan)
    counts = Counter(task.method for task in pending)
    instances = len({task.instance for task in pending})
    known = sum(estimate.known(task) for task in pending)
    upper, likely = most(pending, plan.jobs), estimate.total(pending, plan.jobs)
    typer.echo(
        f"{plan.suite} {plan.suite_hash[:12]}: {len(pending)} of {len(plan.tasks)} solves "
        f"to do, {instances} instances, {len(counts)} methods"
    )
    for method, count in sorted(counts.items()):
        typer.echo(f"  {count:5d}  {method}")
    typer.echo(f"at most {duration(upper)}, every solve to its limit and grace")
    if known:
        typer.echo(
            f"likely {duration(likely)}, {known} solves by rows in {plan.folder}"
        )
    content = {
        "suite": plan.suite, "suite_hash": plan.suite_hash, "asked": len(plan.tasks),
        "to_do": len(pending), "methods": dict(sorted(counts.items())),
        "at_most_s": upper, "likely_s": likely if known else None,
        "solves": [
            {"row_id": t.row_id, "instance": t.instance, "method": t.method,
             "start_mode": t.start_mode, "seed": t.seed, "repeat": t.repeat}
            for t in pending
        ],
    }  # fmt: skip
    write_json(json_file, "sma.bench.plan/1", content)
