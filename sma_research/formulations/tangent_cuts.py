"""Convex and integer programs by linear ones: cut, solve, cut again.

For continuous programs this is Kelley's method, and its value is a bound at any
time. With integers the linear program is the master of an outer approximation:
each master answer gives a set of names, an exact solve gives its weights, and both
points add tangents until the bound meets the best answer.

Sources: Kelley, J. SIAM 8 (1960); Duran and Grossmann, Math. Program. 36 (1986);
perspective tangents: Frangioni and Gentile, Math. Program. 106 (2006).
"""

from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Final, final

import numpy as np
from scipy.sparse import vstack

from sma_research.arrays import Matrix, Vector, sparse
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.reshape import grow, take_out
from sma_research.formulations.switches import limits_of
from sma_research.formulations.tangents import Outer, outer
from sma_research.program.backend import (
    Availability,
    Backend,
    BackendInfo,
    CutSession,
    Observer,
    Service,
    Settings,
    refuse,
)
from sma_research.program.form import Parameters, ProblemClass, Structure, cap_values
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Incumbent, Solution, Termination

INFO: Final = FormulationInfo(
    name="tangent_cuts",
    exactness=Exactness.EXACT,
    summary="squares held up by tangents; LP and MILP engines solve QP, QCP and MIQP",
)
ROUNDS: Final = 500  # linear programs at most
ROOT_ROUNDS: Final = 60  # of them before integers enter
CLOSEST: Final = 1e-9  # relative gap that linear programs can reach
SHORT: Final = 1e-10  # squares short of this are not cut, in units of the objective
FIRST_GAP: Final = 0.02  # of the first integer master


@dataclass(eq=False, kw_only=True)
class Search:
    """What one account's search has found so far."""

    began: float
    settings: Settings
    observe: Observer | None
    bound: float = -np.inf
    objective: float = np.inf
    x: Vector | None = None  # (p,) best point
    y: Vector | None = None  # (r,) of the best linear relaxation
    cap_y: Vector | None = None  # (g,)
    stopped: Termination | None = None
    status: str = ""
    counters: dict[str, float] = field(default_factory=dict)
    incumbents: list[Incumbent] = field(default_factory=list)

    @property
    def gap(self) -> float:
        """Relative distance of bound and best answer."""
        return (self.objective - self.bound) / max(abs(self.objective), 1e-10)

    @property
    def left_s(self) -> float:
        """Seconds left."""
        return self.settings.time_limit_s - (perf_counter() - self.began)

    def count(self, what: str, amount: float = 1.0) -> None:
        """Add to a counter."""
        self.counters[what] = self.counters.get(what, 0.0) + amount

    def offer(self, x: Vector, objective: float) -> None:
        """Keep a feasible point if it is the best so far."""
        if objective >= self.objective:
            return
        self.x, self.objective = x, objective
        elapsed = perf_counter() - self.began
        seen = Incumbent(elapsed_s=elapsed, objective=objective, bound=self.bound)
        self.incumbents.append(seen)
        if self.observe is not None and not self.observe(seen):
            self.stopped = Termination.INTERRUPTED

    def over(self) -> bool:
        """Whether a limit, or the observer, ends the search."""
        if self.left_s <= 0:
            self.stopped = Termination.TIME_LIMIT
        return self.stopped is not None


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """One account's convex program and the linear program around it."""

    structure: Structure
    parameters: Parameters
    around: Outer
    program: Parameters  # of the linear program
    inner: Backend
    polish: Backend | None
    rows: list[tuple[Matrix, Vector]] = field(default_factory=list)  # all tangents

    def tangents(self, x: Vector, *, near: bool = True) -> tuple[Matrix, Vector] | None:
        """Tangents at a point, kept: those it misses, or all of them."""
        squares = self.around.squares
        short = squares.missing(x) > SHORT
        which = np.flatnonzero(short if near else np.ones_like(short))
        if not which.size:
            return None
        cut = squares.tangents(x, which, x.size)
        self.rows.append(cut)
        return cut

    def value(self, lifted: Vector) -> float:
        """Objective of a lifted point: linear in it."""
        return float(self.program.q @ lifted + self.program.r)

    def holds(self, x: Vector) -> bool:
        """Whether a point of the convex program is within the caps."""
        over = (
            cap_values(self.structure, self.parameters, x) - self.parameters.cap_limit
        )
        return bool(np.all(over <= 1e-6 * np.maximum(1.0, self.parameters.cap_limit)))


