"""``sma bench query``: SQL over the tables of runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sma_benchmarks.command_report import Folders, judged
from sma_benchmarks.command_table import print_whole
from sma_benchmarks.extras import need

if TYPE_CHECKING:
    from sma_benchmarks.query import Found


def query(
    results: Folders,
    sql: Annotated[
        str,
        typer.Argument(
            metavar="SQL",
            help="A SELECT from runs, events, periods, machines, and scores: the runs "
            "with regret_bp, best_objective, best_bound, group, verified.",
        ),
    ],
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", help="File for all digits, instead of a table.", metavar="FILE"
        ),
    ] = None,
) -> None:
    """Answer SQL from the tables of runs, which it can only read.

    A row that a terminal is too narrow for is shown as a value per line.
    """
    need("duckdb")
    from sma_benchmarks import query as queries
    from sma_benchmarks.results import stacked
    from sma_benchmarks.store import read
    from sma_research.io.write import prepare_file, write_csv

    if csv is not None:
        prepare_file(csv)
    tables = stacked([read(folder) for folder in results])
    found = queries.query(queries.views(tables, judged(tables)), sql)
    if csv is None:
        _print(found)
        return
    write_csv(csv, found.frame())
    typer.echo(f"written: {csv} ({len(found.rows)} rows)")


def _print(found: "Found") -> None:
    rows = [[_text(value) for value in row] for row in found.rows]
    print_whole(found.columns, rows)


def _text(value: Any) -> str:
    """A value of a query, six digits of what is no whole number."""
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
