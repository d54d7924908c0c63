"""What a search by tangents knows: the program around one account, and its answers."""

from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import numpy as np

from sma_research.arrays import Matrix, Vector
from sma_research.formulations.tangents import Outer
from sma_research.program.backend import Backend, Observer, Settings
from sma_research.program.form import Parameters, Structure, cap_values
from sma_research.program.solution import Incumbent, Termination

LIMITS: Final = frozenset({
    Termination.TIME_LIMIT, Termination.ITERATION_LIMIT, Termination.INTERRUPTED,
})  # fmt: skip
SHORT: Final = 1e-10  # squares short of this are not cut, in units of the objective


@dataclass(eq=False, kw_only=True)
class Search:
    """What one account's search has found so far."""

    began: float
    settings: Settings
    observe: Observer | None
    bound: float = -np.inf
    objective: float = np.inf
    level: float = np.inf  # least value of a point of the relaxation
    centre: Vector | None = None  # that point, lifted
    x: Vector | None = None  # (p,) best point
    y: Vector | None = None  # (r,) of the best bound that multipliers prove
    cap_y: Vector | None = None  # (g,)
    stopped: Termination | None = None
    status: str = ""  # the engine's last word
    helper: str = ""  # the backend that gave the first point
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

    def prove(self, bound: float, y: Vector | None, cap_y: Vector | None) -> None:
        """Keep a bound and its multipliers if it is the best so far."""
        if not self.bound < bound < np.inf:
            return
        self.bound = bound
        if y is not None:
            self.y, self.cap_y = y, cap_y

    def stop(self, why: Termination) -> None:
        """End the search; with a point in hand only a limit is a reason to tell."""
        known = self.x is None or why in LIMITS
        self.stopped = why if known else Termination.FEASIBLE

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
class Cutting:
    """One account's convex program and the linear program around it."""

    structure: Structure
    parameters: Parameters
    around: Outer
    program: Parameters  # of the linear program
    inner: Backend
    polish: Backend | None
    rows: list[tuple[Matrix, Vector]] = field(default_factory=list)  # all tangents

    def tangents(self, x: Vector, *, near: bool = True) -> tuple[Matrix, Vector] | None:
        """Tangents at a point, kept: those it misses, or all but those at zero."""
        squares = self.around.squares
        short = squares.missing(x) > SHORT
        which = np.flatnonzero(short if near else x[squares.column] != 0.0)
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
