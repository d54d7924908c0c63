"""From a set of names to its best weights, and from those to better sets of names.

Multipliers of an answer price every name (`pair_costs`); while another set of well
priced names gives a better answer, there is another answer.

Source of the pricing rule: Lagrangian heuristics, Beasley, "Lagrangian relaxation",
in Reeves (ed.), Modern Heuristic Techniques (1993).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.formulations.name_sets import (
    exchanges,
    fitting,
    liked,
    name_limits,
    smaller_sets,
)
from sma_research.formulations.reshape import take_out
from sma_research.program.backend import Backend, Settings
from sma_research.program.certificate import Certificate, certify, pair_costs
from sma_research.program.deadline import Deadline
from sma_research.program.form import Parameters, Structure
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution, Termination

ROUNDS: Final = 24  # improvements of the set of names
SEEN: Final = 0.05  # of a binary in a relaxation, that its pair counts as wanted


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
    deadline: Deadline

    def polished(self, held: Mask) -> Polished | None:
        """Best weights when exactly these pairs are on.

        None if there are none, or no time is left to find them.
        """
        if self.deadline.passed:
            return None
        s, d = self.structure, self.parameters
        z, j = s.on_off.binary, s.on_off.column
        fixed = np.zeros(s.integer.size, dtype=np.bool_)
        values = np.zeros(s.integer.size)
        fixed[z], values[z] = True, held
        fixed[j[~held]] = True
        reduced = take_out(s, d, fixed, values)
        if not reduced.consistent:
            return None
        settings = self.deadline.within(self.settings)
        session = self.polish.compile(reduced.structure, settings)
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

    def liking(self, x: Vector, y: Vector, cap_y: Vector | None) -> Vector:
        """How much an answer would gain from each pair, others kept ``(c,)``."""
        return -pair_costs(self.structure, self.parameters, y, cap_y=cap_y, point=x)

    def first(self, relaxation: Solution) -> Polished | None:
        """Weights of the first set of names that can be held."""
        s, d, x = self.structure, self.parameters, relaxation.x
        if x is None:
            return None
        shown = x[s.on_off.binary] + 1e-9 * x[s.on_off.column]
        least, most = name_limits(s, d)
        # A name costs at least its smallest position: hold those that are worth it.
        worth = int((x[s.on_off.column] >= 0.5 * d.on_lower).sum())
        found = self.polished(liked(s, d, shown, min(max(worth, least), most)))
        if found is not None:
            return found
        seen = np.where(shown >= SEEN, shown, -np.inf)
        full = fitting(s, d, seen, most)
        # Smallest positions alone leave no weight to move: one name less does.
        loose = fitting(s, d, seen, int(full.sum()) - 1)
        for held in (full, loose, *smaller_sets(s, d, shown)):
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
        if relaxation.x is not None and relaxation.y is not None:
            liking = self.liking(relaxation.x, relaxation.y, relaxation.cap_y)
            _, most = name_limits(self.structure, self.parameters)
            held = liked(self.structure, self.parameters, liking, most)
            current = self._better([held], current) or current
            yield current
        for _ in range(ROUNDS):
            liking = self.liking(current.x, current.y, current.cap_y)
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
