"""``sma bench compare`` and ``sma bench gate``: what got worse, and may it pass."""

from pathlib import Path
from typing import Annotated, Final

import typer

from sma_benchmarks.command_options import BestKnown
from sma_research.cli.options import Json, Places, write_json
from sma_research.errors import SettingError

NO_BASELINE: Final = 5
Results = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="Folder of a run, or pytest-benchmark's JSON."),
]
Baseline = Annotated[
    Path | None, typer.Option("--baseline", help="Rows to be held to.", metavar="FILE")
]
WriteBaseline = Annotated[
    Path | None,
    typer.Option("--write-baseline", help="Accept these rows instead.", metavar="FILE"),
]
Reason = Annotated[
    str, typer.Option("--reason", help="Why they are accepted.", metavar="WHY")
]


def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="Results before.")],
    head: Annotated[Path, typer.Argument(metavar="HEAD", help="Results now.")],
    json_file: Json = None,
) -> None:
    """Compare two sets of rows pair by pair; exit 0, 1 (worse), 3 (unclear), 4 (broken)."""
    from sma_benchmarks import compare as comparison
    from sma_benchmarks.describing import described
    from sma_benchmarks.gate import DECIDED
    from sma_benchmarks.platforms import placed
    from sma_benchmarks.results import load_tables
    from sma_benchmarks.scores import scored

    Places(out=None, json_file=json_file).prepare()
    sides = (scored(load_tables(path)) for path in (base, head))
    before, after = (placed(side.runs, side.machines) for side in sides)
    found = comparison.compare(before, after)
    reasons = described(found)
    for line in reasons:
        typer.echo(line)
    typer.echo(f"{found.pairs} pairs: {found.decision}")
    content = {
        "pairs": found.pairs, "decision": str(found.decision), "reasons": list(reasons),
    }  # fmt: skip
    write_json(json_file, "sma.bench.compare/1", content)
    raise typer.Exit(DECIDED[found.decision])


def gate(
    results: Results,
    baseline: Baseline = None,
    write: WriteBaseline = None,
    reason: Reason = "",
    known_file: BestKnown = None,
    json_file: Json = None,
) -> None:
    """Say whether these results may pass, by the exit code and in words."""
    from sma_benchmarks import best_known
    from sma_benchmarks import gate as gates
    from sma_benchmarks.scores import scored
    from sma_benchmarks.store import read
    from sma_benchmarks.verifying import best_known_file

    _prepare(write, reason, json_file)
    tables = read(results)
    suites = [*tables.runs["suite"].astype(str), ""]
    place = known_file or best_known_file(suites[0])
    known = best_known.read(place)
    scores = scored(tables, known)
    if write is not None:
        gates.write_baseline(write, scores, reason)
        typer.echo(f"written: {write}")
        return
    if baseline is not None and not baseline.exists():
        typer.echo(
            f"no baseline at {baseline}; write one with --write-baseline", err=True
        )
        raise typer.Exit(NO_BASELINE)
    held = None if baseline is None else gates.read_baseline(baseline)
    found = gates.gate(scores, held, known)
    for line in found.reasons:
        typer.echo(line)
    typer.echo(f"{len(scores.runs)} rows: exit code {found.code}")
    content = {"code": found.code, "reasons": list(found.reasons)}
    write_json(json_file, "sma.bench.gate/1", content)
    raise typer.Exit(found.code)


def _prepare(baseline: Path | None, reason: str, json_file: Path | None) -> None:
    """Refuse what cannot be written, before any work."""
    from sma_research.io.write import prepare_file

    if baseline is not None:
        if not reason:
            raise SettingError("--write-baseline needs --reason, expected a sentence")
        prepare_file(baseline)
    Places(out=None, json_file=json_file).prepare()
