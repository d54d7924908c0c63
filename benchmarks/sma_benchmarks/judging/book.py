"""A book: every account judged as on its own, the figures their medians."""

import json
from collections.abc import Iterator

import numpy as np

from sma_benchmarks.answer import Answer
from sma_benchmarks.instances.instance import BookCase
from sma_benchmarks.judging.breaches import BP, breaches
from sma_benchmarks.judging.verdict import Verdict
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import Value
from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.portfolio.audit import audit
from sma_research.portfolio.metrics import Metrics, measure
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.report import SOLVED


def judge_book(case: BookCase, answer: Answer, *, wall_s: float) -> Verdict:
    """Outcome and figures of a book's answers.

    One account claimed solved that breaks a limit makes the whole book wrong.
    """
    figures: list[Metrics] = []
    worst: dict[str, float] = {}
    wrong = ""
    for position, problem, rebalance in _accounts(case, answer):
        for name, size in breaches(problem, rebalance).by_clause.items():
            worst[name] = max(worst.get(name, 0.0), size)
        findings = audit(problem, rebalance)
        if not findings:
            figures.append(measure(problem, rebalance))
        elif _claimed_solved(answer, position):
            wrong = wrong or f"account {problem.account.account_id}: {findings[0]}"
    asked, solved = len(case.accounts), len(figures)
    columns: dict[str, Value] = {
        "accounts": asked,
        "accounts_solved": solved,
        "accounts_per_s": solved / wall_s if wall_s > 0 else None,
        "risk_aversion": sum(a.mandate.risk_aversion for a in case.accounts),
        "breaches": json.dumps(worst, sort_keys=True),
    }
    if figures:
        columns |= {
            "te_bp": BP * float(np.median([f.tracking_error for f in figures])),
            "objective": float(np.sum([f.objective for f in figures])),
            "turnover": float(np.median([f.turnover for f in figures])),
            "names": int(np.median([f.names for f in figures])),
            "tax_bp": BP * float(np.median([f.tax for f in figures])),
        }
    if wrong:
        return Verdict(outcome=Outcome.WRONG_FEASIBLE, message=wrong, columns=columns)
    if solved < asked:
        message = f"{asked - solved} of {asked} accounts have no portfolio"
        outcome = Outcome.TIMEOUT_NO_SOLUTION
        return Verdict(outcome=outcome, message=message, columns=columns)
    return Verdict(outcome=Outcome.VERIFIED_FEASIBLE, columns=columns)


def _claimed_solved(answer: Answer, position: int) -> bool:
    return answer.accounts[position].get("status") in {str(s) for s in SOLVED}


def _accounts(
    case: BookCase, answer: Answer
) -> Iterator[tuple[int, Problem, Rebalance]]:
    """Position, problem and trades of every account that was answered with trades."""
    if len(answer.accounts) > len(case.accounts):
        raise DataError(
            f"{len(answer.accounts)} answers for {len(case.accounts)} accounts"
        )
    n = case.market.universe.size
    for position, claim in enumerate(answer.accounts):
        if claim.get("cash") is None:
            continue
        problem = Problem(market=case.market, account=case.accounts[position])
        m = problem.account.lots.size
        yield (
            position,
            problem,
            Rebalance(
                buy=_dense(answer, "buy", position, n),
                sell=_dense(answer, "sell", position, m),
                cash=float(claim["cash"]),
            ),
        )


def _dense(answer: Answer, prefix: str, position: int, size: int) -> Vector:
    """One row of sparse triplets sorted by row."""
    rows = answer.vectors[f"{prefix}_row"]
    first, last = np.searchsorted(rows, [position, position + 1])
    out = np.zeros(size)
    column = answer.vectors[f"{prefix}_column"][first:last]
    out[column] = answer.vectors[f"{prefix}_value"][first:last]
    return out
