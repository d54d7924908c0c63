"""Round a relaxation to a set of names, polish its weights, and try better sets.

1. Solve the relaxation; its multipliers certify a bound.
2. Hold the names it likes most, drop the others, solve what is left exactly.
3. Multipliers of that answer price every name (`pair_costs`); while another set of
   well priced names gives a better answer, go on.

Source of the pricing rule: Lagrangian heuristics, Beasley, "Lagrangian relaxation",
in Reeves (ed.), Modern Heuristic Techniques (1993).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final, final

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.name_sets import (
    exchanges,
    liked,
    name_limits,
    smaller_sets,
)
from sma_research.formulations.reshape import take_out
from sma_research.program.backend import (
    Availability,
    Backend,
    BackendInfo,
    Observer,
    Service,
    Session,
    Settings,
    refuse,
)
from sma_research.program.certificate import Certificate, certify, pair_costs
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Incumbent, Solution, Termination

INFO: Final = FormulationInfo(
    name="round_and_polish",
    exactness=Exactness.RESTRICTION,
    summary="names from a relaxation, weights by an exact solve; bound by certificate",
)
ROUNDS: Final = 8  # improvements of the set of names
ADDS: Final = frozenset({
    Service.ON_OFF, Service.BOUND, Service.TIME_LIMIT, Service.INCUMBENTS,
    Service.INTERRUPT,
})  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Polished:
    """The best weights of one set of names, and what their multipliers prove."""

    held: Mask  # (c,)
    x: Vector  # (p,)
    y: Vector  # (r,)
    cap_y: Vector | None  # (g,)
    objective: float
    certificate: Certificate


@dataclass(frozen=True, eq=False, kw_only=True)
class Rounding:
    """One account's program, and how its weights are polished."""

    structure: Structure
    parameters: Parameters
    polish: Backend
    settings: Settings

    def polished(self, held: Mask) -> Polished | None:
        """Best weights when exactly these pairs are on, None if there are none."""
        s, d = self.structure, self.parameters
        z, j = s.on_off.binary, s.on_off.column
        fixed = np.zeros(s.integer.size, dtype=np.bool_)
        values = np.zeros(s.integer.size)
        fixed[z], values[z] = True, held
        fixed[j[~held]] = True
        reduced = take_out(s, d, fixed, values)
        if not reduced.consistent:
            return None
        session = self.polish.compile(reduced.structure, self.settings)
        answer = session.solve(reduced.parameters)
        if answer.x is None or answer.termination is not Termination.OPTIMAL:
            return None
        x = reduced.point(answer.x)
        blank = np.zeros(reduced.structure.A.shape[0])
        y = reduced.multipliers(blank if answer.y is None else answer.y)
        return Polished(
            held=held,
            x=x,
            y=y,
            cap_y=answer.cap_y,
            objective=value_at(s, d, x),
            certificate=certify(s, d, y, cap_y=answer.cap_y, point=x),
        )

    def liking(self, y: Vector, cap_y: Vector | None) -> Vector:
        """How much the multipliers would gain from each pair ``(c,)``."""
        return -pair_costs(self.structure, self.parameters, y, cap_y)

    def first(self, relaxation: Solution) -> Polished | None:
        """Weights of the first set of names that can be held."""
        s, d, x = self.structure, self.parameters, relaxation.x
        if x is None:
            return None
        shown = x[s.on_off.binary] + 1e-9 * x[s.on_off.column]
        _, most = name_limits(s, d)
        found = self.polished(liked(s, d, shown, most))
        if found is not None:
            return found
        for held in smaller_sets(s, d, shown):
            found = self.polished(held)
            if found is not None:
                return found
        return None

    def answers(self, relaxation: Solution) -> Iterator[Polished]:
        """Ever better portfolios."""
        current = self.first(relaxation)
        if current is None:
            return
        yield current
        if relaxation.y is not None:
            liking = self.liking(relaxation.y, relaxation.cap_y)
            _, most = name_limits(self.structure, self.parameters)
            held = liked(self.structure, self.parameters, liking, most)
            current = self._better([held], current) or current
            yield current
        for _ in range(ROUNDS):
            liking = self.liking(current.y, current.cap_y)
            sets = exchanges(self.structure, self.parameters, current.held, liking)
            better = self._better(sets, current)
            if better is None:
                return
            current = better
            yield current

    def _better(
        self, sets: Iterator[Mask] | list[Mask], current: Polished
    ) -> Polished | None:
        for held in sets:
            if np.array_equal(held, current.held):
                continue
            found = self.polished(held)
            if found is not None and found.objective < current.objective:
                return found
        return None


