"""One account: limits, figures and bound from the problem and the vectors alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.answer import Answer
from sma_benchmarks.instances.instance import AccountCase
from sma_benchmarks.judging import anytime
from sma_benchmarks.judging.breaches import BP, Breaches, breaches
from sma_benchmarks.judging.repair import from_weights, program_of, repair
from sma_benchmarks.judging.verdict import CLAIMS, Verdict, differs, number
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import Value
from sma_benchmarks.task import Task
from sma_research.arrays import Vector
from sma_research.canonical.build import Program
from sma_research.errors import DataError
from sma_research.explain import proven_infeasible
from sma_research.portfolio.audit import audit
from sma_research.portfolio.metrics import Metrics, measure
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.program.certificate import certify
from sma_research.report import Status

REPAIRABLE = 0.005  # of account value, one-way: a repair beyond it is another answer
TRUSTED = 1e-6  # relative, by which a claimed bound may pass what it bounds


@dataclass(frozen=True, eq=False, kw_only=True)
class Accepted:
    """A portfolio that holds every limit, and what it took."""

    rebalance: Rebalance
    repair: float  # one-way distance, of account value


def judge_account(
    case: AccountCase, answer: Answer, task: Task, *, wall_s: float
) -> Verdict:
    """Outcome and figures of one account's answer."""
    problem, program = case.problem, program_of(case.problem)
    bound = _bound(program, answer)
    proven: dict[str, Value] = {**_sizes(program), "bound": number(bound)}
    claimed = proposal(problem, answer)
    if claimed is None:
        return _without_portfolio(problem, answer, proven)
    broken = breaches(problem, claimed)
    raw = measure(problem, claimed)
    columns = {**proven, **_raw(raw, broken)}
    accepted = accept(problem, claimed)
    if accepted is None:
        return _rejected(answer, broken, columns)
    figures = measure(problem, accepted.rebalance)
    columns |= figure_columns(accepted, figures)
    columns |= _gaps(problem, figures, bound, answer)
    columns["claim_mismatch"] = differs(answer.objective, raw.objective)
    ruler = _ruler(problem, figures)
    path = anytime.steps(
        answer.events, ruler, wall_s=wall_s, value=figures.objective, bound=bound
    )
    columns |= anytime.times(path, None if bound is None else ruler(bound))
    columns["primal_dual_integral"] = anytime.integral(path)
    outcome, message = _outcome(answer, accepted, columns, task)
    events = anytime.rows(path, answer.events, ruler, task.row_id)
    return Verdict(
        outcome=outcome, message=message, columns=columns, events=tuple(events)
    )


def proposal(problem: Problem, answer: Answer, prefix: str = "") -> Rebalance | None:
    """The trades an answer proposes, as claimed.

    Raises
    ------
    DataError
        Vectors of the wrong length, or values that are not finite.
    """
    n, m = problem.market.universe.size, problem.account.lots.size
    vectors = answer.vectors
    if f"{prefix}weight" in vectors:
        weight = _sized(vectors, f"{prefix}weight", n)
        return from_weights(problem, weight)
    if f"{prefix}buy" not in vectors:
        return None
    return Rebalance(
        buy=_sized(vectors, f"{prefix}buy", n),
        sell=_sized(vectors, f"{prefix}sell", m),
        cash=float(_sized(vectors, f"{prefix}cash", 1)[0]),
    )


def accept(problem: Problem, claimed: Rebalance) -> Accepted | None:
    """The claim if it holds every limit, else its repair if that is near."""
    if not audit(problem, claimed):
        return Accepted(rebalance=claimed, repair=0.0)
    nearest = repair(problem, claimed.weight(problem))
    if nearest is None or nearest.distance > REPAIRABLE:
        return None
    return Accepted(rebalance=nearest.rebalance, repair=nearest.distance)


def figure_columns(accepted: Accepted, figures: Metrics) -> dict[str, Value]:
    """Every figure of an accepted portfolio, in the units of the table."""
    rebalance = accepted.rebalance
    trades = np.count_nonzero(rebalance.buy) + np.count_nonzero(rebalance.sell)
    return {
        "repair_bp": BP * accepted.repair,
        "te_bp": BP * figures.tracking_error,
        "objective": figures.objective,
        "names": figures.names,
        "largest_weight": figures.largest_weight,
        "active_share": figures.active_share,
        "turnover": figures.turnover,
        "trades": int(trades),
        "tax_bp": BP * figures.tax,
        "short_term_gain": figures.short_term_gain,
        "long_term_gain": figures.long_term_gain,
        "transaction_cost_bp": BP * figures.transaction_cost,
    }


