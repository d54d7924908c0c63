"""What may be called a bound, and what follows where it is above an answer."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import sma_research as sma
from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.formulations.catalog import method
from sma_research.formulations.method import Helper
from sma_research.formulations.tangent_cuts import TangentCuts
from sma_research.judge import Claim, judged
from sma_research.program.backend import Settings
from sma_research.program.registry import load_backend

Stated = Callable[..., sma.Problem]


def program_of(problem: sma.Problem) -> Program:
    return build(problem, Layout(market=problem.market, shape=shape_of(problem)))


@pytest.mark.parametrize("iterations", [10, 20, 30, 40, 60])
def test_a_linear_program_cut_short_proves_nothing(
    stated: Stated, iterations: int
) -> None:
    """The primal simplex comes from above: its value is no bound before the end."""
    problem = stated(max_names=10)
    program = program_of(problem)
    best = sma.solve(problem, "highs", settings=Settings(time_limit_s=30))
    assert best.metrics is not None
    native = {"simplex_strategy": 4, "simplex_iteration_limit": iterations,
              "presolve": "off"}  # fmt: skip
    method = TangentCuts(load_backend("highs"), Helper(load_backend("clarabel")))
    session = method.compile(program.structure, Settings(native=native))
    answer = session.solve(program.parameters)
    found = -np.inf if answer.bound is None else answer.bound
    assert program.scale * found <= best.metrics.objective * (1 + 1e-4)


def claimed(problem: sma.Problem, move: Callable[[Program], Program]) -> Claim:
    """An optimal answer, judged against a program that is moved."""
    program = program_of(problem)
    how = method(
        program.structure, load_backend("clarabel"), polish=load_backend("clarabel")
    )
    solution = how.backend.compile(program.structure, Settings()).solve(
        program.parameters
    )
    assert solution.x is not None
    return Claim(
        program=move(program), solution=solution, method=how,
        solver="clarabel", phases={}, settings=Settings(),
    )  # fmt: skip


def test_a_bound_above_the_portfolio_is_no_success(stated: Stated) -> None:
    """A bridge that adds a constant: the certificate is above what was audited."""

    def raised(program: Program) -> Program:
        d = program.parameters
        return replace(program, parameters=replace(d, r=d.r + 1.0))

    report = judged(claimed(stated(), raised))
    assert report.status is sma.Status.CHECK_FAILED
    assert "one of them is wrong" in report.message


def test_an_honest_answer_stays_one(stated: Stated) -> None:
    report = judged(claimed(stated(), lambda program: program))
    assert report.status is sma.Status.OPTIMAL, report.message