def linear_phase(account: Account, search: Search) -> None:
    """Cut the linear relaxation until it is as good as the convex one."""
    whole = not account.structure.integer.any()
    session = _linear_session(account, search)
    close = max(0.2 * search.settings.relative_gap, CLOSEST if whole else 1e-5)
    best, centre = np.inf, np.zeros(0)
    for _ in range(ROUNDS if whole else ROOT_ROUNDS):
        if search.over():
            return
        answer = session.solve(account.program)
        x = _noted(account, search, answer)
        if x is None:
            return
        lifted = account.around.lifted(x)
        value = account.value(lifted)
        if value < best:
            best, centre = value, lifted
            _offer(account, search, lifted, value)
        if best - search.bound <= close * abs(best):
            return
        # Cutting halfway to the best point keeps free columns from swinging.
        missed = account.tangents(x)
        if missed is None:
            return
        between = account.tangents(0.5 * (x + centre), near=False)
        for rows, lower in filter(None, (missed, between)):
            session.add_rows(rows, lower, np.full(lower.size, np.inf))
    # A master with integers can start from any tangents: only the whole stops here.
    search.stopped = Termination.ITERATION_LIMIT if whole else None


def _linear_session(account: Account, search: Search) -> CutSession:
    linear = account.around.structure
    structure = replace(linear, integer=np.zeros_like(linear.integer))
    session = account.inner.compile(structure, search.settings)
    if not isinstance(session, CutSession):
        raise UnsupportedProgram(f"{account.inner.info.name} cannot {Service.CUTS}")
    return session


def _noted(account: Account, search: Search, answer: Solution) -> Vector | None:
    """Keep what one linear program proves; its point, or stop the search."""
    search.count("linear_programs")
    search.count("iterations", answer.iterations or 0)
    search.status = answer.native_status
    if answer.x is None or answer.objective is None:
        search.stopped = answer.termination
        return None
    if answer.objective > search.bound:
        search.bound = answer.objective
        _keep_multipliers(account, search, answer)
    return answer.x


def _offer(account: Account, search: Search, lifted: Vector, value: float) -> None:
    s = account.structure
    point = lifted[: s.integer.size]
    if not s.integer.any() and account.holds(point):
        search.offer(point, value)


def _keep_multipliers(account: Account, search: Search, answer: Solution) -> None:
    if answer.y is not None:
        search.y = answer.y[: account.structure.A.shape[0]]
        search.cap_y = np.clip(answer.y[account.around.cap_rows], 0.0, None)


def integer_phase(account: Account, search: Search) -> None:
    """Masters with integers, each giving a bound, names, and further tangents."""
    goal = search.settings.relative_gap
    gap = max(FIRST_GAP, goal)
    for _ in range(ROUNDS):
        if search.over():
            return
        answer = _master(account, search, gap)
        if answer.bound is not None:
            search.bound = max(search.bound, answer.bound)
        if answer.x is None:
            search.stopped = answer.termination
            return
        before = search.objective
        polished = _polished(account, search, answer.x)
        if search.gap <= goal:
            return
        cut = account.tangents(answer.x)
        if polished is not None:
            account.tangents(account.around.full(polished), near=False)
        stalled = cut is None or search.objective >= before
        gap = max(gap / 4, 0.25 * goal) if stalled else gap
        if cut is None and gap <= 0.25 * goal and search.objective >= before:
            return
    search.stopped = Termination.ITERATION_LIMIT


def _master(account: Account, search: Search, gap: float) -> Solution:
    """One mixed-integer linear program over all tangents so far."""
    none = np.zeros(0)
    lower = np.concatenate([none, *(low for _, low in account.rows)])
    rows = [matrix for matrix, _ in account.rows]
    structure = account.around.structure
    if rows:
        structure = grow(structure, rows=("tangent", sparse(vstack(rows))))
    program = replace(
        account.program,
        row_lower=np.append(account.program.row_lower, lower),
        row_upper=np.append(account.program.row_upper, np.full(lower.size, np.inf)),
    )
    settings = replace(
        search.settings, relative_gap=gap, time_limit_s=max(search.left_s, 0.01)
    )
    answer = account.inner.compile(structure, settings).solve(program)
    search.count("integer_masters")
    search.count("nodes", answer.nodes or 0)
    search.status = answer.native_status
    return answer


