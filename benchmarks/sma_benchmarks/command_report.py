"""``sma bench report`` and ``sma bench export``: results for readers, and as tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sma_benchmarks.extras import need

if TYPE_CHECKING:
    from sma_benchmarks.scores import Scores
    from sma_benchmarks.store import Tables


Folders = Annotated[
    list[Path], typer.Argument(metavar="DIR...", help="Folders of runs.")
]


def report(
    results: Folders,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            help="File to write; report.html in the first DIR if left out.",
            metavar="FILE",
        ),
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print Markdown instead.")
    ] = False,
) -> None:
    """Write one HTML file that needs no network, or print Markdown."""
    if not markdown:
        need("jinja2")
    from sma_benchmarks.report import render
    from sma_benchmarks.store import LOGS
    from sma_research.io.write import prepare_file

    if html is not None:
        prepare_file(html)

    scores = _scores(results)
    if markdown:
        typer.echo(render.markdown(scores))
        return
    place = html or results[0] / "report.html"
    prepare_file(place)
    render.html(scores, place, [folder / LOGS for folder in results])
    typer.echo(f"written: {place}")


def export(
    results: Folders,
    out: Annotated[Path, typer.Option("--out", help="Folder to write.", metavar="DIR")],
) -> None:
    """Write every table, scores included, as CSV and as Parquet."""
    from sma_benchmarks.folder import spare_run
    from sma_benchmarks.report.render import tables

    spare_run(out)
    tables(_scores(results), out)
    typer.echo(f"written: {out}")


def judged(tables: "Tables") -> "Scores":
    """Scores of runs against the best known values of their suites, where there are."""
    from sma_benchmarks import best_known
    from sma_benchmarks.scores import scored
    from sma_benchmarks.verifying import best_known_file

    suites = tables.runs["suite"].unique()
    known = {
        name: entry
        for suite in suites
        for name, entry in best_known.read(best_known_file(str(suite))).items()
    }
    return scored(tables, known)


def _scores(results: list[Path]) -> "Scores":
    from sma_benchmarks.results import stacked
    from sma_benchmarks.store import read

    return judged(stacked([read(folder) for folder in results]))
