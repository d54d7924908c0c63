"""``sma import``: turn files of holdings, prices and risk into a market folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sma_research.cli.options import Json, Places, console, write_json

if TYPE_CHECKING:
    from sma_research.markets.importers import Imported

import_app = typer.Typer(
    name="import",
    help="Turn files of market data into a market folder.",
    rich_markup_mode=None,
)

Folder = Annotated[
    Path, typer.Option("--out", help="Market folder to write.", metavar="FOLDER")
]
Tags = Annotated[
    Path | None,
    typer.Option(help="CSV of asset, tag: what screens know.", metavar="FILE"),
]


@import_app.command()
def holdings(
    file: Annotated[Path, typer.Argument(help="CSV of a fund's holdings.")],
    out: Folder,
    benchmark: Annotated[
        str, typer.Option(help="What the holdings are called.", metavar="NAME")
    ] = "broad",
    tags: Tags = None,
    json_file: Json = None,
) -> None:
    """Take universe and benchmark from a fund's holdings."""
    from sma_research.markets.importers import import_holdings

    _prepare(out, json_file)
    done = import_holdings(file, out, benchmark=benchmark, tags=tags)
    _show("holdings", file, done, json_file)


@import_app.command()
def prices(
    panel: Annotated[Path, typer.Argument(help="CSV or Parquet of daily prices.")],
    out: Folder,
    market: Annotated[
        Path | None,
        typer.Option(help="Folder to complete with a risk model.", metavar="FOLDER"),
    ] = None,
    constituents: Annotated[
        Path | None, typer.Option(help="CSV of names and sectors.", metavar="FILE")
    ] = None,
    factors: Annotated[
        int, typer.Option(help="Factors to estimate.", metavar="K")
    ] = 20,
    tags: Tags = None,
    json_file: Json = None,
) -> None:
    """Estimate a risk model from a panel of prices."""
    from sma_research.markets.factor_returns import EstimationSettings
    from sma_research.markets.importers import import_prices

    _prepare(out, json_file)
    done = import_prices(
        panel,
        out,
        market=market,
        constituents=constituents,
        tags=tags,
        settings=EstimationSettings(factors=factors),
    )
    _show("prices", panel, done, json_file)


@import_app.command()
def factors(
    exposures: Annotated[Path, typer.Option(help="Assets by factors.", metavar="F")],
    covariance: Annotated[Path, typer.Option(help="Of factors.", metavar="F")],
    specific: Annotated[Path, typer.Option(help="Specific risk.", metavar="F")],
    market: Annotated[Path, typer.Option(help="Folder to complete.", metavar="FOLDER")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write; --market if left out.", metavar="FOLDER"),
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="The files are in percent, not decimals.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Take a vendor's factor model."""
    from sma_research.markets.importers import import_factors
    from sma_research.markets.vendor import FactorFiles

    folder = market if out is None else out
    _prepare(folder, json_file)
    files = FactorFiles(exposures=exposures, covariance=covariance, specific=specific)
    units = "percent" if percent else "decimal"
    done = import_factors(files, folder, market=market, units=units)
    _show("factors", exposures, done, json_file)


def _prepare(out: Path, json_file: Path | None) -> None:
    """Refuse a place that cannot be written to; a failed import leaves no folder."""
    from sma_research.io.write import try_folder

    try_folder(out)
    Places(out=None, json_file=json_file).prepare()


def _show(what: str, file: Path, done: "Imported", json_file: Path | None) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD, show_header=False, padding=(0, 1, 0, 0), pad_edge=False
    )
    risk = (
        "complete" if done.complete else "no risk model yet: import prices or factors"
    )
    facts = [("read", str(file)), ("assets", str(done.assets)), ("market", risk)]
    for name, value in [*facts, *(("note", note) for note in done.notes)]:
        table.add_row(name, Text(value))
    table.add_row("written", Text(str(done.folder)))
    write_json(
        json_file,
        "sma.import/1",
        {
            "kind": what,
            "file": str(file),
            "folder": str(done.folder),
            "assets": done.assets,
            "complete": done.complete,
            "notes": list(done.notes),
        },
    )
    console().print(table)