def _polished(account: Account, search: Search, master: Vector) -> Vector | None:
    """Best point with the master's integers, offered to the search."""
    s, d = account.structure, account.parameters
    fixed, values = s.integer.copy(), np.zeros(s.integer.size)
    values[s.integer] = np.round(master[: s.integer.size][s.integer])
    off = values[s.on_off.binary] < 0.5
    fixed[s.on_off.column[off]] = True
    reduced = take_out(s, d, fixed, values)
    if account.polish is None or not reduced.consistent:
        return None
    session = account.polish.compile(reduced.structure, search.settings)
    answer = session.solve(reduced.parameters)
    search.count("polishes")
    if answer.x is None or answer.termination is not Termination.OPTIMAL:
        return None
    x = reduced.point(answer.x)
    search.offer(x, value_at(s, d, x))
    return x


@final
class CuttingSession:
    """One structure; every account starts from its own few tangents."""

    def __init__(
        self,
        structure: Structure,
        settings: Settings,
        inner: Backend,
        polish: Backend | None,
        info: BackendInfo,
    ) -> None:
        self._structure = structure
        self._settings = settings
        self._inner = inner
        self._polish = polish
        self._info = info

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        refuse(self._info, Service.PRIMAL_START, start)
        s, d = self._structure, parameters
        limits = limits_of(s, d) if s.on_off.size else None
        around = outer(s, d.cap_linear, limits)
        account = Account(
            structure=s, parameters=d, around=around, program=around.forward(d),
            inner=self._inner, polish=self._polish,
        )  # fmt: skip
        search = Search(began=perf_counter(), settings=self._settings, observe=observe)
        linear_phase(account, search)
        if s.integer.any() and search.stopped is None:
            integer_phase(account, search)
        return _solution(search)


def _solution(search: Search) -> Solution:
    close = search.gap <= search.settings.relative_gap
    ended = search.stopped or Termination.FEASIBLE
    found = search.x is not None
    return Solution(
        termination=Termination.OPTIMAL if found and close else ended,
        native_status=search.status,
        x=search.x,
        y=search.y,
        cap_y=search.cap_y,
        objective=search.objective if found else None,
        bound=search.bound if np.isfinite(search.bound) else None,
        solve_s=perf_counter() - search.began,
        iterations=int(search.counters.get("iterations", 0)),
        nodes=int(search.counters.get("nodes", 0)),
        incumbents=tuple(search.incumbents),
        counters=dict(search.counters),
    )


@final
class TangentCuts:
    """Solves convex programs, with integers if the backend has them, by LPs."""

    def __init__(self, inner: Backend, polish: Backend | None = None) -> None:
        if Service.CUTS not in inner.info.services:
            raise UnsupportedProgram(
                f"{INFO.name} needs a backend that can {Service.CUTS}; "
                f"{inner.info.name} cannot"
            )
        self._inner = inner
        self._polish = polish
        integer = {ProblemClass.MIQP, ProblemClass.MIQCP}
        able = ProblemClass.MILP in inner.info.solves and polish is not None
        self.info = widened(
            inner.info,
            INFO.name,
            solves={ProblemClass.QP, ProblemClass.QCP} | (integer if able else set()),
            adds=frozenset({
                Service.ON_OFF, Service.CONES, Service.BOUND, Service.INCUMBENTS,
                Service.INTERRUPT, Service.TIME_LIMIT,
            }),
            drops=frozenset({Service.PRIMAL_START}),
        )  # fmt: skip

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the inner backend."""
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> CuttingSession:
        """Remember the structure; the linear program is built with the account."""
        if structure.integer.any() and ProblemClass.MIQP not in self.info.solves:
            raise UnsupportedProgram(
                f"{INFO.name} of a program with integers needs a MILP backend and one "
                "to polish with"
            )
        return CuttingSession(structure, settings, self._inner, self._polish, self.info)
