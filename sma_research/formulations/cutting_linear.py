"""Kelley's method: solve a linear program, cut where it is too low, solve again.

Its value is a bound at any time, and with integers relaxed it is the root of the
search. Source: Kelley, "The cutting-plane method for solving convex programs",
J. SIAM 8 (1960).
"""

from dataclasses import replace
from typing import Final

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.cutting_search import Cutting, Search
from sma_research.program.backend import CutSession, Service
from sma_research.program.deadline import SHORTEST, Deadline
from sma_research.program.solution import Solution, Termination

ROUNDS: Final = 500  # linear programs at most
ROOT_ROUNDS: Final = 60  # of them before integers enter
ROOT_SHARE: Final = 0.4  # of the time left, likewise
CLOSEST: Final = 1e-9  # relative gap that linear programs can reach


def linear_phase(cutting: Cutting, search: Search) -> None:
    """Cut the linear relaxation until it is as good as the convex one."""
    whole = not cutting.structure.integer.any()
    session = _linear_session(cutting, search)
    deadline = Deadline.after((1.0 if whole else ROOT_SHARE) * search.left_s)
    close = max(0.2 * search.settings.relative_gap, CLOSEST if whole else 1e-5)
    for _ in range(ROUNDS if whole else ROOT_ROUNDS):
        if search.over() or (deadline.passed and search.level < np.inf):
            return
        answer = session.solve(cutting.program)
        x = _noted(cutting, search, answer)
        if x is None:
            return
        lifted = cutting.around.lifted(x)
        value = cutting.value(lifted)
        if value < search.level or search.centre is None:
            search.level, search.centre = value, lifted
            _offer(cutting, search, lifted, value)
        # A master is held up by tangents alone, whatever else is proven.
        proven = search.bound if whole else cutting.value(x)
        if search.level - proven <= close * abs(search.level):
            return
        # Cutting halfway to the best point keeps free columns from swinging.
        missed = cutting.tangents(x)
        if missed is None:
            return
        between = cutting.tangents(0.5 * (x + search.centre), near=False)
        for rows, lower in filter(None, (missed, between)):
            session.add_rows(rows, lower, np.full(lower.size, np.inf))
    # A master with integers can start from any tangents: only the whole stops here.
    search.stopped = Termination.ITERATION_LIMIT if whole else None


def _linear_session(cutting: Cutting, search: Search) -> CutSession:
    linear = cutting.around.structure
    structure = replace(linear, integer=np.zeros_like(linear.integer))
    settings = replace(search.settings, time_limit_s=max(search.left_s, SHORTEST))
    session = cutting.inner.compile(structure, settings)
    if not isinstance(session, CutSession):
        raise UnsupportedProgram(f"{cutting.inner.info.name} cannot {Service.CUTS}")
    for rows, lower in cutting.rows:
        session.add_rows(rows, lower, np.full(lower.size, np.inf))
    return session


def _noted(cutting: Cutting, search: Search, answer: Solution) -> Vector | None:
    """Keep what one linear program proves; its point, or stop the search."""
    search.count("linear_programs")
    search.count("iterations", answer.iterations or 0)
    search.status = answer.native_status
    optimal = answer.termination is Termination.OPTIMAL and answer.x is not None
    # Before its optimum a linear program has a value, but that proves nothing.
    proven = answer.objective if optimal else answer.bound
    if proven is not None:
        search.prove(proven, *_multipliers(cutting, answer))
    if optimal:
        return answer.x
    done = answer.termination is Termination.OPTIMAL
    search.stop(Termination.UNKNOWN if done else answer.termination)
    return None


def _offer(cutting: Cutting, search: Search, lifted: Vector, value: float) -> None:
    s = cutting.structure
    point = lifted[: s.integer.size]
    if not s.integer.any() and cutting.holds(point):
        search.offer(point, value)


def _multipliers(
    cutting: Cutting, answer: Solution
) -> tuple[Vector | None, Vector | None]:
    """Of the rows and of the caps of the convex program."""
    if answer.y is None:
        return None, None
    caps = np.clip(answer.y[cutting.around.cap_rows], 0.0, None)
    return answer.y[: cutting.structure.A.shape[0]], caps
