"""Tables on the terminal."""

from collections.abc import Iterable, Sequence

from sma_research.cli.options import console


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, fold: bool = True
) -> None:
    """Print rows under their columns; without ``fold`` a line is as long as it needs."""
    from rich import box
    from rich.measure import Measurement
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    terminal = console()
    if not fold:
        plain = terminal.options.update(markup=False)
        needed = Measurement.get(terminal, plain.update(max_width=10**6), table).maximum
        terminal.width = max(terminal.width, needed)
    terminal.print(table, markup=False)
