r"""Quality over time, in basis points of tracking error.

An objective *v* stands for the tracking error that it would mean with all else as
in a reference portfolio: :math:`\sqrt{\max(v - o, 0)/\lambda}`, with *o* its tax and
cost part and :math:`\lambda` the risk aversion.

Claims on the way carry no vectors, so they count only while nothing contradicts them:
an incumbent better than the verified end was never there, and one such claim makes all
of the solve's claims worthless. A bound above the verified end is a wrong bound.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import numpy as np

from sma_benchmarks.answer import Event
from sma_benchmarks.records import Value

CAP_BP: Final = 100.0  # a gap above this counts as this, also before any incumbent
TARGETS: Final = MappingProxyType({
    "time_to_10bp": 10.0, "time_to_5bp": 5.0, "time_to_2bp": 2.0,
    "time_to_1bp": 1.0, "time_to_0p5bp": 0.5,
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """From objective values to tracking error in basis points."""

    aversion: float
    other: float  # tax and cost of the reference portfolio, value per year

    def __call__(self, value: float) -> float:
        """Tracking error in bp that an objective value stands for."""
        return float(1e4 * np.sqrt(max(value - self.other, 0.0) / self.aversion))


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was claimed on the way, as far as nothing contradicts it."""

    events: tuple[Event, ...]  # none where any of them is contradicted
    void: str = ""  # why the claims do not count
    lie: str = ""  # a bound above the verified end


@dataclass(frozen=True, kw_only=True)
class Step:
    """The best known at one moment."""

    elapsed_s: float
    te_bp: float | None
    bound_bp: float | None


def heard(events: Sequence[Event], *, value: float, room: float, proves: bool) -> Heard:
    """Claims against the verified end; bounds count only of a method that proves any."""
    for event in events:
        found, bound, when = event.objective, event.bound, event.elapsed_s
        at = f"after {when:.3g} s"
        if proves and bound is not None and np.isfinite(bound) and bound > value + room:
            lie = f"claims {at} that nothing is below {bound:.6g}"
            return Heard(events=(), lie=f"{lie}, its own portfolio is at {value:.6g}")
        if not (np.isfinite(when) and when >= 0.0):
            return Heard(events=(), void=f"claims on the way do not count: one is {at}")
        if found is not None and np.isfinite(found) and found < value - room:
            void = f"claims on the way do not count: {found:.6g} {at}"
            return Heard(events=(), void=f"{void}, the verified end is {value:.6g}")
    if proves:
        return Heard(events=tuple(events))
    return Heard(events=tuple(replace(event, bound=None) for event in events))


def steps(
    events: Iterable[Event], ruler: Ruler, *, wall_s: float, value: float,
    bound: float | None,
) -> list[Step]:  # fmt: skip
    """Best tracking error and bound after every event, the verified end last."""
    best: float | None = None
    low: float | None = None
    out = []
    last = Event(elapsed_s=wall_s, objective=value, bound=bound)
    for event in [*sorted(events, key=lambda e: e.elapsed_s), last]:
        if event.objective is not None and np.isfinite(event.objective):
            claimed = max(event.objective, value)  # none was better than the last
            best = claimed if best is None else min(best, claimed)
        if event.bound is not None and np.isfinite(event.bound):
            low = event.bound if low is None else max(low, event.bound)
        out.append(
            Step(
                elapsed_s=min(event.elapsed_s, wall_s),
                te_bp=None if best is None else ruler(best),
                bound_bp=None if low is None else ruler(low),
            )
        )
    return out


def integral(path: list[Step]) -> float:
    """Primal-dual integral up to the last step: gap in bp, capped, over seconds."""
    start = Step(elapsed_s=0.0, te_bp=None, bound_bp=None)
    total = 0.0
    for now, after in pairwise([start, *path]):
        total += _gap(now) * (after.elapsed_s - now.elapsed_s)
    return total


def _gap(step: Step) -> float:
    if step.te_bp is None:
        return CAP_BP
    return min(max(step.te_bp - (step.bound_bp or 0.0), 0.0), CAP_BP)


def rows(
    events: Iterable[Event], ruler: Ruler, row_id: str, *, end: Event
) -> list[Mapping[str, Value]]:
    """Rows of the table of events: claims as claimed, the end as verified."""
    out: list[Mapping[str, Value]] = []
    for event, verified in [*((e, False) for e in events), (end, True)]:
        for kind in ("incumbent", "bound"):
            value = event.objective if kind == "incumbent" else event.bound
            if value is not None and np.isfinite(value):
                out.append({
                    "row_id": row_id, "elapsed_s": min(event.elapsed_s, end.elapsed_s),
                    "kind": kind, "value": value, "te_bp": ruler(value),
                    "verified": verified,
                })  # fmt: skip
    return out
