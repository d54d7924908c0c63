"""The table of results, one row for each account."""

from collections.abc import Callable, Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from sma_research.io.records import ReportRecord
from sma_research.portfolio.metrics import Metrics
from sma_research.report import SOLVED, Proof

UNIVERSES: Final = {
    ("etf",): "ETFs",
    ("stock",): "stocks",
    ("etf", "stock"): "both",
}
MARKS: Final = {Proof.CERTIFICATE: "", Proof.SEARCH: "*", Proof.NONE: ""}
FIGURES: Final[dict[str, Callable[[Metrics], str]]] = {
    "names": lambda m: str(m.names),
    "max %": lambda m: f"{100 * m.largest_weight:.2f}",
    "active\n%": lambda m: f"{100 * m.active_share:.1f}",
    "turn-\nover%": lambda m: f"{100 * m.turnover:.1f}",
    "tax %": lambda m: f"{100 * m.tax:.2f}",
}
NOTE: Final = (
    "TE: annual ex-ante tracking error. Gap: proven, of the objective, by a certificate "
    "that the core recomputes; * is the tree search's own claim. Max: largest weight. "
    "Active: active share. Tax: of account value."
)


def result_table(records: Sequence[ReportRecord]) -> Table:
    """One row for each report; a dash where there is no figure."""
    table = Table(box=box.SIMPLE_HEAD, caption=NOTE, caption_justify="left",
                  padding=0, pad_edge=False, show_edge=False)  # fmt: skip
    for name in ("client", "uni-\nverse", "status"):
        table.add_column(name, vertical="bottom", overflow="fold")
    for name in ("TE bp", "gap %", *FIGURES, "s"):
        table.add_column(name, justify="right", no_wrap=True)
    for record in records:
        table.add_row(*_row(record))
    return table


def _row(record: ReportRecord) -> list[Text]:
    metrics = record.metrics
    error, figures = "-", ["-"] * len(FIGURES)
    if metrics is not None:
        error = f"{1e4 * metrics.tracking_error:.2f}"
        figures = [show(metrics) for show in FIGURES.values()]
    return [
        Text(record.account_id),
        Text(UNIVERSES.get(tuple(record.universe), "-")),
        Text(record.status, style="" if record.status in SOLVED else "bold red"),
        Text(error),
        Text(_gap(record)),
        *(Text(figure) for figure in figures),
        Text(f"{sum(record.phases.values()):.2f}"),
    ]


def _gap(record: ReportRecord) -> str:
    if record.gap is None:
        return "-"
    return f"{100 * record.gap:.3f}{MARKS[record.proof]}"
