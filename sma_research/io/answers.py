"""Answers as files: weights and trades of solved accounts, and a report of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sma_research.arrays import Vector
from sma_research.io.records import ReportRecord, report_record
from sma_research.io.write import TABLE_WRITERS, write_text
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import disallowed
from sma_research.portfolio.rebalance import Rebalance
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
    "price": "float64",  # USD per share
    "cost_per_share": "float64",  # USD, of the lot sold
    "acquired": "string",  # date of the lot sold, ISO 8601
    "term": "string",  # of the lot sold, short or long
    "gain": "float64",  # USD, realized
    "tax": "float64",  # USD, rate of the term times gain that counts, before netting
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
    trades = _taxed(report) if report.solved else report.trades.iloc[:0]
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


def _taxed(report: Report) -> "pd.DataFrame":
    """Trades with price, and what was realized on every lot sold."""
    trades, problem = report.trades, report.problem
    if problem is None or report.rebalance is None:
        return trades
    sold = trades["lot"].notna().to_numpy()
    lot = trades["lot"][sold].to_numpy(dtype=np.intp)
    lots = problem.account.lots
    out = trades.assign(price=trades["value"] / trades["shares"])
    gain = problem.gain_rate[lot] * trades["value"][sold]
    realized = {
        "cost_per_share": lots.cost[lot],
        "acquired": [lots.acquired[int(j)].isoformat() for j in lot],
        "term": np.where(problem.long_term[lot], "long", "short"),
        "gain": gain,
        "tax": _tax_by_lot(problem, report.rebalance)[lot],
    }
    for name, values in realized.items():
        out.loc[sold, name] = values
    return out


def _tax_by_lot(problem: Problem, rebalance: Rebalance) -> Vector:
    """Rate of each lot times the gain that counts ``(m,)``, USD."""
    sold = rebalance.sell_weight(problem)
    counted = sold - disallowed(problem, sold)
    return problem.tax_rate * counted * problem.value


def _typed(
    table: "pd.DataFrame", account: str, columns: dict[str, str]
) -> "pd.DataFrame":
    known = table.assign(account=account).reindex(columns=list(columns))
    return known.astype(columns)


def _stacked(
    tables: Sequence["pd.DataFrame"], columns: dict[str, str]
) -> "pd.DataFrame":
    import pandas as pd

    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=list(columns)).astype(columns)
    return pd.concat(filled, ignore_index=True)
