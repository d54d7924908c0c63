"""The best answer of an account whose tax has several convex cases.

Each case is a program of its own, solved as one (`sides` included) and certified as
one; the account's bound is the least of theirs.
"""

from dataclasses import dataclass, replace

import numpy as np

from sma_research.canonical.build import Program
from sma_research.canonical.netting_cases import netting_cases
from sma_research.explain import explained, proven_infeasible
from sma_research.program.certificate import Certificate, certify
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.form import objective
from sma_research.program.solution import Solution, Termination
from sma_research.report import Report, Status
from sma_research.sides import solve_sides


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """The answer of the best case."""

    program: Program
    solution: Solution
    others: tuple[Program, ...] = ()  # the cases that it beats
    bounds: tuple[Certificate, ...] = ()  # of these, but for those proven impossible


def solve_cases(program: Program, session: TimedSession, limit_s: float) -> Answer:
    """Solve every case in an equal share of the time that is left; keep the best."""
    deadline, cases = Deadline.after(limit_s), netting_cases(program)
    if len(cases) == 1:
        return Answer(program=program, solution=solve_sides(program, session, limit_s))
    found = []
    for number, case in enumerate(cases):
        share = max(deadline.left_s, 0.0) / (len(cases) - number)
        found.append(solve_sides(case, session, share))
    best = int(np.argmin([_value(program, one) for one in found]))
    others = [k for k in range(len(cases)) if k != best]
    possible = [k for k in others if not _impossible(cases[k], found[k], deadline)]
    bounds = [found[k].bound for k in (best, *possible)]
    known = [bound for bound in bounds if bound is not None]
    solution = replace(
        found[best],
        bound=min(known) if len(known) == len(bounds) else None,
        solve_s=sum(one.solve_s for one in found),
        counters={**found[best].counters, "netting_case": best + 1.0},
    )
    return Answer(
        program=cases[best],
        solution=solution,
        others=tuple(cases[k] for k in others),
        bounds=tuple(_certified(cases[k], found[k]) for k in possible),
    )


def explained_cases(report: Report, answer: Answer, deadline: Deadline) -> Report:
    """`explained`, where only what no case can hold is impossible."""
    report = explained(report, answer.program, deadline)
    if report.status is not Status.INFEASIBLE:
        return report
    if all(proven_infeasible(case, deadline) for case in answer.others):
        return report
    message = f"{report.message}; not proven for every case of the tax"
    return replace(report, status=Status.NUMERICAL, conflict=(), message=message)


def _impossible(program: Program, answer: Solution, deadline: Deadline) -> bool:
    """Whether a case is proven to have no portfolio, as with a tax budget."""
    claims = answer.termination in (
        Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED,
    )  # fmt: skip
    return claims and bool(proven_infeasible(program, deadline))


def _value(program: Program, answer: Solution) -> float:
    """Value of a case's point, by its own tax: nowhere below the account's."""
    if answer.x is None:
        return np.inf
    return objective(program.structure, program.parameters, answer.x)


def _certified(program: Program, answer: Solution) -> Certificate:
    return certify(
        program.structure, program.parameters, answer.y,
        cap_y=answer.cap_y, point=answer.x,
    )  # fmt: skip
