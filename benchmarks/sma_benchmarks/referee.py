"""Judges what a process handed over; never trusts it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sma_benchmarks.answer import Answer
from sma_benchmarks.instances.instance import (
    AccountCase,
    BookCase,
    Instance,
    ProgramCase,
)
from sma_benchmarks.judging.account import judge_account
from sma_benchmarks.judging.book import judge_book
from sma_benchmarks.judging.path import judge_path
from sma_benchmarks.judging.program import judge_program
from sma_benchmarks.judging.verdict import Verdict
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import LONGEST, Value
from sma_benchmarks.task import Task
from sma_research.errors import DataError

if TYPE_CHECKING:
    from sma_benchmarks.isolation import Ended

PHASES = ("build", "compile", "solve", "recover", "audit")
COUNTERS = ("iterations", "nodes", "cuts")


def judge(instance: Instance, task: Task, ended: "Ended") -> Verdict:
    """Outcome and figures of one ended process.

    What the process failed to hand over is judged by how it ended; what it handed
    over, by the instance alone.
    """
    if ended.answer is None:
        outcome = ended.outcome_hint or Outcome.EXCEPTION
        return _shortened(Verdict(outcome=outcome, message=ended.message))
    try:
        verdict = judge_answer(instance, task, ended.answer, ended.wall_s)
    except DataError as error:
        verdict = Verdict(outcome=Outcome.EXCEPTION, message=str(error))
    if ended.outcome_hint is not None:
        verdict = replace(verdict, outcome=ended.outcome_hint, message=ended.message)
    columns = {**_claims(ended.answer), **verdict.columns}
    return _shortened(replace(verdict, columns=columns))


def judge_answer(
    instance: Instance, task: Task, answer: Answer, wall_s: float
) -> Verdict:
    """Outcome and figures of an answer, from the instance and its vectors alone.

    Raises
    ------
    DataError
        Vectors that do not fit the instance.
    """
    case = instance.case
    if isinstance(case, AccountCase):
        return judge_account(case, answer, task, wall_s=wall_s)
    if isinstance(case, ProgramCase):
        return judge_program(case, answer, task)
    if isinstance(case, BookCase):
        return judge_book(case, answer, wall_s=wall_s)
    return judge_path(case, answer, task)


def _claims(answer: Answer) -> dict[str, Value]:
    """What was claimed, kept apart from what was found."""
    phases = {f"{name}_s": answer.phases.get(name) for name in PHASES}
    counters = {name: answer.counters.get(name) for name in COUNTERS}
    return {
        "status_claimed": answer.status,
        "formulation": answer.formulation or None,
        "exactness": answer.exactness or None,
        "solver_version": answer.solver_version or None,
        "licence": answer.licence or None,
        "objective_claimed": answer.objective,
        "bound_claimed": answer.bound,
        **phases,
        **{k: None if v is None else int(v) for k, v in counters.items()},
    }


def _shortened(verdict: Verdict) -> Verdict:
    return replace(verdict, message=verdict.message[:LONGEST])
