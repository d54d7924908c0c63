"""``sma bench run``: measure, with every row kept as it is made."""

import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sma_research.cli.options import Json, write_json
from sma_research.errors import DataError, SettingError

if TYPE_CHECKING:
    from sma_benchmarks.estimate import Estimate
    from sma_benchmarks.outcome import Outcome
    from sma_benchmarks.runner import Plan, Summary
    from sma_benchmarks.suite import Suite
    from sma_benchmarks.task import Task

WRONG, HARNESS, STOPPED = 1, 4, 130
DATA: Final = "SMA_DATA"  # environment variable, unless --data is given

Retry = Annotated[
    list[str] | None,
    typer.Option("--retry", help="Run rows of this outcome again; may be repeated.",
                 metavar="OUTCOME"),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What differs from the suite as it is written."""

    time_limit: float | None
    seeds: str | None
    repeats: int | None


def run_suite(
    name: Annotated[str, typer.Argument(
        metavar="SUITE", help="A suite of `sma bench list`, or a TOML file.")],
    out: Annotated[Path, typer.Option(
        "--out", help="Folder of the run.", metavar="DIR")],
    methods: Annotated[list[str] | None, typer.Option(
        "--method", "-s", metavar="METHOD",
        help="solver[formulation=...,setting=...]; may be repeated.")] = None,
    data: Annotated[Path | None, typer.Option(
        "--data", envvar=DATA, help="Folder of real data.", metavar="DIR")] = None,
    limit_instances: Annotated[int | None, typer.Option(
        "--limit-instances", min=1, help="Only the first N.", metavar="N")] = None,
    time_limit: Annotated[float | None, typer.Option(
        "--time-limit", help="Seconds for each solve.", metavar="S")] = None,
    seeds: Annotated[str | None, typer.Option(
        "--seeds", help="Such as 0,1,2.", metavar="LIST")] = None,
    repeats: Annotated[int | None, typer.Option(
        "--repeats", help="Times that each solve is done.", metavar="N")] = None,
    jobs: Annotated[int, typer.Option(
        "--jobs", min=1, help="Solves at a time; more than one disturbs times.",
        metavar="N")] = 1,
    resume: Annotated[bool, typer.Option(
        "--resume", help="Continue the run in the folder.")] = False,
    retry: Retry = None,
    dry_run: Annotated[bool, typer.Option(
        "--dry-run", help="Say what would run, and for how long.")] = False,
    json_file: Json = None,
) -> None:  # fmt: skip
    """Run a suite: every solve in a process of its own, every row kept as it ends."""
    from sma_benchmarks.runner import Plan
    from sma_benchmarks.schedule import interleaved

    changes = Changes(time_limit=time_limit, seeds=seeds, repeats=repeats)
    suite = _suite(name, changes)
    tasks = _tasks(suite, methods or [], data, limit_instances)
    plan = Plan(
        suite=suite.name,
        suite_hash=suite.hash,
        tasks=interleaved(tasks),
        data=data,
        folder=out,
        jobs=jobs,
        resume=resume or bool(retry),
        retry=_outcomes(retry or []),
    )
    if dry_run:
        _announce(plan, json_file)
        return
    summary = _run(plan, name)
    _conclude(plan, summary, json_file)


def _suite(name: str, changes: Changes) -> "Suite":
    """The suite with its changes; changed budgets and seeds change its hash."""
    from sma_benchmarks.suite import Suite, load_suite

    suite = load_suite(name)
    content = suite.model_dump()
    if changes.time_limit is not None:
        content["budget"]["time_limit_s"] = changes.time_limit
    if changes.seeds is not None:
        content["seeds"] = _numbers(changes.seeds)
    if changes.repeats is not None:
        content["repeats"] = changes.repeats
    try:
        return Suite.model_validate(content)
    except ValueError as error:
        said = " ".join(str(error).splitlines()[1:3])
        raise DataError(f"suite {suite.name}: {said}") from error


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise DataError(
            f"--seeds is {text!r}, expected whole numbers like 0,1,2"
        ) from error


def _tasks(
    suite: "Suite", methods: Sequence[str], data: Path | None, limit: int | None
) -> "list[Task]":
    """Tasks of the instances and methods asked for, under the whole suite's hash."""
    from sma_benchmarks.methods import parse

    if data is not None and not data.is_dir():
        raise DataError(f"--data is {data}, expected a folder")
    chosen = suite.model_copy(update={"instances": suite.instances[:limit]})
    asked = [parse(text) for text in methods] or None
    if asked and len({str(method) for method in asked}) < len(asked):
        raise SettingError("a method is asked for twice, expected each once")
    tasks = chosen.tasks(data, asked)
    return [replace(task, suite_hash=suite.hash) for task in tasks]


def _outcomes(texts: Sequence[str]) -> "tuple[Outcome, ...]":
    from sma_benchmarks.outcome import Outcome

    names = [name for text in texts for name in text.split(",")]
    known = [str(outcome) for outcome in Outcome]
    for name in names:
        if name not in known:
            raise DataError(
                f"--retry names {name!r}, expected one of {', '.join(known)}"
            )
    return tuple(Outcome(name) for name in names)


def _run(plan: "Plan", name: str) -> "Summary":
    from rich.console import Console

    from sma_benchmarks.progress import Watcher
    from sma_benchmarks.runner import run

    pending, estimate = _outlook(plan)
    screen = Console(stderr=True, highlight=False)
    # A polite kill ends like Ctrl-C: rows kept, children gone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Watcher(pending, estimate, plan.jobs, screen) as watcher:
            return run(plan, watcher.show)
    except KeyboardInterrupt as stop:
        typer.echo(
            f"every finished row is kept in {plan.folder}; continue with `sma bench run "
            f"{name} --out {plan.folder} --resume`",
            err=True,
        )
        raise typer.Exit(STOPPED) from stop


def _outlook(plan: "Plan") -> "tuple[list[Task], Estimate]":
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


def _announce(plan: "Plan", json_file: Path | None) -> None:
    """What would run: by method, and the time it may and the time it likely takes."""
    from sma_benchmarks.estimate import duration, most

    pending, estimate = _outlook(plan)
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


def _conclude(plan: "Plan", summary: "Summary", json_file: Path | None) -> None:
    """Count the outcomes and exit with what they mean."""
    from sma_benchmarks.outcome import GROUP, SEVERITY, Group

    for name in summary.mended:
        typer.echo(f"{name} differed from the ledger and was written again", err=True)
    counts = sorted(summary.outcomes.items(), key=lambda item: SEVERITY[item[0]])
    typer.echo(f"{summary.solved} solves; rows of this suite in {plan.folder}:")
    for outcome, count in counts:
        typer.echo(f"  {count:5d}  {outcome}")
    content = {
        "suite": plan.suite, "suite_hash": plan.suite_hash, "solved": summary.solved,
        "outcomes": {str(outcome): count for outcome, count in counts},
    }  # fmt: skip
    write_json(json_file, "sma.bench.run/1", content)
    groups = {GROUP[outcome] for outcome in summary.outcomes}
    if Group.BROKEN in groups:
        typer.echo("the harness failed: nothing of this may be published", err=True)
        raise typer.Exit(HARNESS)
    if Group.WRONG in groups:
        raise typer.Exit(WRONG)
