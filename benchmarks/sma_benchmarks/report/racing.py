"""The race of the chooser: draws for its script, and the best of every family."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.race import DRAWS, SAME, counted, race
from sma_benchmarks.report.cases import coverage
from sma_benchmarks.report.enough import FEWEST
from sma_benchmarks.statistics import (
    CONFIDENCE,
    FACTORS,
    Penalty,
    penalised,
)
from sma_benchmarks.summary import wrong

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

ROPE_TIME: Final = 0.05  # a difference of time that nobody would act on, relative
ENOUGH: Final = 0.5  # share of the instances that a method is tried on to take part
ZERO: Final = 48  # a count is sent as the character so far after this one's
COLUMNS: Final = (
    "family", "method", "best", "group", "time_s", "reached", "common",
)  # fmt: skip


def judged(scores: "Scores") -> dict[str, list[tuple[str, str]]]:
    """Instances with a regret in bp and their families: all under "", then by family."""
    rows = scores.runs[scores.runs["regret_bp"].notna()]
    pairs = sorted(set(zip(rows["instance"].astype(str), rows["family"].astype(str),
                           strict=True)))  # fmt: skip
    families = sorted({family for _, family in pairs})
    apart = {name: [pair for pair in pairs if pair[1] == name] for name in families}
    return {"": pairs, **apart} if pairs else {}


def racing(scores: "Scores") -> dict[str, object]:
    """What the script needs to race the methods of any shortlist."""
    return {
        "shift": scores.shift_s,
        "rope": ROPE_TIME,
        "tail": (1 - CONFIDENCE) / 2,
        "same": SAME,
        "late": FACTORS[Penalty.PAR2],
        "enough": ENOUGH,
        "fewest": FEWEST,
        "draws": DRAWS,
        "zero": ZERO,
        "scopes": {
            scope: {
                "instances": [name for name, _ in pairs],
                "counts": _written(counted([family for _, family in pairs])),
            }
            for scope, pairs in judged(scores).items()
        },
    }


def _written(counts: NDArray[np.int64]) -> list[str]:
    """A text for each draw, a character for each instance."""
    return ["".join(chr(ZERO + count) for count in draw) for draw in counts.tolist()]


def by_family(scores: "Scores") -> "pd.DataFrame":
    """Methods that win a draw of their family: `COLUMNS`.

    A method takes part in a family if it was never wrong there and covers enough of its
    instances; those that all of them cover count, and must be `FEWEST` or more.
    """
    import pandas as pd

    times, limits, instances, methods = scores.times()
    lies = wrong(scores, instances, methods)
    covered = coverage(scores, instances, methods)
    charged = penalised(times, limits, Penalty.PAR2, lies)
    place = {name: i for i, name in enumerate(instances)}
    found: list[dict[str, object]] = []
    for family, pairs in judged(scores).items():
        rows = [place[name] for name, _ in pairs if name in place]
        if not family or not rows:
            continue
        enter = (covered[rows].mean(axis=0) >= ENOUGH) & ~lies[rows].any(axis=0)
        common = [i for i in rows if covered[i, enter].all()]
        if not enter.any() or len(common) < FEWEST:
            continue
        names = [
            method for method, inside in zip(methods, enter, strict=True) if inside
        ]
        found += _raced(family, names, times[np.ix_(common, enter)],
                        charged[np.ix_(common, enter)], scores.shift_s)  # fmt: skip
    return pd.DataFrame(found, columns=list(COLUMNS))


def _raced(
    family: str, methods: Sequence[str], times: NDArray[np.float64],
    charged: NDArray[np.float64], shift: float,
) -> list[dict[str, object]]:  # fmt: skip
    counts = counted([family] * len(times))
    ended = race(charged, counts, shift=shift, rope=ROPE_TIME)
    shown = np.flatnonzero(ended.best > 0).tolist()
    return [
        {
            "family": family,
            "method": methods[j],
            "best": float(ended.best[j]),
            "group": int(ended.group[j]),
            "time_s": float(ended.mean[j]),
            "reached": int(np.isfinite(times[:, j]).sum()),
            "common": len(times),
        }
        for j in sorted(shown, key=lambda j: (-ended.best[j], ended.mean[j]))
    ]
