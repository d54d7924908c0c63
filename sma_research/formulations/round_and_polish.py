"""Round a relaxation to a set of names, polish its weights, and try better sets.

1. Solve the relaxation; its multipliers certify a bound.
2. Hold the names it likes most, drop the others, solve what is left exactly.
3. Try better sets of names while there are any (`rounding`).
"""

from collections.abc import Mapping
from time import perf_counter
from types import MappingProxyType
from typing import Final, final

from sma_research.arrays import Mask, Vector
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.rounding import Polished, Rounding
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
from sma_research.program.certificate import Certificate, certify
from sma_research.program.deadline import Deadline
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.solution import Incumbent, Solution, Termination

INFO: Final = FormulationInfo(
    name="round_and_polish",
    exactness=Exactness.RESTRICTION,
    summary="names from a relaxation, weights by an exact solve; bound by certificate",
)
ADDS: Final = frozenset({
    Service.ON_OFF, Service.BOUND, Service.TIME_LIMIT, Service.INCUMBENTS,
    Service.INTERRUPT,
})  # fmt: skip
WISHES: Final[Mapping[str, str]] = MappingProxyType({  # by block of columns
    "order": "lot_order",
    "replaced": 'wash_sales="price"',
    "side": "the formulation trade_sides",
    "case": "the formulation netting_switch",
})  # fmt: skip


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
        deadline = Deadline.after(self._settings.time_limit_s)
        relaxation = self._relaxed.solve(parameters)
        if relaxation.x is None:
            return relaxation
        rounding = Rounding(
            structure=self._structure,
            parameters=parameters,
            polish=self._polish,
            settings=self._settings,
            deadline=deadline,
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
            if stopped or close or deadline.passed:
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
                termination=Termination.TIME_LIMIT
                if elapsed >= self._settings.time_limit_s
                else Termination.ITERATION_LIMIT,
                x=None, y=bound.y, cap_y=bound.cap_y,
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
        other = unpaired(structure)
        if other.any():
            raise UnsupportedProgram(
                f"{_wishes(structure, other)} needs {int(other.sum())} integers of "
                f"its own, but {INFO.name} rounds on/off pairs alone; take solver "
                f"highs or pyomo:scip, without {INFO.name}"
            )
        relaxed = self._relaxation.compile(structure, settings)
        return RoundingSession(structure, settings, relaxed, self._polish, self.info)


def unpaired(s: Structure) -> Mask:
    """Integers that switch no column of a pair ``(p,)``."""
    other = s.integer.copy()
    other[s.on_off.binary] = False
    return other


def _wishes(s: Structure, other: Mask) -> str:
    """What the integers stand for, in the words of who asked for it."""
    found = [
        WISHES.get(name, f"the block {name!r}")
        for name, columns in s.columns.items()
        if other[columns].any()
    ]
    return " with ".join(found) or "the program"
