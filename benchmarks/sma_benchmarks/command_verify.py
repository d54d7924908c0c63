"""``sma bench verify``: the facts again, and the best known values moved forwards."""

from pathlib import Path
from typing import Annotated

import typer

from sma_benchmarks.command_compare import Results
from sma_benchmarks.command_options import BestKnown, Data
from sma_benchmarks.extras import need
from sma_research.cli.options import Json, write_json
from sma_research.errors import DataError

WRONG = 1


Check = Annotated[bool, typer.Option("--check", help="Judge only; write nothing.")]
Rejudge = Annotated[
    bool,
    typer.Option(
        "--rejudge",
        help="Write the run's rows anew with the present referee's verdicts; claims and "
        "times stay.",
    ),
]


def verify(
    results: Results,
    known: BestKnown = None,
    check: Check = False,
    data: Data = None,
    rejudge: Rejudge = False,
    json_file: Json = None,
) -> None:
    """Judge stored answers again; move best known values forwards."""
    from sma_benchmarks import best_known
    from sma_benchmarks.results import load
    from sma_benchmarks.verifying import best_known_file
    from sma_benchmarks.verifying import verify as verified

    if rejudge and check:
        raise DataError("--rejudge writes and --check does not, expected one of them")
    if rejudge:
        _rejudged(results, data)
    place = known or best_known_file(str(load(results)["suite"].iloc[0]))
    found = verified(results, place, data)
    for line in (*found.differing, *found.update.conflicts, *found.update.moved):
        typer.echo(line)
    typer.echo(
        f"{found.judged} answers judged again: {len(found.differing)} differ, "
        f"{len(found.update.conflicts)} bounds above a portfolio, "
        f"{len(found.update.moved)} values moved"
    )
    content = {
        "judged": found.judged,
        "differing": list(found.differing),
        "conflicts": list(found.update.conflicts),
        "moved": list(found.update.moved),
    }
    write_json(json_file, "sma.bench.verify/1", content)
    if found.differing or found.update.conflicts:
        raise typer.Exit(WRONG)
    if not check:
        best_known.write(place, found.update.known)
        typer.echo(f"written: {place}")


def _rejudged(results: Path, data: Path | None) -> None:
    """Rows written anew, and what changed, one line each."""
    need("psutil")
    from sma_benchmarks.rejudging import rejudge

    found = rejudge(results, data)
    for line in (*found.changed, *found.left):
        typer.echo(line)
    typer.echo(
        f"{found.judged} rows written anew, {len(found.changed)} figures are others, "
        f"{len(found.left)} rows stay"
    )
    if found.left:
        raise typer.Exit(WRONG)
