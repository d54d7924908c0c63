"""Times to target for pairs of methods that a reader chooses."""

from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.report.cases import coverage
from sma_benchmarks.summary import wrong

if TYPE_CHECKING:
    from sma_benchmarks.scores import Scores

TARGETS_BP: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
DIGITS: Final = 6


def pairing(scores: "Scores") -> dict[str, object]:
    """Seconds by target, method and instance: none where the target was not reached.

    ``covered`` has a text for each method, a character for each instance.
    """
    _, _, instances, methods = scores.times()
    lies = wrong(scores, instances, methods)
    covered = coverage(scores, instances, methods)
    return {
        "instances": instances,
        "methods": methods,
        "covered": ["".join(map(str, map(int, mine))) for mine in covered.T],
        "times": {
            f"{target:g}": [
                [_short(one) for one in mine]
                for mine in np.where(lies, np.nan, scores.times(target_bp=target)[0]).T
            ]
            for target in TARGETS_BP
        },
    }


def _short(seconds: float) -> float | None:
    return float(f"{seconds:.{DIGITS}g}") if np.isfinite(seconds) else None
