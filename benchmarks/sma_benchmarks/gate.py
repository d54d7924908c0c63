"""May this be merged: correctness always, counters and quality against a baseline.

A baseline is a small JSON file under version control, so that accepting a worse figure
is a change somebody reviews. Time is not in it: that needs both sides in one run, see
`compare`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sma_benchmarks.compare import Comparison, compare
from sma_benchmarks.outcome import GROUP, Group, Outcome
from sma_benchmarks.results import frame
from sma_benchmarks.scores import Scores
from sma_benchmarks.timing import PAIR, Decision
from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

PASS, REGRESSION, INCONCLUSIVE, BROKEN, NO_BASELINE = 0, 1, 3, 4, 5
KEPT: Final = (
    *PAIR, "outcome", "te_bp", "objective", "columns", "rows", "binaries", "nonzeros",
    "iterations", "nodes", "stop_reason", "solver_version", "machine_id",
)  # fmt: skip
DECIDED: Final = {
    Decision.PASS: PASS, Decision.REGRESSION: REGRESSION,
    Decision.INCONCLUSIVE: INCONCLUSIVE,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Exit code and the reasons, one line each."""

    code: int
    reasons: tuple[str, ...]


def gate(scores: Scores, baseline: "pd.DataFrame | None" = None) -> Gate:
    """The verdict on one run; without a baseline only on its correctness."""
    runs = scores.runs
    groups = [GROUP[Outcome(name)] for name in runs["outcome"]]
    broken = _lines(runs, [g is Group.BROKEN for g in groups])
    if broken or not len(runs):
        return Gate(code=BROKEN, reasons=tuple(broken or ["the run has no rows"]))
    wrong = _lines(runs, [g is Group.WRONG for g in groups])
    if baseline is None:
        return Gate(code=REGRESSION if wrong else PASS, reasons=tuple(wrong))
    found = compare(baseline, runs)
    reasons = (*wrong, *described(found))
    code = REGRESSION if wrong else DECIDED[found.decision]
    return Gate(code=code, reasons=reasons)


def described(found: Comparison) -> tuple[str, ...]:
    """A comparison in lines."""
    worse = [f"tier {d.tier}: {d.where}: {d.text}" for d in found.differences]
    times = [
        f"tier 3: {t.method}: processor time {t.ratio.value:.2f} times "
        f"[{t.ratio.low:.2f}, {t.ratio.high:.2f}] over {t.pairs} pairs, equal runs "
        f"[{t.band.low:.2f}, {t.band.high:.2f}]"
        f"{'' if t.interleaved else ', not interleaved'}: {t.decision}"
        for t in found.times
    ]
    return (*worse, *times, *found.notes)


def read_baseline(path: Path) -> "pd.DataFrame":
    """Rows of a baseline file.

    Raises
    ------
    DataError
        A file that is no baseline.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return frame(content["rows"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is no baseline: {error!r}; write one with "
            "`sma bench gate RESULTS --write-baseline FILE --reason WHY`"
        ) from error


def write_baseline(path: Path, runs: "pd.DataFrame", reason: str) -> None:
    """Write the rows a later run is held to, and why they are as they are."""
    kept = runs[list(KEPT)].sort_values(list(PAIR))
    rows = json.loads(kept.to_json(orient="records"))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"reason": reason, "rows": rows}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _lines(runs: "pd.DataFrame", chosen: list[bool]) -> list[str]:
    rows = runs[chosen]
    return [
        f"{row.method} on {row.instance}, seed {row.seed}: {row.outcome}: {row.message}"
        for row in rows.itertuples()
    ]
