"""An account without a portfolio: proven impossible with its conflict, or not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.sparse import diags_array

from sma_research.arrays import Vector, sparse
from sma_research.canonical.build import Program
from sma_research.canonical.conflict import conflict
from sma_research.canonical.layout import PERCENT
from sma_research.formulations.catalog import method
from sma_research.formulations.round_and_polish import unpaired
from sma_research.program.backend import Settings
from sma_research.program.certificate import certify
from sma_research.program.deadline import Deadline
from sma_research.program.registry import load_backend
from sma_research.report import Report, Status

POLISH: Final = "clarabel"  # solves the continuous programs of LP and MILP engines
LINEAR: Final = "highs"  # finds which limits conflict
PROGRAMS: Final = 32  # looked at, where integers have to be told apart
WHOLE: Final = 1e-6  # nearer to a whole number is one


def explained(
    report: Report,
    program: Program,
    deadline: Deadline,
    *,
    others: Sequence[Program] = (),
) -> Report:
    """A report without a portfolio, INFEASIBLE with its conflict where that is proven.

    A claim of infeasibility that no referee can prove is withdrawn. The account has a
    portfolio where any of its programs has one.
    """
    if report.rebalance is not None or report.status is Status.CHECK_FAILED:
        return report
    words = () if deadline.passed else _impossible([program, *others], deadline)
    if words:
        message = f"no portfolio meets the mandate: {'; '.join(words)}"
        return replace(
            report, status=Status.INFEASIBLE, conflict=words, message=message
        )
    if report.status is not Status.INFEASIBLE:
        return report
    said = f"the solver says infeasible ({report.native_status})"
    if deadline.passed:
        message = f"{said}, no time was left to prove it"
        return replace(report, status=Status.NO_SOLUTION, message=message)
    return replace(report, status=Status.NUMERICAL, message=f"{said}, not proven")


def proven_infeasible(
    program: Program, deadline: Deadline | None = None
) -> tuple[str, ...]:
    """Limits that cannot hold together, in words; empty unless that is proven."""
    return _impossible([program], deadline or Deadline.after(np.inf))


@dataclass(frozen=True, eq=False, kw_only=True)
class Looked:
    """What the relaxation of a program tells."""

    words: tuple[str, ...]  # empty unless it is proven to have no portfolio
    missed: float = np.inf  # of its risk cap, by the least risk; otherwise infinite
    price: float = np.inf  # of its conflict
    point: Vector | None = None  # (p,) where nothing is proven


def _impossible(programs: Sequence[Program], deadline: Deadline) -> tuple[str, ...]:
    """The nearest conflict, if none of some programs has a portfolio.

    A relaxation that proves nothing is divided at an integer outside the on/off pairs
    that is broken in it, such as the case of a netted tax: each side is looked at.
    """
    left, proven = list(reversed(programs)), []
    for _ in range(PROGRAMS):
        program = left.pop()
        found = _looked_at(program, deadline)
        parts = [] if found.words else _divided(program, found.point)
        left += parts
        if found.words:
            proven.append(found)
        if not found.words and not parts:
            return ()
        if not left:
            return min(proven, key=lambda one: (one.missed, one.price)).words
        if deadline.passed:
            return ()
    return ()


def _looked_at(program: Program, deadline: Deadline) -> Looked:
    found = conflict(program, load_backend(LINEAR), deadline.within(Settings()))
    if found.proven:
        return Looked(words=found.words, price=found.price)
    cap = program.problem.account.mandate.tracking_error_cap
    if cap is None or not program.structure.caps or deadline.passed:
        return Looked(words=(), point=found.point)
    bound, point = _least_risk(program, deadline)
    missed = bound - float(program.parameters.cap_limit[0])
    if not missed > 0.0:
        return Looked(words=(), point=point)
    least = float(np.sqrt((PERCENT * cap) ** 2 + missed)) / PERCENT
    words = (
        f"the least tracking error is at least {1e4 * least:.1f} bp, "
        f"tracking_error_cap is {1e4 * cap:.1f} bp",
    )
    return Looked(words=words, missed=missed)


def _divided(program: Program, point: Vector | None) -> list[Program]:
    """Two programs that hold all of one: up to a whole number, and from the next on."""
    loose, d = np.flatnonzero(unpaired(program.structure)), program.parameters
    if point is None or not loose.size:
        return []
    broken = np.abs(point[loose] - np.round(point[loose]))
    column = int(loose[np.argmax(broken)])
    if broken.max() <= WHOLE:
        return []
    lower, upper = d.lower.copy(), d.upper.copy()
    upper[column] = np.floor(point[column])
    lower[column] = upper[column] + 1.0
    return [
        replace(program, parameters=replace(d, upper=upper)),
        replace(program, parameters=replace(d, lower=lower)),
    ]


def _least_risk(program: Program, deadline: Deadline) -> tuple[float, Vector | None]:
    """A certified lower bound of the left side of the risk cap, integers relaxed."""
    s, d = program.structure, program.parameters
    pure = replace(
        d, q=d.cap_linear[0], r=0.0, cap_linear=np.zeros((0, 0)), cap_limit=np.zeros(0)
    )
    bare = replace(
        s, P=sparse(diags_array(2.0 * s.caps[0].square)), caps=(),
        integer=s.integer & ~unpaired(s),
    )  # fmt: skip
    backend = load_backend(POLISH)
    how = method(bare, backend, "perspective+relax" if s.on_off.size else None,
                 polish=backend)  # fmt: skip
    answer = how.backend.compile(bare, deadline.within(Settings())).solve(pure)
    return certify(bare, pure, answer.y, point=answer.x).bound, answer.x
