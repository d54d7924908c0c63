"""``sma ledger``: what a household realized, by the law's own bookkeeping."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sma_research.cli.options import Json, Places, console
from sma_research.portfolio.rules import (
    Filing,
    IraOrder,
    Method,
    OlderLot,
    SoldReplacement,
    SpouseBasis,
    Tacking,
    WashRules,
)

if TYPE_CHECKING:
    from sma_research.portfolio.ledger import Ledger

FEDERAL_TOP = 0.408, 0.238  # short-term, long-term, with net investment income tax
YEAR_COLUMNS = (
    "net_short",
    "net_long",
    "ordinary_offset",
    "carry_short",
    "carry_long",
    "disallowed",
    "permanent",
)


def ledger(
    trades: Annotated[Path, typer.Argument(help="CSV of a household's trades.")],
    json_file: Json = None,
    method: Annotated[
        Method,
        typer.Option(
            help="What a sale without a lot disposes of.", case_sensitive=False
        ),
    ] = Method.FIFO,
    tacking: Annotated[
        Tacking,
        typer.Option(
            help="A replacement adds the period held, or takes over the date."
        ),
    ] = Tacking.PERIOD,
    older_lot: Annotated[
        OlderLot,
        typer.Option(help="A purchase in the window that is older than what is sold."),
    ] = OlderLot.REPLACES,
    sold_replacement: Annotated[
        SoldReplacement,
        typer.Option(help="A purchase in the window, sold before the loss."),
    ] = SoldReplacement.IGNORED,
    ira_order: Annotated[
        IraOrder, typer.Option(help="When a purchase in an IRA replaces.")
    ] = IraOrder.ACQUISITION,
    spouse_basis: Annotated[
        SpouseBasis,
        typer.Option(help="A loss whose replacement the other spouse bought."),
    ] = SpouseBasis.ADDED,
    filing: Annotated[
        Filing, typer.Option(help="Sets the limit against other income.")
    ] = Filing.SINGLE,
    short_rate: Annotated[
        float, typer.Option(help="For min_tax.", metavar="RATE")
    ] = FEDERAL_TOP[0],
    long_rate: Annotated[
        float, typer.Option(help="For min_tax.", metavar="RATE")
    ] = FEDERAL_TOP[1],
) -> None:
    """Keep the tax ledger of a household: disposals, wash sales, open lots, years.

    Columns: date, account, account_kind (taxable, ira, spouse), asset, identical,
    action (buy, sell, split, transfer, reinvest), shares, amount, fee, lot. A file
    with no row below them is an empty ledger.
    """
    from sma_research.io.ledger_file import ledger_text
    from sma_research.io.trades import read_trades
    from sma_research.io.write import write_text
    from sma_research.portfolio.ledger import LedgerRules, keep_ledger
    from sma_research.portfolio.tax import TaxRates

    Places(out=None, json_file=json_file).prepare()
    rules = LedgerRules(
        method=method,
        wash=WashRules(
            tacking=tacking,
            older_lot=older_lot,
            sold_replacement=sold_replacement,
            ira_order=ira_order,
            spouse_basis=spouse_basis,
        ),
        rates=TaxRates(short_term=short_rate, long_term=long_rate),
        filing=filing,
    )
    kept = keep_ledger(read_trades(trades), rules)
    if json_file is not None:
        write_text(json_file, ledger_text(kept, rules))
    _show(kept)


def _show(kept: "Ledger") -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("year", *YEAR_COLUMNS):
        table.add_column(name.replace("_", "\n"), justify="right", vertical="bottom")
    for year in kept.years:
        mark = "*" if year.provisional else ""
        figures = (f"{getattr(year, name):,.2f}" for name in YEAR_COLUMNS)
        table.add_row(f"{year.year}{mark}", *figures)
    screen = console()
    screen.print(
        f"{len(kept.disposals)} disposals, {len(kept.open_lots)} open lots; USD"
    )
    if kept.years:
        screen.print(table)
    if any(year.provisional for year in kept.years):
        screen.print("* a purchase within 30 days of a loss may still undo it")
