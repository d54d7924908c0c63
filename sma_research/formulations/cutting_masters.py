"""Outer approximation: masters with integers name the names, exact solves weigh them.

Each master is a mixed-integer linear program over all tangents so far. It gives a
bound and a set of names; both its point and the best weights of that set add
tangents, until the bound meets the best answer. Source: Duran and Grossmann, "An
outer-approximation algorithm for a class of mixed-integer nonlinear programs",
Math. Program. 36 (1986).
"""

from dataclasses import replace
from typing import Final

import numpy as np
from scipy.sparse import vstack

from sma_research.arrays import Vector, sparse
from sma_research.formulations.cutting_search import LIMITS, Cutting, Search
from sma_research.formulations.reshape import grow, take_out
from sma_research.program.backend import Service
from sma_research.program.deadline import SHORTEST
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution, Termination

ROUNDS: Final = 500  # masters at most
FIRST_GAP: Final = 0.02  # of the first master
RESERVE: Final = 0.1  # of the time left, for the polish after a master
IDLE: Final = 5  # masters at the last gap that may change neither bound nor answer


def integer_phase(cutting: Cutting, search: Search) -> None:
    """Masters with integers, each giving a bound, names, and further tangents."""
    goal = search.settings.relative_gap
    gap, last, idle = max(FIRST_GAP, goal), 0.25 * goal, 0
    for _ in range(ROUNDS):
        if search.over():
            return
        known = search.bound, search.objective
        answer = _master(cutting, search, gap)
        if answer.x is None:
            return
        polished = _polished(cutting, search, answer.x)
        if search.gap <= goal or search.stopped is not None:
            return
        cut = cutting.tangents(answer.x)
        if polished is not None:
            cutting.tangents(cutting.around.full(polished), near=False)
        # Tangents missed by less than the master's tolerance change nothing.
        moved = (search.bound, search.objective) != known
        idle = 0 if moved or gap > last else idle + 1
        stalled = cut is None or search.objective >= known[1]
        gap = max(gap / 4, last) if stalled else gap
        done = cut is None and gap <= last and search.objective >= known[1]
        if done or idle >= IDLE:
            return
    search.stopped = Termination.ITERATION_LIMIT


def _master(cutting: Cutting, search: Search, gap: float) -> Solution:
    """One mixed-integer linear program over all tangents so far."""
    none = np.zeros(0)
    lower = np.concatenate([none, *(low for _, low in cutting.rows)])
    rows = [matrix for matrix, _ in cutting.rows]
    structure = cutting.around.structure
    if rows:
        structure = grow(structure, rows=("tangent", sparse(vstack(rows))))
    program = replace(
        cutting.program,
        row_lower=np.append(cutting.program.row_lower, lower),
        row_upper=np.append(cutting.program.row_upper, np.full(lower.size, np.inf)),
    )
    limit_s = max((1.0 - RESERVE) * search.left_s, SHORTEST)
    settings = replace(search.settings, relative_gap=gap, time_limit_s=limit_s)
    session = cutting.inner.compile(structure, settings)
    answer = session.solve(program, start=_start(cutting, search))
    search.count("integer_masters")
    search.count("nodes", answer.nodes or 0)
    search.status = answer.native_status
    if answer.bound is not None:
        search.prove(answer.bound, None, None)
    if answer.x is None or answer.termination in LIMITS:
        search.stop(answer.termination)
    return answer


def _start(cutting: Cutting, search: Search) -> Vector | None:
    """The best point so far, for masters that can begin with one."""
    able = Service.PRIMAL_START in cutting.inner.info.services
    return cutting.around.full(search.x) if able and search.x is not None else None


def _polished(cutting: Cutting, search: Search, master: Vector) -> Vector | None:
    """Best point with the master's integers, offered to the search."""
    s, d = cutting.structure, cutting.parameters
    fixed, values = s.integer.copy(), np.zeros(s.integer.size)
    values[s.integer] = np.round(master[: s.integer.size][s.integer])
    off = values[s.on_off.binary] < 0.5
    fixed[s.on_off.column[off]] = True
    reduced = take_out(s, d, fixed, values)
    if cutting.polish is None or not reduced.consistent:
        return None
    settings = replace(search.settings, time_limit_s=max(search.left_s, SHORTEST))
    session = cutting.polish.compile(reduced.structure, settings)
    answer = session.solve(reduced.parameters)
    search.count("polishes")
    if answer.x is None or answer.termination is not Termination.OPTIMAL:
        return None
    x = reduced.point(answer.x)
    search.offer(x, value_at(s, d, x))
    return x
