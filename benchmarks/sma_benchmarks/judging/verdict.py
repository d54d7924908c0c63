"""What the referee says of a solve: columns of its row, events and periods."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import Value
from sma_research.report import Status

# A claim without a portfolio, and what it amounts to if nothing contradicts it.
CLAIMS = {
    Status.UNSUPPORTED: Outcome.UNSUPPORTED,
    Status.NO_SOLUTION: Outcome.TIMEOUT_NO_SOLUTION,
    Status.NUMERICAL: Outcome.EXCEPTION,
    Status.BAD_INPUT: Outcome.HARNESS_ERROR,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Verdict:
    """Outcome and figures."""

    outcome: Outcome
    message: str = ""
    columns: Mapping[str, Value] = field(default_factory=dict)
    events: tuple[Mapping[str, Value], ...] = ()
    periods: tuple[Mapping[str, Value], ...] = ()


def number(value: float | None) -> float | None:
    """A finite number, or null."""
    return None if value is None or not np.isfinite(value) else float(value)


def differs(claimed: float | None, found: float) -> bool:
    """Whether a claimed objective is another than the recomputed one."""
    if claimed is None:
        return False
    return not abs(claimed - found) <= 1e-6 * max(abs(found), 1e-6)
