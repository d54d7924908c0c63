r"""Quality over time, in basis points of tracking error.

An objective *v* stands for the tracking error that it would mean with all else as
in the final answer: :math:`\sqrt{\max(v - o, 0)/\lambda}`, with *o* the tax and cost
part and :math:`\lambda` the risk aversion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    other: float  # tax and cost of the final answer, value per year

    def __call__(self, value: float) -> float:
        """Tracking error in bp that an objective value stands for."""
        return float(1e4 * np.sqrt(max(value - self.other, 0.0) / self.aversion))


@dataclass(frozen=True, kw_only=True)
class Step:
    """The best known at one moment."""

    elapsed_s: float
    te_bp: float | None
    bound_bp: float | None


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


def times(path: list[Step], best_bound_bp: float | None) -> dict[str, Value]:
    """Seconds until within each target of a bound; null where it was not reached."""
    out: dict[str, Value] = dict.fromkeys(TARGETS)
    if best_bound_bp is None:
        return out
    for name, distance in TARGETS.items():
        reached = [
            s.elapsed_s
            for s in path
            if s.te_bp is not None and s.te_bp <= best_bound_bp + distance
        ]
        out[name] = min(reached, default=None)
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


def rows(path: list[Step], events: Iterable[Event], ruler: Ruler, row_id: str) -> list[
    Mapping[str, Value]
]:  # fmt: skip
    """Rows of the table of events: claims as claimed, the end as verified."""
    out: list[Mapping[str, Value]] = []
    for event in events:
        for kind in ("incumbent", "bound"):
            value = event.objective if kind == "incumbent" else event.bound
            if value is not None and np.isfinite(value):
                out.append({
                    "row_id": row_id, "elapsed_s": event.elapsed_s, "kind": kind,
                    "value": value, "te_bp": ruler(value), "verified": False,
                })  # fmt: skip
    end = path[-1]
    for kind, te in (("incumbent", end.te_bp), ("bound", end.bound_bp)):
        if te is not None:
            value = ruler.other + ruler.aversion * (te / 1e4) ** 2
            out.append({
                "row_id": row_id, "elapsed_s": end.elapsed_s, "kind": kind,
                "value": value, "te_bp": te, "verified": True,
            })  # fmt: skip
    return out
