"""The table of results, one row for each account."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from rich import box
from rich.console import Console
from rich.measure import Measurement
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
Shown: TypeAlias = Mapping[str, Callable[[Metrics], str]]
FIGURES: Final[Shown] = {
    "names": lambda m: str(m.names),
    "max %": lambda m: f"{100 * m.largest_weight:.2f}",
    "active\n%": lambda m: f"{100 * m.active_share:.1f}",
    "turn-\nover%": lambda m: f"{100 * m.turnover:.1f}",
    "tax %": lambda m: f"{100 * m.tax:.2f}",
}
NOTE: Final = (
    "TE: annual ex-ante tracking error. Gap: proven by a certificate that the core "
    "recomputes, * by the tree search's own claim: bp of tracking error that might still "
    "be won, and % of the objective. Max: largest weight. Active: active share. Tax: of "
    "account value."
)
SHOWN: Final = 5e-5  # of account value, what rounds to a hundredth of a percent
WIDEST: Final = 1000  # columns, no terminal has more
LINEAR: Final[Shown] = {"tax\noff %": lambda m: f"{100 * m.tax_error:.2f}"}
LINEAR_NOTE: Final = " Tax off: by how much the linear model misses exact netting."
DROPPED: Final = ("active\n%", "max %", "turn-\nover%", "names", "tax %")


def result_table(records: Sequence[ReportRecord], screen: Console) -> Table:
    """One row for each report; a dash where there is no figure.

    A narrow terminal gets as many columns as it has room for; files have everything.
    """
    wide = screen.options.update(width=WIDEST)
    figures = {**FIGURES, **(LINEAR if _off(records) else {})}
    for fewer in range(len(DROPPED) + 1):
        gone = DROPPED[:fewer]
        shown = {name: show for name, show in figures.items() if name not in gone}
        table = _table(records, shown)
        if Measurement.get(screen, wide, table).maximum <= screen.width:
            break
    return table


def _table(records: Sequence[ReportRecord], figures: Shown) -> Table:
    note = NOTE + (LINEAR_NOTE if LINEAR.keys() & figures.keys() else "")
    table = Table(box=box.SIMPLE_HEAD, caption=note, caption_justify="left",
                  padding=0, pad_edge=False, show_edge=False)  # fmt: skip
    for name in ("client", "uni-\nverse", "status"):
        table.add_column(name, vertical="bottom", overflow="fold")
    for name in ("TE bp", "gap bp", "gap %", *figures, "s"):
        table.add_column(name, justify="right", no_wrap=True)
    for record in records:
        table.add_row(*_row(record, figures))
    return table


def _off(records: Sequence[ReportRecord]) -> bool:
    """Whether any account's tax is another than that of exact netting."""
    found = [record.metrics for record in records if record.metrics is not None]
    return any(abs(metrics.tax_error) > SHOWN for metrics in found)


def _row(record: ReportRecord, shown: Shown) -> list[Text]:
    metrics, left = record.metrics, record.tracking_error_gap
    error, figures = "-", ["-"] * len(shown)
    if metrics is not None:
        error = f"{1e4 * metrics.tracking_error:.2f}"
        figures = [show(metrics) for show in shown.values()]
    return [
        Text(record.account_id),
        Text(UNIVERSES.get(tuple(record.universe), "-")),
        Text(record.status, style="" if record.status in SOLVED else "bold red"),
        Text(error),
        Text("-" if left is None else f"{1e4 * left:.2f}"),
        Text(_gap(record)),
        *(Text(figure) for figure in figures),
        Text(f"{sum(record.phases.values()):.2f}"),
    ]


def _gap(record: ReportRecord) -> str:
    if record.gap is None:
        return "-"
    return f"{100 * record.gap:.3f}{MARKS[record.proof]}"
