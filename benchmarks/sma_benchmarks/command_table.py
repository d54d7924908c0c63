"""Tables on the terminal."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from sma_research.cli.options import console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their columns, folded to the width there is."""
    console().print(_table(columns, rows), markup=False)


def print_whole(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of which nothing may be cut or folded away.

    In a terminal too narrow for the table each value has a line of its own; anywhere
    else each row is one line, however long.
    """
    terminal = console()
    lines = [[" ".join(value.splitlines()) for value in row] for row in rows]
    table = _table(columns, lines)
    table.show_edge = False
    needed = _width(table, terminal)
    if not terminal.is_terminal:
        terminal.width = max(terminal.width, needed)
        with terminal.capture() as printed:
            terminal.print(table, markup=False)
        for line in printed.get().splitlines():
            typer.echo(line.rstrip())
    elif needed <= terminal.width or not rows:
        terminal.print(table, markup=False)
    else:
        _print_records(columns, rows, terminal)
        typer.echo(
            f"the table needs {needed} columns and the terminal has {terminal.width}, so "
            "each value has its line; ask for fewer columns, or name a file with --csv",
            err=True,
        )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(Text(column))
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _print_records(
    columns: Sequence[str], rows: Sequence[Sequence[str]], terminal: "Console"
) -> None:
    from rich.table import Table
    from rich.text import Text

    for number, row in enumerate(rows, start=1):
        record = Table.grid(padding=(0, 2, 0, 0))
        record.add_column(no_wrap=True)
        record.add_column(overflow="fold")
        for column, value in zip(columns, row, strict=True):
            record.add_row(Text(column), Text(value))
        terminal.print(f"row {number} of {len(rows)}")
        terminal.print(record)
        terminal.print()


def _width(table: "Table", terminal: "Console") -> int:
    """Characters of the longest line that the table needs."""
    from rich.measure import Measurement

    endless = terminal.options.update(max_width=10**6)
    return Measurement.get(terminal, endless, table).maximum
