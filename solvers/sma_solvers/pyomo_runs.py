"""One run of a solver behind Pyomo, through its newer and its older interface.

Both are told to load nothing and to raise nothing at a limit: left to itself,
Pyomo throws the incumbent away with the exception.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from math import isfinite
from time import perf_counter
from types import MappingProxyType
from typing import Final
from warnings import catch_warnings, simplefilter

import numpy as np
import pyomo.environ as pyo
from pyomo.common.log import LoggingIntercept
from pyomo.contrib.solver.common.factory import SolverFactory
from pyomo.contrib.solver.common.results import SolutionStatus
from pyomo.contrib.solver.solvers.highs import highspy

from sma_research.arrays import Vector
from sma_research.program.backend import Settings
from sma_research.program.solution import Termination
from sma_solvers.pyomo_names import Pyomo

# By the names of both Pyomo enumerations, `contrib.solver` and the older `opt`.
STATUS: Final = MappingProxyType(
    {
        "convergenceCriteriaSatisfied": Termination.OPTIMAL,
        "optimal": Termination.OPTIMAL,
        "globallyOptimal": Termination.OPTIMAL,
        "locallyOptimal": Termination.FEASIBLE,
        "feasible": Termination.FEASIBLE,
        "provenInfeasible": Termination.INFEASIBLE,
        "infeasible": Termination.INFEASIBLE,
        "unbounded": Termination.UNBOUNDED,
        "infeasibleOrUnbounded": Termination.INFEASIBLE_OR_UNBOUNDED,
        "maxTimeLimit": Termination.TIME_LIMIT,
        "iterationLimit": Termination.ITERATION_LIMIT,
        "maxIterations": Termination.ITERATION_LIMIT,
        "maxEvaluations": Termination.ITERATION_LIMIT,
        "interrupted": Termination.INTERRUPTED,
        "userInterrupt": Termination.INTERRUPTED,
        "resourceInterrupt": Termination.INTERRUPTED,
        "error": Termination.NUMERICAL_ERROR,
        "solverFailure": Termination.NUMERICAL_ERROR,
        "internalSolverError": Termination.NUMERICAL_ERROR,
        "minStepLength": Termination.NUMERICAL_ERROR,
        "locallyInfeasible": Termination.UNKNOWN,
        "objectiveLimit": Termination.UNKNOWN,
        "minFunctionValue": Termination.UNKNOWN,
        "licensingProblems": Termination.UNKNOWN,
        "emptyModel": Termination.UNKNOWN,
        "invalidProblem": Termination.UNKNOWN,
        "intermediateNonInteger": Termination.UNKNOWN,
        "noSolution": Termination.UNKNOWN,
        "other": Termination.UNKNOWN,
        "unknown": Termination.UNKNOWN,
    }
)
# What a session never changes in a model that HiGHS has read: do not look.
STEADY: Final = (
    "check_for_new_or_removed_params",
    "check_for_new_objective",
    "update_constraints",
    "update_named_expressions",
    "update_objective",
)
WITH_POINT: Final = frozenset({SolutionStatus.optimal, SolutionStatus.feasible})


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """A model to solve, and what is known before."""

    model: Pyomo
    columns: list[Pyomo]  # the variables asked for
    settings: Settings
    start: Vector | None = None  # (p,)
    is_cold: bool = True  # whether to forget what the last run left behind
    has_duals: bool = False  # whether to ask for multipliers


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What Pyomo reports of one run."""

    condition: str  # a name in `STATUS`
    message: str
    solve_s: float  # inside the solver; with Pyomo's translation where it is older
    point: list[float] | None = None
    duals: Mapping[Pyomo, float] | None = None
    bound: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def make_newer(
    interface: str, settings: Settings, options: Mapping[str, object]
) -> Pyomo:
    """Return a solver of `pyomo.contrib.solver`."""
    solver, limit = SolverFactory(interface), settings.time_limit_s
    solver.config.load_solutions = False
    solver.config.raise_exception_on_nonoptimal_result = False
    solver.config.threads = settings.threads
    solver.config.rel_gap = settings.relative_gap
    solver.config.abs_gap = 0.0
    solver.config.time_limit = limit if isfinite(limit) else None
    solver.config.solver_options = dict(options)
    return solver


def run_highs(solver: Pyomo, question: Question) -> Answer:
    """Run HiGHS, which keeps the model from one run to the next."""
    # The thread count belongs to the process, and the last session set it.
    highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003
    for known in STEADY:
        setattr(solver.config.auto_updates, known, False)
    native, limit = solver._solver_model, question.settings.time_limit_s
    if native is not None and question.is_cold:
        native.clearSolver()
    if native is not None and question.has_duals and isfinite(limit):
        # The clock of LPs and QPs runs on from one account to the next.
        solver.config.time_limit = limit + native.getRunTime()
    answer, native = run_newer(solver, question), solver._solver_model
    return replace(answer, message=native.modelStatusToString(native.getModelStatus()))


def run_scip(solver: Pyomo, question: Question) -> Answer:
    """Run SCIP, which completes the integers of a start by itself."""
    solver.config.warmstart_discrete_vars = question.start is not None
    if question.start is not None:
        for column, value in zip(question.columns, question.start, strict=True):
            column.set_value(float(np.rint(value)), skip_validation=True)
    return run_newer(solver, question)


def run_newer(solver: Pyomo, question: Question) -> Answer:
    """Run a solver of `pyomo.contrib.solver`."""
    results = solver.solve(question.model)
    loader, info = results.solution_loader, results.extra_info
    found = results.solution_status in WITH_POINT
    values = loader.get_vars(question.columns) if found else {}
    return Answer(
        condition=results.termination_condition.name,
        message=results.termination_condition.name,
        solve_s=results.timing_info.timer.get_total_time("optimize"),
        point=[values[column] for column in question.columns] if found else None,
        duals=loader.get_duals() if question.has_duals and found else None,
        bound=results.objective_bound,
        counts={name: int(info[name]) for name in info},
    )


def make_older(
    interface: str, options: Mapping[str, object], *, is_text: bool
) -> Pyomo:
    """Return one of Pyomo's older direct solvers."""
    solver = pyo.SolverFactory(interface)
    for name, value in options.items():
        solver.options[name] = str(value) if is_text else value
    return solver


def run_older(solver: Pyomo, question: Question) -> Answer:
    """Run one of Pyomo's older direct solvers."""
    began = perf_counter()
    results = solver.solve(question.model, load_solutions=False)
    elapsed = perf_counter() - began
    found = len(results.solution) > 0 and len(results.solution(0).variable) > 0
    if found:
        solver.load_vars(question.columns)
    bound = results.problem.lower_bound
    return Answer(
        condition=results.solver.termination_condition.name,
        message=str(results.solver.termination_message),
        solve_s=elapsed,
        point=[column.value for column in question.columns] if found else None,
        bound=bound if isinstance(bound, float) else None,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep licence banners and Pyomo's log off the terminal.

    Only Python's own streams are replaced: a pipe on the descriptor would fill
    while the solver holds the interpreter, and both would wait for ever.
    """
    heard = StringIO()
    with (
        catch_warnings(),
        redirect_stdout(heard),
        redirect_stderr(heard),
        LoggingIntercept(heard, "pyomo"),
    ):
        simplefilter("ignore")
        yield
