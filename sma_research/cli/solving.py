"""Solving a book with a progress bar, and what is shown and written at the end."""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from sma_research.cli.options import Method, Places, console, counted
from sma_research.cli.results import result_table
from sma_research.io.answers import Answer, answer, write_answers
from sma_research.io.book import Book
from sma_research.io.records import (
    MarketRecord,
    ReportRecord,
    library_versions,
    report_json,
)
from sma_research.io.write import write_text
from sma_research.program.backend import BackendInfo
from sma_research.report import Report
from sma_research.run import solve_book


def announce(book: Book, method: Method) -> None:
    """Say what is about to be solved, and whether its numbers are made up."""
    universe, screen = book.market.universe, console()
    funds = int(universe.is_kind("etf").sum())
    screen.print(
        f"{counted(len(book.accounts), 'account')}, "
        f"{counted(universe.size - funds, 'stock')}, {counted(funds, 'fund')}, "
        f"{counted(book.market.risk_model.factors, 'factor')} on {book.market.as_of}; "
        f"solver {method.solver}, formulation {method.formulation or 'by default'}",
        soft_wrap=True,
    )
    if book.synthetic:
        screen.print(
            "The market is SYNTHETIC: every number in it is made up.",
            soft_wrap=True,
        )


def solve_accounts(book: Book, method: Method) -> tuple[list[Answer], bool]:
    """Answers in the order of the book, and whether Ctrl-C cut them short."""
    answers: list[Answer] = []
    reports = solve_book(
        book.market,
        book.accounts,
        solver=method.solver,
        formulation=method.formulation,
        settings=method.settings(),
    )
    stderr = Console(stderr=True)
    with _progress(stderr) as progress:
        task = progress.add_task("solving", total=len(book.accounts))
        try:
            for report in reports:
                answers.append(answer(report))
                progress.update(task, advance=1, description=report.account_id)
                if not stderr.is_terminal:
                    _said(stderr, report, len(answers), len(book.accounts))
        except KeyboardInterrupt:
            return answers, True
    return answers, False


def finish(
    book: Book, answers: Sequence[Answer], places: Places, backend: BackendInfo
) -> None:
    """Write all files first, then show the table; nothing finished, nothing written."""
    if not answers:
        console().print("no account was finished; nothing is written")
        return
    records = [answer.record for answer in answers]
    complete = len(records) == len(book.accounts)
    text = report_json(
        _market_record(book),
        records,
        versions=library_versions(backend),
        complete=complete,
    )
    if places.out is not None:
        write_answers(places.out, answers, text)
    if places.json_file is not None:
        write_text(places.json_file, text)
    _show(records, len(book.accounts))
    for place in (places.out, places.json_file):
        if place is not None:
            console().print(f"written: {place}", markup=False, soft_wrap=True)


def _show(records: Sequence[ReportRecord], asked: int) -> None:
    screen = console()
    if records:
        screen.print(result_table(records, screen))
    said = {r.account_id: r.message or "; ".join(r.conflict) for r in records}
    for account, words in said.items():
        if words:
            screen.print(f"{account}: {words}", markup=False, soft_wrap=True)
    if len(records) < asked:
        screen.print(f"{len(records)} of {asked} accounts were finished")


def _said(screen: Console, report: Report, done: int, asked: int) -> None:
    """One line for each account where no progress bar can be seen."""
    screen.print(
        f"{done}/{asked} {report.account_id} {report.status} "
        f"{sum(report.phases.values()):.2f} s",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip


def _progress(screen: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )


def _market_record(book: Book) -> MarketRecord:
    return MarketRecord(
        as_of=book.market.as_of,
        source=book.source,
        synthetic=book.synthetic,
        n_assets=book.market.universe.size,
        n_factors=book.market.risk_model.factors,
    )
