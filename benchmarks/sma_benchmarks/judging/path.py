"""A path: every rebalance judged, holdings carried by the referee's own books."""

import json
from collections.abc import Mapping

import numpy as np

from sma_benchmarks.answer import Answer
from sma_benchmarks.instances.carry import carried, next_problem, realized
from sma_benchmarks.instances.instance import PathCase
from sma_benchmarks.judging.breaches import BP, breaches
from sma_benchmarks.judging.proposal import Accepted, figure_columns, proposal
from sma_benchmarks.judging.verdict import Verdict
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import Value
from sma_benchmarks.task import Task
from sma_research.portfolio.audit import audit
from sma_research.portfolio.metrics import measure
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance

MEANS = ("te_bp", "turnover", "tax_bp")


def judge_path(case: PathCase, answer: Answer, task: Task) -> Verdict:
    """Outcome and figures over all rebalances; the first broken one ends it.

    Proposals are judged as claimed: a repair would change every later period.
    """
    account = case.account
    periods: list[dict[str, Value]] = []
    worst: dict[str, float] = {}
    for number in range(len(case.periods)):
        problem = next_problem(case, number, account)
        claimed = proposal(problem, answer, prefix=f"t{number}_")
        if claimed is None:
            message = f"no portfolio from period {number} on: {answer.message}"
            return _ended(Outcome.TIMEOUT_NO_SOLUTION, message, periods, worst)
        for name, size in breaches(problem, claimed).by_clause.items():
            worst[name] = max(worst.get(name, 0.0), size)
        findings = audit(problem, claimed)
        if findings:
            message = f"period {number}: {findings[0]}"
            return _ended(Outcome.WRONG_FEASIBLE, message, periods, worst)
        periods.append(_period(case, number, problem, claimed, answer, task))
        account = carried(problem, claimed)
    return _ended(Outcome.VERIFIED_FEASIBLE, answer.message, periods, worst)


def _period(
    case: PathCase, number: int, problem: Problem, claimed: Rebalance,
    answer: Answer, task: Task,
) -> dict[str, Value]:  # fmt: skip
    figures = measure(problem, claimed)
    columns = figure_columns(Accepted(rebalance=claimed, repair=0.0), figures)
    period = case.periods[number]
    after = realized(period, claimed.weight(problem))
    said: Mapping[str, Value] = (
        answer.periods[number] if number < len(answer.periods) else {}
    )
    seconds, gap = said.get("solve_s"), said.get("gap")
    return {
        "row_id": task.row_id,
        "period": number,
        "date": period.date.isoformat(),
        "outcome": str(Outcome.VERIFIED_FEASIBLE),
        "te_bp": columns["te_bp"],
        "te_realized_bp": None if after is None else BP * after.tracking_error,
        "turnover": columns["turnover"],
        "tax_bp": columns["tax_bp"],
        "names": columns["names"],
        "gap": float(gap) if isinstance(gap, int | float) else None,
        "solve_s": float(seconds) if isinstance(seconds, int | float) else None,
    }


def _ended(
    outcome: Outcome, message: str, periods: list[dict[str, Value]],
    worst: dict[str, float],
) -> Verdict:  # fmt: skip
    columns: dict[str, Value] = {"breaches": json.dumps(worst, sort_keys=True)}
    for name in MEANS if periods else ():
        columns[name] = float(np.mean([float(p[name] or 0.0) for p in periods]))
    known = [float(p["te_realized_bp"]) for p in periods if p["te_realized_bp"]]
    if known:
        columns["te_realized_bp"] = float(np.sqrt(np.mean(np.square(known))))
    if periods:
        columns["names"] = periods[-1]["names"]
    return Verdict(
        outcome=outcome, message=message, columns=columns, periods=tuple(periods)
    )
