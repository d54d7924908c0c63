"""Sessions keep no secrets, and leave no traces."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np

from sma_research.program.backend import Backend, Settings
from sma_research.program.form import Parameters, ProblemClass
from sma_research.program.solution import Solution
from sma_research.testing import programs
from sma_research.testing.clauses.base import ConformanceError, clause, demand, solve
from sma_research.testing.programs import Case

ACCOUNTS = 5


def _accounts(case: Case) -> Iterator[Parameters]:
    """Accounts of one structure, among them an infeasible and a shifted one."""
    rng = np.random.default_rng(0)
    d = case.parameters
    for turn in range(ACCOUNTS):
        yield replace(d, q=d.q + rng.normal(size=d.q.size), r=float(turn))
        move = rng.uniform(0.0, 0.2, d.q.size)
        yield replace(d, lower=d.lower - move, upper=d.upper + move)
        yield replace(d, row_lower=d.row_upper.copy(), row_upper=d.row_upper + turn)
        if turn == 1:
            yield replace(d, lower=d.upper + 1.0, upper=d.upper + 2.0)


def _same(first: Solution, second: Solution, what: str) -> None:
    demand(
        first.termination is second.termination,
        f"{what}: {first.termination}, then {second.termination}",
    )
    for name in ("x", "y", "cap_y"):
        one, two = getattr(first, name), getattr(second, name)
        demand((one is None) == (two is None), f"{what}: {name} is there once")
        if one is not None and not np.array_equal(one, two):
            gap = float(np.abs(one - two).max())
            raise ConformanceError(f"{what}: {name} differs by {gap}")
    demand(
        first.objective == second.objective,
        f"{what}: objective {first.objective}, then {second.objective}",
    )


@clause("0.1", ProblemClass.QP)
def sessions_keep_no_secrets(backend: Backend) -> None:
    """The k-th account of a session gets the bits a fresh session gives."""
    case = programs.kkt_qp(0)
    session = backend.compile(case.structure, Settings())
    for place, account in enumerate(_accounts(case)):
        again = session.solve(account)
        fresh = backend.compile(case.structure, Settings()).solve(account)
        _same(fresh, again, f"account {place}, fresh and in a session")


@clause("0.1", ProblemClass.LP)
def forgets_an_infeasible_account(backend: Backend) -> None:
    """After an account without a solution the next one is solved as ever."""
    case, broken = programs.kkt_lp(1), programs.kkt_lp(1)
    session = backend.compile(case.structure, Settings())
    first = session.solve(case.parameters)
    d = broken.parameters
    lost = session.solve(
        replace(d, row_lower=d.row_lower + 1e3, row_upper=d.row_lower + 1e3)
    )
    demand(lost.x is None, f"infeasible, but has a point ({lost.termination})")
    _same(first, session.solve(case.parameters), "before and after")


@clause("0.1", ProblemClass.QP)
def repeats_itself(backend: Backend) -> None:
    """Same program, settings and seed: the same bits, session or not."""
    case = programs.kkt_qp(2)
    first, second = (solve(backend, case) for _ in range(2))
    _same(first, second, "two sessions")
    session = backend.compile(case.structure, Settings())
    _same(first, session.solve(case.parameters), "two sessions")
    _same(first, session.solve(case.parameters), "twice in one session")


@clause("0.1", ProblemClass.QP)
def leaves_its_inputs_alone(backend: Backend) -> None:
    """Arrays of a program belong to the caller, before and after the solve."""
    case = programs.kkt_qp(1)
    s, d = case.structure, case.parameters
    vectors = {
        "q": d.q, "row_lower": d.row_lower, "row_upper": d.row_upper,
        "lower": d.lower, "upper": d.upper,
    }  # fmt: skip
    arrays = {"P": s.P.data, "A": s.A.data, **vectors}
    before = {name: array.copy() for name, array in arrays.items()}
    for array in vectors.values():
        array.setflags(write=False)
    solution = solve(backend, case)
    for name, array in arrays.items():
        demand(np.array_equal(before[name], array), f"{name} was changed")
    if solution.x is not None:
        solution.x[:] = 0.0
        demand(np.array_equal(before["q"], d.q), "x shares memory with the program")


@clause("0.1", ProblemClass.QP)
def answers_are_the_callers(backend: Backend) -> None:
    """A solution does not change when its session solves the next account."""
    case = programs.kkt_qp(4)
    session = backend.compile(case.structure, Settings())
    first = session.solve(case.parameters)
    kept = None if first.x is None else first.x.copy()
    session.solve(replace(case.parameters, q=-case.parameters.q))
    demand(
        kept is not None and first.x is not None and np.array_equal(kept, first.x),
        "the first answer changed with the second account",
    )


@clause("0.1", ProblemClass.LP)
def writes_nothing(backend: Backend) -> None:
    """Nothing on stdout or stderr, no file where it runs, no pickle."""
    cases = (programs.dense_hessian(), programs.infeasible(), programs.kkt_lp(0))
    with (
        tempfile.TemporaryDirectory() as folder,
        _without_pickles(),
        _captured() as written,
        chdir(folder),
    ):
        for case in cases:
            if case.structure.problem_class in backend.info.solves:
                solve(backend, case)
        files = [path.name for path in Path(folder).iterdir()]
    demand(not files, f"left files behind: {files}")
    demand(not written, f"wrote to the terminal: {written[:1]}")


@contextmanager
def _captured() -> Iterator[list[str]]:
    """Whatever is written by Python, or by native code to descriptors 1 and 2."""
    written: list[str] = []
    spoken = StringIO()
    with tempfile.TemporaryFile() as sink:
        sys.stdout.flush()
        sys.stderr.flush()
        kept = {number: os.dup(number) for number in (1, 2)}
        for number in kept:
            os.dup2(sink.fileno(), number)
        try:
            with redirect_stdout(spoken), redirect_stderr(spoken):
                yield written
        finally:
            for number, copy in kept.items():
                os.dup2(copy, number)
                os.close(copy)
            sink.seek(0)
            heard = spoken.getvalue() + sink.read().decode(errors="replace")
            written += heard.splitlines()


@contextmanager
def _without_pickles() -> Iterator[None]:
    """Turn every use of the pickle module into an error for a while."""
    module = sys.modules.get("pickle")
    names = ("dump", "dumps", "load", "loads")

    def forbidden(*_: object, **__: object) -> None:
        raise ConformanceError("a solve pickles or unpickles")

    kept = {name: getattr(module, name) for name in names if module}
    try:
        for name in kept:
            setattr(module, name, forbidden)
        yield
    finally:
        for name, function in kept.items():
            setattr(module, name, function)


CHECKS = (
    sessions_keep_no_secrets,
    forgets_an_infeasible_account,
    repeats_itself,
    leaves_its_inputs_alone,
    answers_are_the_callers,
    writes_nothing,
)