@final
class RoundingSession:
    """One compiled relaxation; each account rounds and polishes on its own."""

    def __init__(
        self,
        structure: Structure,
        settings: Settings,
        relaxed: Session,
        polish: Backend,
        info: BackendInfo,
    ) -> None:
        self._structure = structure
        self._settings = settings
        self._relaxed = relaxed
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
        began = perf_counter()
        relaxation = self._relaxed.solve(parameters)
        if relaxation.x is None:
            return relaxation
        rounding = Rounding(
            structure=self._structure,
            parameters=parameters,
            polish=self._polish,
            settings=self._settings,
        )
        best: Polished | None = None
        bound = certify(
            self._structure, parameters, relaxation.y,
            cap_y=relaxation.cap_y, point=relaxation.x,
        )  # fmt: skip
        seen: list[Incumbent] = []
        for best in rounding.answers(relaxation):
            bound = max(bound, best.certificate, key=lambda c: c.bound)
            elapsed = perf_counter() - began
            seen.append(Incumbent(
                elapsed_s=elapsed, objective=best.objective, bound=bound.bound
            ))  # fmt: skip
            stopped = observe is not None and not observe(seen[-1])
            close = bound.gap(best.objective) <= self._settings.relative_gap
            if stopped or close or elapsed > self._settings.time_limit_s:
                break
        return self._solution(relaxation, best, bound, seen, perf_counter() - began)

    def _solution(
        self,
        relaxation: Solution,
        best: Polished | None,
        bound: Certificate,
        seen: list[Incumbent],
        elapsed: float,
    ) -> Solution:
        status = f"relaxation: {relaxation.native_status}"
        counters = {**relaxation.counters, "relaxation_s": relaxation.solve_s}
        if best is None:
            return Solution(
                termination=Termination.UNKNOWN, x=None, y=bound.y, cap_y=bound.cap_y,
                objective=None, bound=bound.bound, counters=counters,
                native_status=f"{status}; no set of names could be held",
                solve_s=elapsed,
            )  # fmt: skip
        done = bound.gap(best.objective) <= self._settings.relative_gap
        return Solution(
            termination=Termination.OPTIMAL if done else Termination.FEASIBLE,
            native_status=status,
            x=best.x,
            y=bound.y,
            cap_y=bound.cap_y,
            objective=best.objective,
            bound=bound.bound,
            solve_s=elapsed,
            iterations=relaxation.iterations,
            incumbents=tuple(seen),
            counters={**counters, "improvements": float(len(seen))},
        )


@final
class RoundAndPolish:
    """A feasible portfolio for programs whose relaxation a backend solves."""

    def __init__(self, relaxation: Backend, polish: Backend) -> None:
        self._relaxation = relaxation
        self._polish = polish
        capped = ProblemClass.QCP in polish.info.solves
        self.info = widened(
            relaxation.info,
            INFO.name,
            solves={ProblemClass.MIQP} | ({ProblemClass.MIQCP} if capped else set()),
            adds=ADDS,
            drops=frozenset({Service.PRIMAL_START}),
        )

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the relaxation's backend."""
        return self._relaxation.probe()

    def compile(self, structure: Structure, settings: Settings) -> RoundingSession:
        """Translate once what accounts share."""
        other = structure.integer.copy()
        other[structure.on_off.binary] = False
        if other.any():
            raise UnsupportedProgram(
                f"{INFO.name} rounds on/off pairs, but {int(other.sum())} integer "
                "columns belong to none; use an exact engine"
            )
        relaxed = self._relaxation.compile(structure, settings)
        return RoundingSession(structure, settings, relaxed, self._polish, self.info)
