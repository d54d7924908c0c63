"""A program of no account: residuals, objective and certificate, against what is published."""

import numpy as np

from sma_benchmarks.answer import Answer
from sma_benchmarks.instances.instance import ProgramCase
from sma_benchmarks.judging.verdict import Verdict, differs, number
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import Value
from sma_benchmarks.task import Task
from sma_research.arrays import Vector
from sma_research.program.certificate import certify
from sma_research.program.form import Parameters, Structure, cap_values, objective
from sma_research.program.solution import Termination

FEASIBLE = 1e-5  # largest violation, relative to the numbers of its own row
TERMINATIONS = {
    Termination.TIME_LIMIT: Outcome.TIMEOUT_NO_SOLUTION,
    Termination.ITERATION_LIMIT: Outcome.TIMEOUT_NO_SOLUTION,
    Termination.INTERRUPTED: Outcome.TIMEOUT_NO_SOLUTION,
    Termination.INFEASIBLE: Outcome.WRONG_STATUS,
    Termination.INFEASIBLE_OR_UNBOUNDED: Outcome.WRONG_STATUS,
    Termination.UNBOUNDED: Outcome.WRONG_STATUS,
}


def judge_program(case: ProgramCase, answer: Answer, task: Task) -> Verdict:
    """Outcome and figures of one program's answer.

    Every published program has an optimum, so a claim that it has none is wrong.
    """
    s, d = case.structure, case.parameters
    x = answer.vectors.get("x")
    bound = _bound(s, d, answer)
    columns: dict[str, Value] = {
        "rows": int(s.A.shape[0]), "columns": int(s.A.shape[1]),
        "binaries": int(s.integer.sum()), "nonzeros": int(s.A.nnz), "bound": bound,
    }  # fmt: skip
    if bound is not None and bound > case.upper + _room(case, case.upper):
        message = f"certificate {bound:.9g} above the published {case.upper:.9g}"
        return Verdict(outcome=Outcome.HARNESS_ERROR, message=message, columns=columns)
    if x is None or x.shape != d.q.shape or not np.isfinite(x).all():
        return _without_point(answer, columns)
    violation = _violation(s, d, x)
    columns["breaches"] = f'{{"primal": {violation:.6g}}}'
    if answer.exactness == "relaxation" and violation > FEASIBLE:
        message = f"gives a bound, not a point: violation {violation:.3g}"
        return Verdict(outcome=Outcome.UNSUPPORTED, message=message, columns=columns)
    value = objective(s, d, x)
    columns["objective"] = value
    columns["claim_mismatch"] = differs(answer.objective, value)
    if bound is not None:
        columns["gap"] = (value - bound) / max(abs(value), 1e-10)
    outcome, message = _outcome(case, answer, value, violation, columns, task)
    return Verdict(outcome=outcome, message=message, columns=columns)


def _outcome(
    case: ProgramCase,
    answer: Answer,
    value: float,
    violation: float,
    columns: dict[str, Value],
    task: Task,
) -> tuple[Outcome, str]:
    if violation > FEASIBLE:
        return Outcome.WRONG_FEASIBLE, f"violates a row or bound by {violation:.3g}"
    if value < case.lower - _room(case, case.lower):
        return (
            Outcome.WRONG_FEASIBLE,
            f"value {value:.9g} below the proven bound {case.lower:.9g}",
        )
    claimed = number(answer.bound)
    best = min(value, case.upper)
    if claimed is not None and answer.exactness in ("exact", "relaxation"):
        if claimed > best + _room(case, best):
            return Outcome.WRONG_BOUND, f"claimed bound {claimed:.9g} above {best:.9g}"
        columns["bound_search"] = min(claimed, value)
    gap = columns.get("gap")
    if isinstance(gap, float) and gap <= task.budget.target_gap:
        return Outcome.CERTIFIED_OPTIMAL, answer.message
    return Outcome.VERIFIED_FEASIBLE, answer.message


def _without_point(answer: Answer, columns: dict[str, Value]) -> Verdict:
    if answer.status == "UNSUPPORTED":
        return Verdict(outcome=Outcome.UNSUPPORTED, message=answer.message,
                       columns=columns)  # fmt: skip
    known = {str(t): outcome for t, outcome in TERMINATIONS.items()}
    outcome = known.get(answer.status, Outcome.EXCEPTION)
    message = answer.message or f"no point, status {answer.status!r}"
    return Verdict(outcome=outcome, message=message, columns=columns)


def _bound(s: Structure, d: Parameters, answer: Answer) -> float | None:
    y, cap_y = answer.vectors.get("y"), answer.vectors.get("cap_y")
    if y is None or y.shape != (s.A.shape[0],):
        return None
    if cap_y is not None and cap_y.shape != (len(s.caps),):
        cap_y = None
    point = answer.vectors.get("point", answer.vectors.get("x"))
    return number(certify(s, d, y, cap_y=cap_y, point=point).bound)


def _violation(s: Structure, d: Parameters, x: Vector) -> float:
    r"""Largest violation, each relative to its own numbers; integers absolute.

    A side *b* of a row is missed relative to :math:`1 + |b| + |A||x|`, that of a column,
    a pair or a cap to :math:`1 + |b|`, a cone to :math:`1 + |t| + |z|`.
    """
    rows, terms = s.A @ x, abs(s.A) @ np.abs(x)
    on, column = x[s.on_off.binary] > 0.5, x[s.on_off.column]
    least, most = np.where(on, d.on_lower, 0.0), np.where(on, d.on_upper, 0.0)
    t, z, c = x[s.cones.epigraph], x[s.cones.scale], x[s.cones.column]
    return max(
        _missed(d.row_lower - rows, d.row_lower, terms),
        _missed(rows - d.row_upper, d.row_upper, terms),
        _missed(d.lower - x, d.lower),
        _missed(x - d.upper, d.upper),
        _missed(least - column, least),
        _missed(column - most, most),
        _missed(cap_values(s, d, x) - d.cap_limit, d.cap_limit),
        _missed(np.hypot(2 * c, t - z) - (t + z), np.abs(t) + np.abs(z)),
        float(np.abs(x - np.round(x))[s.integer].max(initial=0.0)),
    )


def _missed(excess: Vector, side: Vector, terms: Vector | float = 0.0) -> float:
    """Largest excess over a side, relative to one more than the numbers at hand."""
    size = 1.0 + np.where(np.isfinite(side), np.abs(side), 0.0) + terms
    return float(np.max(excess / size, initial=0.0))


def _room(case: ProgramCase, value: float) -> float:
    return case.precision * max(abs(value), 1.0) if np.isfinite(value) else 0.0
