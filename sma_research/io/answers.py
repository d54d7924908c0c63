"""Answers as files: weights and trades of solved accounts, and a report of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sma_research.io.records import ReportRecord, report_record
from sma_research.io.write import TABLE_WRITERS, write_text
from sma_research.report import Report

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS = {"account": "string", "asset": "string", "weight": "float64"}
TRADES = {
    "account": "string",
    "asset": "string",
    "lot": "Int64",  # row of the account's lots, from 0; none for purchases
    "side": "string",
    "shares": "float64",
    "value": "float64",  # USD
    "reason": "string",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What files keep of a report, small beside the report itself."""

    record: ReportRecord
    weights: "pd.DataFrame"  # account, asset, weight; no row unless solved
    trades: "pd.DataFrame"  # see TRADES; no row unless solved
    solved: bool


def answer(report: Report) -> Answer:
    """Tables and JSON object of one report.

    A portfolio that failed its audit is reported, but it leaves no weights and no
    trades, so that nobody trades it.
    """
    import pandas as pd

    weights = report.weights if report.solved else report.weights.iloc[:0]
    trades = report.trades if report.solved else report.trades.iloc[:0]
    holdings = pd.DataFrame({"asset": weights.index, "weight": weights.to_numpy()})
    return Answer(
        record=report_record(report),
        weights=_typed(holdings, report.account_id, WEIGHTS),
        trades=_typed(trades, report.account_id, TRADES),
        solved=report.solved,
    )


def write_answers(folder: Path, answers: Sequence[Answer], report_text: str) -> None:
    """Write weights and trades as CSV and Parquet, and ``report.json``."""
    tables = {
        "weights": _stacked([a.weights for a in answers], WEIGHTS),
        "trades": _stacked([a.trades for a in answers], TRADES),
    }
    for name, table in tables.items():
        for suffix, write in TABLE_WRITERS.items():
            write(folder / f"{name}{suffix}", table)
    write_text(folder / "report.json", report_text)


def _typed(
    table: "pd.DataFrame", account: str, columns: dict[str, str]
) -> "pd.DataFrame":
    return table.assign(account=account)[list(columns)].astype(columns)


def _stacked(
    tables: Sequence["pd.DataFrame"], columns: dict[str, str]
) -> "pd.DataFrame":
    import pandas as pd

    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    return pd.concat(filled, ignore_index=True)
