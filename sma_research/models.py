"""Accounts as models of a solver's own, for users who add constraints themselves."""

from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import Layout, labels, shape_of
from sma_research.errors import DataError, SettingError, UnsupportedService
from sma_research.explain import POLISH, explained
from sma_research.fields import require_type
from sma_research.formulations.catalog import method
from sma_research.judge import Claim, judged
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Settings
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.registry import load_backend
from sma_research.report import Report
from sma_research.sides import solve_sides


def build_model(
    problem: Problem, solver: str = "pyomo", settings: Settings | None = None
) -> Any:
    """One account as a readable model of the solver's own, to add constraints to.

    The model's components are named by blocks and assets: ``model.hold["MSFT"]``.
    Columns are percent of account value. A netted tax has a binary, `case`, that says
    which of its two convex functions it is. `solve_model` solves what it has become.

    Raises
    ------
    DataError, SettingError
        An argument of another type.
    UnsupportedService
        The solver builds no models, as ``pyomo`` does.
    """
    require_type("problem", problem, Problem)
    require_type("solver", solver, str)
    require_type("settings", settings, Settings | None, error=SettingError)
    backend = _modeller(solver)
    layout = Layout(market=problem.market, shape=shape_of(problem, switched=True))
    program = build(problem, layout)
    model = backend.build_model(
        program.structure, program.parameters, labels(program.layout)
    )
    model.sma_origin = (program, solver, settings or Settings())
    return model


def solve_model(model: Any, formulation: str | None = None) -> Report:
    """Solve a model of `build_model` with all that was added to it.

    The audit knows the mandate only: it cannot check constraints of the model. Where
    the model's objective was changed, `gap` and `bound` are those of that objective;
    the metrics stay those of the account.

    Raises
    ------
    DataError
        The model does not come from `build_model`, or states what no program can.
    """
    origin = getattr(model, "sma_origin", None)
    if origin is None:
        raise DataError("the model has no account, expected one made by build_model")
    program, solver, settings = origin
    backend = _modeller(solver)
    started = perf_counter()
    structure, parameters = backend.read_model(
        model, program.structure, program.parameters
    )
    how = method(structure, backend, formulation, polish=load_backend(POLISH))
    built = perf_counter()
    session = TimedSession(how.backend, structure, settings)
    compiled = perf_counter()
    deadline = Deadline.after(settings.time_limit_s)
    stated = replace(program, structure=structure, parameters=parameters)
    solution = solve_sides(stated, session, settings.time_limit_s)
    phases = {
        "build": built - started,
        "compile": compiled - built,
        "solve": perf_counter() - compiled,
    }
    if solution.x is not None:
        backend.load_point(model, structure, solution.x)
    claim = Claim(
        program=stated,
        solution=solution,
        method=how,
        solver=solver,
        phases=phases,
        settings=settings,
        edited=_other_objective(program, stated),
    )
    return explained(judged(claim), stated, deadline)


def _other_objective(program: Program, stated: Program) -> bool:
    """Whether a model's objective is no longer that of its account."""
    one, other = program.parameters, stated.parameters
    p = one.q.size
    same = np.array_equal(one.q, other.q[:p]) and one.r == other.r
    return not same or bool(other.q[p:].any())


def _modeller(solver: str) -> Any:
    backend = load_backend(solver)
    if not hasattr(backend, "build_model"):
        raise UnsupportedService(f"{solver} builds no models, expected pyomo")
    return backend
