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
from sma_research.program.solution import Solution, Termination

ROUNDS: Final = 500  # linear programs at most
ROOT_ROUNDS: Final = 60  # of them before integers enter
CLOSEST: Final = 1e-9  # relative gap that linear programs can reach


def linear_phase(cutting: Cutting, search: Search) -> None:
    """Cut the linear relaxation until it is as good as the convex one."""
    whole = not cutting.structure.integer.any()
    session = _linear_session(cutting, search)
    close = max(0.2 * search.settings.relative_gap, CLOSEST if whole else 1e-5)
    best, centre = np.inf, np.zeros(0)
    for _ in range(ROUNDS if whole else ROOT_ROUNDS):
        if search.over():
            return
        answer = session.solve(cutting.program)
        x = _noted(cutting, search, answer)
        if x is None:
            return
        lifted = cutting.around.lifted(x)
        value = cutting.value(lifted)
        if value < best:
            best, centre = value, lifted
            _offer(cutting, search, lifted, value)
        if best - search.bound <= close * abs(best):
            return
        # Cutting halfway to the best point keeps free columns from swinging.
        missed = cutting.tangents(x)
        if missed is None:
            return
        between = cutting.tangents(0.5 * (x + centre), near=False)
        for rows, lower in filter(None, (missed, between)):
            session.add_rows(rows, lower, np.full(lower.size, np.inf))
    # A master with integers can start from any tangents: only the whole stops here.
    search.stopped = Termination.ITERATION_LIMIT if whole else None


def _linear_session(cutting: Cutting, search: Search) -> CutSession:
    linear = cutting.around.structure
    structure = replace(linear, integer=np.zeros_like(linear.integer))
    session = cutting.inner.compile(structure, search.settings)
    if not isinstance(session, CutSession):
        raise UnsupportedProgram(f"{cutting.inner.info.name} cannot {Service.CUTS}")
    return session


def _noted(cutting: Cutting, search: Search, answer: Solution) -> Vector | None:
    """Keep what one linear program proves; its point, or stop the search."""
    search.count("linear_programs")
    search.count("iterations", answer.iterations or 0)
    search.status = answer.native_status
    optimal = answer.termination is Termination.OPTIMAL and answer.x is not None
    # Before its optimum a linear program has a value, but that proves nothing.
    proven = answer.objective if optimal else answer.bound
    if proven is not None and proven > search.bound:
        search.bound = proven
        _keep_multipliers(cutting, search, answer)
    if optimal:
        return answer.x
    search.stopped = (
        Termination.UNKNOWN
        if answer.termination is Termination.OPTIMAL
        else answer.termination
    )
    return None


def _offer(cutting: Cutting, search: Search, lifted: Vector, value: float) -> None:
    s = cutting.structure
    point = lifted[: s.integer.size]
    if not s.integer.any() and cutting.holds(point):
        search.offer(point, value)


def _keep_multipliers(cutting: Cutting, search: Search, answer: Solution) -> None:
    if answer.y is not None:
        search.y = answer.y[: cutting.structure.A.shape[0]]
        search.cap_y = np.clip(answer.y[cutting.around.cap_rows], 0.0, None)
