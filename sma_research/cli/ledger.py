"""``sma ledger``: what a household realized, by the law's own bookkeeping."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sma_research.cli.options import Json, Places, console, counted
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
    from sma_research.portfolio.ledger import Ledger, LedgerRules
    from sma_research.portfolio.tax import TaxRates

YEAR_COLUMNS = (
    "net_short",
    "net_long",
    "ordinary_offset",
    "carry_short",
    "carry_long",
    "disallowed",
    "permanent",
)
ForMethod = Annotated[
    Method,
    typer.Option(
        "--method", help="What a sale without a lot disposes of.", case_sensitive=False
    ),
]
ForTacking = Annotated[
    Tacking,
    typer.Option(
        "--tacking", help="A replacement adds the period held, or takes over the date."
    ),
]
ForOlderLot = Annotated[
    OlderLot,
    typer.Option(
        "--older-lot", help="A purchase in the window that is older than what is sold."
    ),
]
ForSoldReplacement = Annotated[
    SoldReplacement,
    typer.Option(
        "--sold-replacement", help="A purchase in the window, sold before the loss."
    ),
]
ForIraOrder = Annotated[
    IraOrder,
    typer.Option("--ira-order", help="When a purchase in an IRA replaces."),
]
ForSpouseBasis = Annotated[
    SpouseBasis,
    typer.Option(
        "--spouse-basis", help="A loss whose replacement the other spouse bought."
    ),
]
ForFiling = Annotated[
    Filing, typer.Option("--filing", help="Sets the limit against other income.")
]
Rate = Annotated[
    float | None,
    typer.Option(help="For min_tax; the top federal rate if left out.", metavar="RATE"),
]
Carry = Annotated[
    float, typer.Option(help="Losses carried in, positive.", metavar="USD")
]
FirstYear = Annotated[
    int | None,
    typer.Option(
        "--first-year",
        help="Year that carried losses enter; that of the first row if left out.",
        metavar="YEAR",
    ),
]


def ledger(
    trades: Annotated[Path, typer.Argument(help="CSV of a household's trades.")],
    json_file: Json = None,
    method: ForMethod = Method.FIFO,
    tacking: ForTacking = Tacking.PERIOD,
    older_lot: ForOlderLot = OlderLot.REPLACES,
    sold_replacement: ForSoldReplacement = SoldReplacement.IGNORED,
    ira_order: ForIraOrder = IraOrder.ACQUISITION,
    spouse_basis: ForSpouseBasis = SpouseBasis.ADDED,
    filing: ForFiling = Filing.SINGLE,
    short_rate: Rate = None,
    long_rate: Rate = None,
    carry_short: Carry = 0.0,
    carry_long: Carry = 0.0,
    first_year: FirstYear = None,
) -> None:
    """Keep the tax ledger of a household: disposals, wash sales, open lots, years.

    Columns: date, account, account_kind (taxable, ira, spouse), asset, identical,
    action (buy, sell, split, transfer, reinvest), shares, amount, fee, lot. A file
    with no row below them is an empty ledger. An open lot's purchase in the JSON is its
    label in the column purchase of a CSV of lots.
    """
    from sma_research.portfolio.ledger import LedgerRules

    wash = WashRules(
        tacking=tacking,
        older_lot=older_lot,
        sold_replacement=sold_replacement,
        ira_order=ira_order,
        spouse_basis=spouse_basis,
    )
    rules = LedgerRules(
        method=method,
        wash=wash,
        rates=_rates(short_rate, long_rate),
        filing=filing,
        carry_short=carry_short,
        carry_long=carry_long,
        first_year=first_year,
    )
    _keep(trades, json_file, rules)


def _rates(short: float | None, long: float | None) -> "TaxRates":
    from sma_research.portfolio.ledger import TOP_RATES
    from sma_research.portfolio.tax import TaxRates

    return TaxRates(
        short_term=TOP_RATES.short if short is None else short,
        long_term=TOP_RATES.long if long is None else long,
    )


def _keep(trades: Path, json_file: Path | None, rules: "LedgerRules") -> None:
    from sma_research.io.ledger_file import ledger_text
    from sma_research.io.trades import read_trades
    from sma_research.io.write import write_text
    from sma_research.portfolio.ledger import keep_ledger

    Places(out=None, json_file=json_file).prepare()
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
        f"{counted(len(kept.disposals), 'disposal')}, "
        f"{counted(len(kept.open_lots), 'open lot')}; USD"
    )
    if kept.years:
        screen.print(table)
    if any(year.provisional for year in kept.years):
        screen.print("* a purchase within 30 days of a loss may still undo it")
