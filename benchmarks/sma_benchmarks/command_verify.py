"""``sma bench verify``: the facts again, and the best known values moved forwards."""

from typing import Annotated

import typer

from sma_benchmarks.command_compare import Results
from sma_benchmarks.command_options import BestKnown, Data
from sma_research.cli.options import Json, write_json

WRONG = 1


Check = Annotated[bool, typer.Option("--check", help="Judge only; write nothing.")]


def verify(
    results: Results,
    known: BestKnown = None,
    check: Check = False,
    data: Data = None,
    json_file: Json = None,
) -> None:
    """Judge stored answers again; move best known values forwards."""
    from sma_benchmarks import best_known
    from sma_benchmarks.results import load
    from sma_benchmarks.verifying import best_known_file
    from sma_benchmarks.verifying import verify as verified

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
