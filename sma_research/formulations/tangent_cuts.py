"""Convex and integer programs by linear ones: cut, solve, cut again.

For continuous programs this is Kelley's method (`cutting_linear`). With integers
its linear program becomes the master of an outer approximation (`cutting_masters`).
Tangents of switched squares are perspective ones (`tangents`): Frangioni and
Gentile, Math. Program. 106 (2006).
"""

from dataclasses import replace
from time import perf_counter
from typing import Final, final

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.cutting_linear import linear_phase
from sma_research.formulations.cutting_masters import integer_phase
from sma_research.formulations.cutting_search import LIMITS, Cutting, Search
from sma_research.formulations.cutting_start import begin
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.switches import limits_of
from sma_research.formulations.tangents import outer
from sma_research.program.backend import (
    Availability,
    Backend,
    BackendInfo,
    Observer,
    Service,
    Settings,
    refuse,
)
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.solution import Solution, Termination

INFO: Final = FormulationInfo(
    name="tangent_cuts",
    exactness=Exactness.EXACT,
    summary="squares held up by tangents, the first where a continuous backend says; "
    "LP and MILP engines prove QP, QCP and MIQP",
)
CONTRADICTION: Final = 1e-4  # relative, of a bound above the answer


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
        """Solve for one cutting."""
        refuse(self._info, Service.PRIMAL_START, start)
        s, d = self._structure, parameters
        limits = limits_of(s, d) if s.on_off.size else None
        around = outer(s, d.cap_linear, limits)
        cutting = Cutting(
            structure=s, parameters=d, around=around, program=around.forward(d),
            inner=self._inner, polish=self._polish,
        )  # fmt: skip
        search = Search(began=perf_counter(), settings=self._settings, observe=observe)
        begin(cutting, search)
        if not search.over():
            linear_phase(cutting, search)
        if s.integer.any() and search.stopped is None:
            integer_phase(cutting, search)
        return _solution(search)


def _solution(search: Search) -> Solution:
    found = search.x is not None
    return Solution(
        termination=_ended(search),
        native_status=_status(search, _ended(search)),
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


def _status(search: Search, ended: Termination) -> str:
    """The engine's last word where it is the reason, else how far the search came."""
    begun = f", from a point of {search.helper}" if search.helper else ""
    if ended not in LIMITS | {Termination.FEASIBLE}:
        return f"{search.status}{begun}"
    linear, masters = (
        int(search.counters.get(name, 0))
        for name in ("linear_programs", "integer_masters")
    )
    return f"after {linear} linear and {masters} integer programs{begun}"


def _ended(search: Search) -> Termination:
    """How the search ended; a bound above the answer says that one of them is wrong."""
    if search.x is None or search.gap > search.settings.relative_gap:
        return search.stopped or Termination.FEASIBLE
    wrong = search.gap < -max(CONTRADICTION, search.settings.relative_gap)
    return Termination.NUMERICAL_ERROR if wrong else Termination.OPTIMAL


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
        helped = "" if polish is None else f", {polish.info.name}"
        self.info = widened(
            replace(inner.info, name=f"{inner.info.name}{helped}"),
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
        """Remember the structure; the linear program is built with the cutting."""
        if structure.integer.any() and ProblemClass.MIQP not in self.info.solves:
            raise UnsupportedProgram(
                f"{INFO.name} of a program with integers needs a MILP backend and one "
                "to polish with"
            )
        return CuttingSession(structure, settings, self._inner, self._polish, self.info)
