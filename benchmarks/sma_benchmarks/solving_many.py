"""Instances of many solves: a book of accounts, and a path of rebalances."""

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.answer import Answer
from sma_benchmarks.claims import (
    Vectors,
    exactness,
    number,
    phases,
    refuse,
    trades,
)
from sma_benchmarks.instances.carry import carried, next_problem
from sma_benchmarks.instances.instance import BookCase, PathCase
from sma_benchmarks.methods import Method
from sma_research.program.backend import Settings
from sma_research.report import Report
from sma_research.run import solve, solve_book

LEAST_S = 1e-3  # a limit that every solver takes
DONE, TIME = "done", "time limit"


def book(case: BookCase, method: Method, settings: Settings) -> Answer:
    """Accounts in their order, until done or out of time.

    The limit is for the whole book: no account is begun after it.

    Raises
    ------
    UnsupportedProgram, BackendError
        The first account cannot be stated, or its solver raised.
    """
    started = perf_counter()
    reports: list[Report] = []
    status = DONE
    for report in solve_book(
        case.market, case.accounts, method.solver, method.formulation, settings
    ):
        if not reports:
            refuse(report)
        reports.append(report)
        if perf_counter() - started > settings.time_limit_s:
            status = DONE if len(reports) == len(case.accounts) else TIME
            break
    chain = reports[0].formulation
    return Answer(
        status=status,
        message=f"{len(reports)} of {len(case.accounts)} accounts",
        formulation=chain,
        exactness=str(exactness(chain)),
        phases=phases(reports),
        accounts=tuple(_claim(report) for report in reports),
        vectors=_sparse_trades(reports),
    )


def path(case: PathCase, method: Method, settings: Settings) -> Answer:
    """Rebalance again and again, every time with what the trades before left.

    What is left of the time limit is shared evenly by the rebalances to come. The
    path ends where a rebalance gives no trades.

    Raises
    ------
    UnsupportedProgram, BackendError
        A rebalance cannot be stated, or its solver raised.
    """
    started, account = perf_counter(), case.account
    reports: list[Report] = []
    vectors: Vectors = {}
    for number_, _ in enumerate(case.periods):
        problem = next_problem(case, number_, account)
        spent, to_come = perf_counter() - started, len(case.periods) - number_
        share = share_s(settings.time_limit_s - spent, to_come)
        asked = replace(settings, time_limit_s=share)
        report = solve(problem, method.solver, method.formulation, asked)
        refuse(report)
        reports.append(report)
        vectors |= trades(report, f"t{number_}_")
        if report.rebalance is None:
            break
        account = carried(problem, report.rebalance)
    last, chain = reports[-1], reports[0].formulation
    return Answer(
        status=str(last.status),
        message=last.message or last.native_status,
        formulation=chain,
        exactness=str(exactness(chain)),
        phases=phases(reports),
        periods=tuple(_claim(report) for report in reports),
        vectors=vectors,
    )


def share_s(left_s: float, to_come: int) -> float:
    """Seconds for the next of the solves to come, what is left shared evenly."""
    return max(left_s / to_come, LEAST_S)


def _claim(report: Report) -> dict[str, Any]:
    """What is said of one account or one rebalance."""
    cash = None if report.rebalance is None else float(report.rebalance.cash)
    return {
        "account_id": report.account_id,
        "status": str(report.status),
        "message": report.message,
        "objective": number(report.claimed_objective),
        "bound": number(report.claimed_bound),
        "gap": number(report.gap),
        "solve_s": report.solve_s,
        "total_s": report.total_s,
        "cash": cash,
    }


def _sparse_trades(reports: Sequence[Report]) -> Vectors:
    """Trades as triplets sorted by the account's position."""
    rows = [trades(report) for report in reports]
    out: Vectors = {"account_id": np.array([report.account_id for report in reports])}
    for name in ("buy", "sell"):
        out |= _triplets(name, [row.get(name, np.zeros(0)) for row in rows])
    return out


def _triplets(name: str, rows: Sequence[NDArray[Any]]) -> Vectors:
    column = [np.flatnonzero(row) for row in rows]
    sizes = [found.size for found in column]
    values = [row[found] for row, found in zip(rows, column, strict=True)]
    return {
        f"{name}_row": np.repeat(np.arange(len(rows)), sizes),
        f"{name}_column": np.concatenate(column),
        f"{name}_value": np.concatenate(values),
    }
