"""``sma demo`` and ``sma build``: solve accounts, show them, write them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sma_research.cli.options import (
    Formulation,
    Json,
    Method,
    Out,
    Places,
    Solver,
    Threads,
    TimeLimit,
)

if TYPE_CHECKING:
    from sma_research.io.book import Book
    from sma_research.program.backend import BackendInfo

DEFAULT_SOLVER = "clarabel"


def demo(
    solver: Solver = DEFAULT_SOLVER,
    formulation: Formulation = None,
    assets: Annotated[int, typer.Option(help="Stocks.", metavar="N")] = 3000,
    factors: Annotated[int, typer.Option(help="Risk factors.", metavar="N")] = 70,
    etfs: Annotated[int, typer.Option(help="Funds.", metavar="N")] = 12,
    seed: Annotated[int, typer.Option(help="Of the generator.", metavar="N")] = 0,
    out: Out = None,
    json_file: Json = None,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
) -> None:
    """Build three demonstration clients on a synthetic market.

    Each of them in stocks, in funds, and in both. Every number of the market is
    made up.
    """
    method = Method(
        solver=solver, formulation=formulation, time_limit=time_limit, threads=threads
    )
    places = Places(out=out, json_file=json_file)
    backend = _ready(method, places)
    _run(_demo_book(assets, factors, etfs, seed), method, places, backend)


def build(
    book: Annotated[Path, typer.Argument(help="TOML file, see `sma schema`.")],
    solver: Solver = DEFAULT_SOLVER,
    formulation: Formulation = None,
    out: Out = None,
    json_file: Json = None,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
) -> None:
    """Build every account of a book."""
    from sma_research.io.book import load_book

    method = Method(
        solver=solver, formulation=formulation, time_limit=time_limit, threads=threads
    )
    places = Places(out=out, json_file=json_file)
    backend = _ready(method, places)
    _run(load_book(book), method, places, backend)


def _demo_book(assets: int, factors: int, etfs: int, seed: int) -> "Book":
    from sma_research.io.book import Book
    from sma_research.markets.clients import demo_book
    from sma_research.markets.synthetic import synthetic_market

    market = synthetic_market(assets, factors, etfs, seed)
    return Book(
        market=market,
        accounts=demo_book(market, seed=seed),
        source=f"synthetic, seed {seed}",
        synthetic=True,
    )


def _ready(method: Method, places: Places) -> "BackendInfo":
    places.prepare()
    return method.check()


def _run(book: "Book", method: Method, places: Places, backend: "BackendInfo") -> None:
    from sma_research.cli.solving import announce, finish, solve_accounts

    announce(book, method)
    answers, stopped = solve_accounts(book, method)
    finish(book, answers, places, backend)
    if stopped:
        raise KeyboardInterrupt
    if not all(answer.solved for answer in answers):
        raise typer.Exit(1)
