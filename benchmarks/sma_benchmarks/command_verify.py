"""``sma bench verify`` and ``sma bench export``: facts again, and tables elsewhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sma_benchmarks.command_compare import Results
from sma_benchmarks.command_options import Data
from sma_research.cli.options import Json, write_json

WRONG = 1


class Format(StrEnum):
    """A format of exported tables."""

    CSV = "csv"
    PARQUET = "parquet"


def verify(
    results: Results,
    known: Annotated[
        Path | None,
        typer.Option(
            "--best-known",
            help="File of best known values; the checkout's for the suite if left out.",
            metavar="FILE",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Judge only; write nothing.")
    ] = False,
    data: Data = None,
    json_file: Json = None,
) -> None:
    """Judge stored answers again; move best known values forwards."""
    from sma_benchmarks import best_known
    from sma_benchmarks.results import load
    from sma_benchmarks.verifying import verify as verified

    place = known or _place(str(load(results)["suite"].iloc[0]))
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


def export(
    results: Results,
    out: Annotated[Path, typer.Option("--out", help="Folder to write.", metavar="DIR")],
    form: Annotated[
        Format, typer.Option("--format", help="Of the tables.")
    ] = Format.CSV,
) -> None:
    """Write every table of a run as one file."""
    from dataclasses import fields

    from sma_benchmarks.store import read

    tables = read(results)
    out.mkdir(parents=True, exist_ok=True)
    for table in fields(tables):
        frame = getattr(tables, table.name)
        path = out / f"{table.name}.{form}"
        if form is Format.CSV:
            frame.to_csv(path, index=False)
        else:
            frame.to_parquet(path, index=False)
        typer.echo(f"written: {path}")


def _place(suite: str) -> Path:
    """File of best known values of a suite, beside the suites."""
    from sma_benchmarks.suite import suites

    folder = next(iter(suites().values())).parent.parent / "best_known"
    return folder / f"{suite}.json"
