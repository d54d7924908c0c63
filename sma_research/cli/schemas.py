"""``sma formulations`` and ``sma schema``: what the other verbs understand."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from sma_research.cli.options import Json, console, write_json


class Format(StrEnum):
    """A format with a JSON Schema."""

    BOOK = "book"  # what `sma build` reads
    REPORT = "report"  # what `--json` and `--out` of demo and build write
    LEDGER = "ledger"  # what `--json` of ledger writes


def formulations(json_file: Json = None) -> None:
    """List formulations, and what each does to the optimum."""
    from rich import box
    from rich.table import Table

    from sma_research.formulations.catalog import CATALOG

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("formulation", "exactness", "what it does"):
        table.add_column(name, overflow="fold")
    for info in CATALOG.values():
        table.add_row(info.name, str(info.exactness), info.summary)
    rows = [
        {"name": i.name, "exactness": str(i.exactness), "summary": i.summary}
        for i in CATALOG.values()
    ]
    write_json(json_file, "sma.formulations/1", {"formulations": rows})
    console().print(table)


def schema(
    what: Annotated[
        Format, typer.Argument(help="The format to describe.")
    ] = Format.BOOK,
) -> None:
    """Print the JSON Schema of book files, of reports or of ledgers."""
    from sma_research.io import book_schema, report_schema
    from sma_research.io.ledger_file import ledger_schema

    schemas = {
        Format.BOOK: book_schema,
        Format.REPORT: report_schema,
        Format.LEDGER: ledger_schema,
    }
    typer.echo(json.dumps(schemas[what](), indent=1))
