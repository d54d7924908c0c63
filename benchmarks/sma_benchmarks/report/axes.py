"""Axes: from figures to places on the paper, with marks at round numbers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS: Final = 7
LEAST_SPAN: Final = 0.02  # of a linear axis, relative to its values
LEAST_RATIO: Final = 4.0  # of a logarithmic one
WITHIN_A_DECADE: Final = (1.0, 2.0, 5.0)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis of a chart."""

    label: str  # with its unit
    low: float
    high: float
    log: bool = False
    whole: bool = False  # marks at whole numbers only

    def share(self, value: float) -> float:
        """Where a value stands between the ends, 0 to 1; outside is moved to an end."""
        held = min(max(value, self.low), self.high)
        if self.log:
            return math.log(held / self.low) / math.log(self.high / self.low)
        return (held - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> Sequence[tuple[float, str]]:
        """Round numbers and their text."""
        found = self._decades() if self.log else self._steps()
        return [(value, f"{value:.10g}") for value in found]

    def _steps(self) -> list[float]:
        rough = (self.high - self.low) / (MOST_TICKS - 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(s * power for s in STEPS if s * power >= rough * (1 - 1e-9))
        step = max(step, 1.0) if self.whole else step
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]

    def _decades(self) -> list[float]:
        first = math.floor(math.log10(self.low))
        last = math.ceil(math.log10(self.high))
        few = last - first <= MOST_TICKS // 2
        multiples = WITHIN_A_DECADE if few else (1.0,)
        every = max(1, math.ceil((last - first) / MOST_TICKS))
        found = [m * 10.0**p for p in range(first, last + 1, every) for m in multiples]
        inside = [v for v in found if self.low * 0.999 <= v <= self.high * 1.001]
        return inside or [self.low, self.high]


def linear(
    label: str, values: Iterable[float], *, zero: bool = True, whole: bool = False
) -> Axis:
    """A linear axis around values, from zero if asked."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    low = min(low, 0.0) if zero else low
    lacking = LEAST_SPAN * max(abs(low), abs(high)) - (high - low)
    room = 0.04 * (high - low) + max(0.5 * lacking, 0.0) or 1.0
    return Axis(label=label, low=low if zero and low == 0 else low - room,
                high=high + room, whole=whole)  # fmt: skip


def logarithmic(label: str, values: Iterable[float], *, floor: float = 1e-6) -> Axis:
    """A logarithmic axis around positive values; smaller than the floor stands there."""
    known = [max(value, floor) for value in values if math.isfinite(value)]
    low, high = min(known, default=0.1), max(known, default=10.0)
    room = max((high / low) ** 0.05, 1.2, (LEAST_RATIO * low / high) ** 0.5)
    return Axis(label=label, low=max(low / room, floor), high=high * room, log=True)
