"""One account: limits, figures and bound from the problem and the vectors alone."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from sma_benchmarks.answer import Answer, Event
from sma_benchmarks.instances.instance import AccountCase
from sma_benchmarks.judging import anytime
from sma_benchmarks.judging.breaches import BP, Breaches, breaches
from sma_benchmarks.judging.proposal import Accepted, accept, figure_columns, proposal
from sma_benchmarks.judging.repair import program_of
from sma_benchmarks.judging.room import passing, room, slack
from sma_benchmarks.judging.verdict import CLAIMS, Verdict, differs, number
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import Value
from sma_benchmarks.task import Task
from sma_research.arrays import Vector
from sma_research.canonical.build import Program
from sma_research.canonical.netting_cases import certified, netting_cases
from sma_research.explain import proven_infeasible
from sma_research.portfolio.metrics import Metrics, measure
from sma_research.portfolio.problem import Problem
from sma_research.report import Status

RELAXATION: Final = "relaxation"


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A certificate recomputed from an answer's multipliers, value per year."""

    value: float | None
    slack: float = 0.0  # see `room`


@dataclass(frozen=True, eq=False, kw_only=True)
class _Found:
    """What the facts of a portfolio are held against."""

    answer: Answer
    value: float  # objective of the accepted portfolio
    bound: Bound
    ruler: anytime.Ruler

    @property
    def room(self) -> float:
        """By how much a bound may pass the portfolio."""
        aversion = self.ruler.aversion
        return room(self.value, aversion=aversion, slack=self.bound.slack)

    @cached_property
    def heard(self) -> anytime.Heard:
        """The claims on the way that the facts allow."""
        proves, events = _proves(self.answer), self.answer.events
        return anytime.heard(events, value=self.value, room=self.room, proves=proves)


def judge_account(
    case: AccountCase, answer: Answer, task: Task, *, wall_s: float
) -> Verdict:
    """Outcome and figures of one account's answer."""
    problem, program = case.problem, program_of(case.problem)
    bound = _bound(program, answer)
    proven: dict[str, Value] = {
        **_sizes(program),
        "bound": bound.value,
        "bound_room": None if bound.value is None else bound.slack,
        "risk_aversion": problem.account.mandate.risk_aversion,
    }
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
    columns["claim_mismatch"] = differs(answer.objective, raw.objective)
    found = _Found(
        answer=answer, value=figures.objective, bound=bound,
        ruler=_ruler(problem, figures),
    )  # fmt: skip
    columns |= _gaps(found)
    heard = found.heard
    end = Event(elapsed_s=wall_s, objective=found.value, bound=bound.value)
    path = anytime.steps(
        heard.events, found.ruler, wall_s=wall_s, value=found.value, bound=bound.value
    )
    columns["primal_dual_integral"] = anytime.integral(path)
    outcome, message = _outcome(found, accepted, columns, task)
    events = anytime.rows(heard.events, found.ruler, task.row_id, end=end)
    return Verdict(
        outcome=outcome, message=message, columns=columns, events=tuple(events)
    )


def _bound(program: Program, answer: Answer) -> Bound:
    """The least bound of the account's cases, from the answer's multipliers."""
    s, cases = program.structure, netting_cases(program)
    y = _by_case(answer.vectors.get("y"), len(cases), s.A.shape[0])
    cap_y = _by_case(answer.vectors.get("cap_y"), len(cases), len(s.caps))
    if y is None:
        return Bound(value=None)
    bounds = []
    for number_, case in enumerate(cases):
        caps = None if cap_y is None else cap_y[number_]
        certificate = certified(case, y[number_], caps)
        value = number(program.scale * certificate.bound)
        if value is None:
            return Bound(value=None)
        wider = slack(case, value, certificate.y, certificate.cap_y)
        bounds.append(Bound(value=value, slack=wider))
    return min(bounds, key=lambda bound: bound.value or 0.0)


def _by_case(found: Vector | None, cases: int, size: int) -> Vector | None:
    """Multipliers of every case ``(cases, size)``; those of one serve all."""
    if found is None or found.shape not in ((size,), (cases, size)):
        return None
    return np.broadcast_to(found, (cases, size))


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


def _gaps(found: _Found) -> dict[str, Value]:
    value, bound = found.value, found.bound.value
    out: dict[str, Value] = {}
    if bound is not None:
        out["gap"] = (value - bound) / max(abs(value), 1e-10)
        out["bound_te_bp"] = found.ruler(bound)
    claimed = number(found.answer.bound)
    if claimed is not None and claimed <= value + found.room and _proves(found.answer):
        out["bound_search"] = min(claimed, value)
    return out


def _proves(answer: Answer) -> bool:
    return answer.exactness in ("exact", RELAXATION, "")


def _outcome(
    found: _Found, accepted: Accepted, columns: dict[str, Value], task: Task
) -> tuple[Outcome, str]:
    """The first that holds; what is odd but no lie is said in the message."""
    answer, value, bound = found.answer, found.value, found.bound.value
    claimed = number(answer.bound)
    if bound is not None and bound > value + found.room:
        said = f"certificate {bound:.9g} above its own portfolio {value:.9g}"
        return Outcome.HARNESS_ERROR, said
    if claimed is not None and _proves(answer) and claimed > value + found.room:
        return Outcome.WRONG_BOUND, (
            f"claims that nothing is below {claimed:.6g}, its own portfolio is at {value:.6g}"
        )
    if found.heard.lie:
        return Outcome.WRONG_BOUND, found.heard.lie
    near = passing(value if bound is None else bound, value)
    message = "; ".join(one for one in (answer.message, near, found.heard.void) if one)
    if accepted.repair > 0:
        return Outcome.REPAIRED, message
    gap = columns.get("gap")
    if isinstance(gap, float) and gap <= task.budget.target_gap:
        return Outcome.CERTIFIED_OPTIMAL, message
    return Outcome.VERIFIED_FEASIBLE, message


def _without_portfolio(
    problem: Problem, answer: Answer, columns: dict[str, Value]
) -> Verdict:
    if answer.status == Status.INFEASIBLE:
        proven = proven_infeasible(program_of(problem))
        outcome = Outcome.INFEASIBLE_VERIFIED if proven else Outcome.WRONG_STATUS
        words = "; ".join(proven) or "claims infeasible, which no referee can prove"
        return Verdict(outcome=outcome, message=words, columns=columns)
    if answer.exactness == RELAXATION and columns["bound"] is not None:
        message = f"gives a bound, not a portfolio: {answer.message}"
        return Verdict(outcome=Outcome.UNSUPPORTED, message=message, columns=columns)
    known = answer.status in set(CLAIMS)
    outcome = CLAIMS[Status(answer.status)] if known else Outcome.EXCEPTION
    message = answer.message or f"no portfolio, status {answer.status!r}"
    return Verdict(outcome=outcome, message=message, columns=columns)


def _rejected(answer: Answer, broken: Breaches, columns: dict[str, Value]) -> Verdict:
    worst = max(broken.by_clause, key=lambda name: broken.by_clause[name])
    said = f"breaks {worst} by {broken.by_clause[worst]:.4g}"
    outcome = Outcome.WRONG_FEASIBLE
    if answer.exactness == RELAXATION:
        outcome, said = Outcome.UNSUPPORTED, f"gives a bound, not a portfolio: {said}"
    elif answer.status == Status.NO_SOLUTION:
        outcome, said = Outcome.TIMEOUT_NO_SOLUTION, f"no portfolio: its point {said}"
    return Verdict(outcome=outcome, message=said, columns=columns)
