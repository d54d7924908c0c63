"""The best answer of an account whose tax has several convex cases.

Each case is a program of its own, solved as one (`sides` included) and certified as
one; the account's bound is the least of theirs. A case is not solved where the
multipliers of the one before already prove that it holds nothing better.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sma_research.canonical.build import Program
from sma_research.canonical.netting_cases import certified, netting_cases
from sma_research.explain import explained, proven_infeasible
from sma_research.program.certificate import Certificate
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.form import objective
from sma_research.program.solution import Incumbent, Solution, Termination
from sma_research.report import Report
from sma_research.sides import solve_sides

CLOSE: Final = 1e-6  # relative, by which what a case could add is no improvement
GAP: Final = 1e-4  # relative, within which an answer is as good as its bound


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """The answer of the best case."""

    program: Program
    solution: Solution
    others: tuple[Program, ...] = ()  # the cases that it beats
    certificates: tuple[Certificate, ...] = ()  # of all cases, in their order
    possible: tuple[bool, ...] = ()  # whether a case may have a portfolio


@dataclass(frozen=True, eq=False, kw_only=True)
class Solved:
    """A case that was solved, and when."""

    solution: Solution
    value: float  # of its point, by its own tax: nowhere below the account's
    certificate: Certificate
    after_s: float  # of other cases


def solve_cases(program: Program, session: TimedSession, limit_s: float) -> Answer:
    """Solve the cases, each in an equal share of the time left; keep the best."""
    deadline, cases = Deadline.after(limit_s), netting_cases(program)
    if len(cases) == 1:
        return Answer(program=program, solution=solve_sides(program, session, limit_s))
    solved: dict[int, Solved] = {}
    proven: dict[int, Certificate] = {}
    for number, case in enumerate(cases):
        if solved:
            last = solved[max(solved)]
            found = _carried(case, last)
            if found.bound >= _enough(last):
                proven[number] = found
                continue
        share = max(deadline.left_s, 0.0) / (len(cases) - number)
        spent = sum(one.solution.solve_s for one in solved.values())
        solved[number] = _solved(case, solve_sides(case, session, share), spent)
    return _best(cases, solved, proven, deadline)


def explained_cases(report: Report, answer: Answer, deadline: Deadline) -> Report:
    """`explained`, where only what no case can hold is impossible."""
    return explained(report, answer.program, deadline, others=answer.others)


def _carried(case: Program, other: Solved) -> Certificate:
    """What the multipliers of another case prove of this one."""
    answer = other.solution
    return certified(case, answer.y, answer.cap_y, answer.x)


def _enough(last: Solved) -> float:
    """A bound of another case that leaves this one as it is: answer, bound and gap.

    Where an answer is far from its own bound, as with sides chosen by solving again,
    a case may hold a better one and still a higher bound.
    """
    claimed = last.solution.bound
    proven = last.certificate.bound if claimed is None else claimed
    target = min(max(proven, last.certificate.bound), last.value)
    if last.solution.x is None:
        return np.inf
    return max(target - CLOSE * abs(target), last.value - GAP * abs(last.value))


def _solved(case: Program, answer: Solution, after_s: float) -> Solved:
    s, d = case.structure, case.parameters
    return Solved(
        solution=answer,
        value=np.inf if answer.x is None else objective(s, d, answer.x),
        certificate=certified(case, answer.y, answer.cap_y, answer.x),
        after_s=after_s,
    )


def _best(
    cases: tuple[Program, ...],
    solved: dict[int, Solved],
    proven: dict[int, Certificate],
    deadline: Deadline,
) -> Answer:
    best = min(solved, key=lambda k: solved[k].value)
    possible = tuple(
        k == best or k in proven or not _impossible(case, solved[k].solution, deadline)
        for k, case in enumerate(cases)
    )
    known = [
        proven[k].bound if k in proven else solved[k].solution.bound
        for k in range(len(cases))
        if possible[k]
    ]
    certificates = {k: one.certificate for k, one in solved.items()} | proven
    answer = solved[best].solution
    solution = replace(
        answer,
        bound=min(b for b in known if b is not None) if None not in known else None,
        solve_s=sum(one.solution.solve_s for one in solved.values()),
        incumbents=tuple(_moved(i, best, solved, cases) for i in answer.incumbents),
        counters={
            **answer.counters,
            "netting_case": best + 1.0,
            "netting_solves": float(len(solved)),
        },
    )
    return Answer(
        program=cases[best],
        solution=solution,
        others=tuple(case for k, case in enumerate(cases) if k != best),
        certificates=tuple(certificates[k] for k in range(len(cases))),
        possible=possible,
    )


def _moved(
    incumbent: Incumbent,
    best: int,
    solved: dict[int, Solved],
    cases: tuple[Program, ...],
) -> Incumbent:
    """An incumbent at its time in the account; a case alone bounds nothing."""
    before = [solved[k] for k in solved if k < best]
    whole = len(before) == len(cases) - 1
    bounds = [one.certificate.bound for one in before]
    return replace(
        incumbent,
        elapsed_s=incumbent.elapsed_s + solved[best].after_s,
        bound=min(incumbent.bound, *bounds) if whole else -np.inf,
    )


def _impossible(program: Program, answer: Solution, deadline: Deadline) -> bool:
    """Whether a case is proven to have no portfolio, as with a tax budget."""
    claims = answer.termination in (
        Termination.INFEASIBLE, Termination.INFEASIBLE_OR_UNBOUNDED,
    )  # fmt: skip
    return claims and bool(proven_infeasible(program, deadline))
