"""``sma bench run``: measure, with every row kept as it is made."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from sma_benchmarks.command_options import (
    Data,
    DryRun,
    Folder,
    Jobs,
    LimitInstances,
    Methods,
    Repeats,
    Resume,
    Retry,
    Seeds,
    SuiteName,
    TimeLimit,
)
from sma_benchmarks.command_plan import (
    Changes,
    announce,
    changed_suite,
    outcomes_of,
    outlook,
    tasks_of,
)
from sma_benchmarks.extras import need
from sma_research.cli.options import Json, Places, write_json

if TYPE_CHECKING:
    from sma_benchmarks.runner import Plan, Summary

WRONG: Final = 1
HARNESS: Final = 4
STOPPED: Final = 130


def run_suite(
    name: SuiteName,
    out: Folder,
    methods: Methods = None,
    data: Data = None,
    limit_instances: LimitInstances = None,
    time_limit: TimeLimit = None,
    seeds: Seeds = None,
    repeats: Repeats = None,
    jobs: Jobs = 1,
    resume: Resume = False,
    retry: Retry = None,
    dry_run: DryRun = False,
    json_file: Json = None,
) -> None:
    """Run a suite: every solve in a process of its own, every row kept as it ends."""
    need("psutil")
    from sma_benchmarks.runner import Plan
    from sma_benchmarks.schedule import interleaved

    Places(out=None, json_file=json_file).prepare()
    changes = Changes(time_limit=time_limit, seeds=seeds, repeats=repeats)
    suite = changed_suite(name, changes)
    tasks = tasks_of(name, suite, methods or [], data, limit_instances)
    plan = Plan(
        suite=suite.name,
        suite_hash=suite.hash,
        tasks=interleaved(tasks),
        data=data,
        folder=out,
        jobs=jobs,
        resume=resume or bool(retry),
        retry=outcomes_of(retry or []),
    )
    if dry_run:
        announce(plan, json_file)
    else:
        _conclude(plan, _run(plan, name), json_file)


def _run(plan: "Plan", name: str) -> "Summary":
    from rich.console import Console

    from sma_benchmarks.progress import Watcher
    from sma_benchmarks.runner import run

    pending, estimate = outlook(plan)
    screen = Console(stderr=True, highlight=False)
    # A polite kill ends like Ctrl-C: rows kept, children gone.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
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
    finally:
        signal.signal(signal.SIGTERM, before)


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