def _sized(vectors: Mapping[str, NDArray[Any]], name: str, size: int) -> Vector:
    found = np.asarray(vectors.get(name, np.zeros(0)), dtype=np.float64)
    if found.shape != (size,) or not np.isfinite(found).all():
        raise DataError(
            f"the answer's {name} has shape {found.shape}, expected {size} finite numbers"
        )
    return found


def _bound(program: Program, answer: Answer) -> float | None:
    """The certificate of the answer's multipliers, value per year."""
    s, vectors = program.structure, answer.vectors
    y, cap_y = vectors.get("y"), vectors.get("cap_y")
    if y is None or y.shape != (s.A.shape[0],):
        return None
    if cap_y is not None and cap_y.shape != (len(s.caps),):
        return None
    certificate = certify(s, program.parameters, y, cap_y=cap_y)
    return number(program.scale * certificate.bound)


def _sizes(program: Program) -> dict[str, Value]:
    s = program.structure
    return {
        "rows": int(s.A.shape[0]),
        "columns": int(s.A.shape[1]),
        "binaries": int(s.integer.sum()),
        "nonzeros": int(s.A.nnz),
    }


def _raw(raw: Metrics, broken: Breaches) -> dict[str, Value]:
    return {
        "te_raw_bp": BP * raw.tracking_error,
        "breach_bp": broken.worst_bp,
        "breaches": json.dumps(broken.by_clause, sort_keys=True),
    }


def _ruler(problem: Problem, figures: Metrics) -> anytime.Ruler:
    aversion = problem.account.mandate.risk_aversion
    other = figures.objective - aversion * figures.tracking_error**2
    return anytime.Ruler(aversion=aversion, other=other)


def _gaps(
    problem: Problem, figures: Metrics, bound: float | None, answer: Answer
) -> dict[str, Value]:
    value = figures.objective
    out: dict[str, Value] = {}
    if bound is not None:
        out["gap"] = (value - bound) / max(abs(value), 1e-10)
        out["bound_te_bp"] = _ruler(problem, figures)(bound)
    claimed = number(answer.bound)
    room = TRUSTED * max(abs(value), 1e-10)
    if claimed is not None and claimed <= value + room and _proves(answer):
        out["bound_search"] = min(claimed, value)
    return out


def _proves(answer: Answer) -> bool:
    return answer.exactness in ("exact", "relaxation", "")


def _outcome(
    answer: Answer, accepted: Accepted, columns: dict[str, Value], task: Task
) -> tuple[Outcome, str]:
    value, claimed = columns["objective"], number(answer.bound)
    assert isinstance(value, float)
    room = TRUSTED * max(abs(value), 1e-10)
    if claimed is not None and _proves(answer) and claimed > value + room:
        return Outcome.WRONG_BOUND, (
            f"claims that nothing is below {claimed:.6g}, its own portfolio is at {value:.6g}"
        )
    if accepted.repair > 0:
        return Outcome.REPAIRED, answer.message
    gap = columns.get("gap")
    if isinstance(gap, float) and gap <= task.budget.target_gap:
        return Outcome.CERTIFIED_OPTIMAL, answer.message
    return Outcome.VERIFIED_FEASIBLE, answer.message


def _without_portfolio(
    problem: Problem, answer: Answer, columns: dict[str, Value]
) -> Verdict:
    if answer.status == Status.INFEASIBLE:
        proven = proven_infeasible(program_of(problem))
        outcome = Outcome.INFEASIBLE_VERIFIED if proven else Outcome.WRONG_STATUS
        words = "; ".join(proven) or "claims infeasible, which no referee can prove"
        return Verdict(outcome=outcome, message=words, columns=columns)
    known = answer.status in set(CLAIMS)
    outcome = CLAIMS[Status(answer.status)] if known else Outcome.EXCEPTION
    message = answer.message or f"no portfolio, status {answer.status!r}"
    return Verdict(outcome=outcome, message=message, columns=columns)


def _rejected(answer: Answer, broken: Breaches, columns: dict[str, Value]) -> Verdict:
    worst = max(broken.by_clause, key=lambda name: broken.by_clause[name])
    said = f"breaks {worst} by {broken.by_clause[worst]:.4g}"
    if answer.exactness == "relaxation" or answer.status == Status.NO_SOLUTION:
        return Verdict(
            outcome=Outcome.UNSUPPORTED,
            message=f"gives a bound, not a portfolio: {said}",
            columns=columns,
        )
    return Verdict(outcome=Outcome.WRONG_FEASIBLE, message=said, columns=columns)
