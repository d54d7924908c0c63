r"""The best of the bounds that a search finds on its way, and of those between them.

A certificate is concave in its multipliers, so that between those of two answers there
may be some that prove more than either. Along a segment the best are found by golden
section; every bound tried is valid, so that an inexact end costs nothing but tightness.
"""

from dataclasses import dataclass, field
from typing import Final

from sma_research.program.apart import Apart
from sma_research.program.certificate import Certificate, certify
from sma_research.program.form import Parameters, Structure
from sma_research.program.solution import Solution

STEPS: Final = 8  # bounds tried along a segment
GOLDEN: Final = (5.0**0.5 - 1.0) / 2.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Proofs:
    """Certificates of one program, the highest bound last."""

    structure: Structure
    parameters: Parameters
    apart: Apart | None
    found: list[Certificate] = field(default_factory=list)

    @property
    def best(self) -> Certificate | None:
        """The highest bound so far."""
        return self.found[-1] if self.found else None

    def add(self, answer: Solution) -> None:
        """Keep what the multipliers of an answer prove, alone or with the best."""
        if answer.y is None:
            return
        new, best = self._proof(answer), self.best
        if best is not None:
            new = max(best, new, self._between(best, new), key=lambda one: one.bound)
        self.found.append(new)

    def _proof(self, answer: Solution | Certificate) -> Certificate:
        return certify(
            self.structure, self.parameters, answer.y, cap_y=answer.cap_y,
            apart=self.apart,
        )  # fmt: skip

    def _between(self, one: Certificate, other: Certificate) -> Certificate:
        """The best of some certificates along a segment."""

        def at(share: float) -> Certificate:
            y = (1.0 - share) * one.y + share * other.y
            cap_y = (1.0 - share) * one.cap_y + share * other.cap_y
            return certify(
                self.structure, self.parameters, y, cap_y=cap_y, apart=self.apart
            )

        low, high = 0.0, 1.0
        left, right = at(1.0 - GOLDEN), at(GOLDEN)
        for _ in range(STEPS - 2):
            if left.bound < right.bound:
                low, left = high - GOLDEN * (high - low), right
                right = at(low + GOLDEN * (high - low))
            else:
                high, right = low + GOLDEN * (high - low), left
                left = at(high - GOLDEN * (high - low))
        return max(left, right, key=lambda found: found.bound)
