"""``sma bench verify``: the facts again, and the best known values moved forwards."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sma_benchmarks.command_compare import Results
from sma_benchmarks.command_options import BestKnown, Data
from sma_benchmarks.extras import need
from sma_research.cli.options import Json, Places, write_json
from sma_research.errors import DataError

if TYPE_CHECKING:
    from sma_benchmarks.verifying import Verification

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
    from sma_benchmarks.verifying import verify as verified

    if rejudge and check:
        raise DataError("--rejudge writes and --check does not, expected one of them")
    Places(out=None, json_file=json_file).prepare()
    if rejudge:
        need("psutil")
    place = _place(results, known)
    if rejudge:
        _rejudged(results, data)
    found = verified(results, best_known.read(place) if place else {}, data)
    wrong = bool(found.differing or found.update.conflicts)
    writes = place is not None and not (check or wrong)
    _say(found, writes=writes)
    content = _content(found, place if writes else None)
    write_json(json_file, "sma.bench.verify/1", content)
    if wrong:
        raise typer.Exit(WRONG)
    if place is None:
        typer.echo(
            "nothing written: the suite does not come with this package; name a file "
            "with --best-known"
        )
    elif writes:
        best_known.write(place, found.update.known)
        typer.echo(f"written: {place}")


def _content(found: "Verification", written: Path | None) -> dict[str, object]:
    return {
        "judged": found.judged,
        "differing": list(found.differing),
        "conflicts": list(found.update.conflicts),
        "moved": list(found.update.moved),
        "written": str(written) if written else None,
    }


def _say(found: "Verification", *, writes: bool) -> None:
    for line in (*found.differing, *found.update.conflicts, *found.update.moved):
        typer.echo(line)
    typer.echo(
        f"{found.judged} answers judged again: {len(found.differing)} differ, "
        f"{len(found.update.conflicts)} bounds above a portfolio, "
        f"{len(found.update.moved)} values {'moved' if writes else 'would move'}"
    )


def _place(results: Path, known: Path | None) -> Path | None:
    """Where best known values are kept; nowhere for a private suite, unless said."""
    from sma_benchmarks.results import load
    from sma_benchmarks.verifying import best_known_file, shipped
    from sma_research.io.write import prepare_file

    runs = load(results)
    if known is not None:
        prepare_file(known)
        return known
    suite = str(runs["suite"].iloc[0]) if len(runs) else ""
    return best_known_file(suite) if shipped(suite, runs["instance"]) else None


def _rejudged(results: Path, data: Path | None) -> None:
    """Rows written anew, and what changed, one line each."""
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
