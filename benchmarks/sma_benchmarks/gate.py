"""May this be merged: correctness always, counters and quality against a baseline.

A baseline is a small JSON file under version control, so that accepting a worse figure
is a change somebody reviews. It holds on any machine: iterations and nodes count only
where solver version, platform and data are the same. Time is not in it: that needs
both sides in one run, see `compare`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sma_benchmarks.best_known import Known, updated
from sma_benchmarks.compare import GROUND, Comparison, compare
from sma_benchmarks.describing import described
from sma_benchmarks.outcome import GROUP, Group, Outcome
from sma_benchmarks.platforms import PLATFORM, placed
from sma_benchmarks.results import frame, records
from sma_benchmarks.scores import Scores
from sma_benchmarks.timing import PAIR, Decision
from sma_research.errors import DataError
from sma_research.io.write import write_text

if TYPE_CHECKING:
    import pandas as pd

PASS, REGRESSION, INCONCLUSIVE, BROKEN, NO_BASELINE = 0, 1, 3, 4, 5
KEPT: Final = (
    *PAIR, *GROUND, "outcome", "te_bp", "objective", "bound", "claim_mismatch",
    "repair_bp", "te_realized_bp", "turnover", "columns", "rows", "binaries", "nonzeros",
    "iterations", "nodes", "stop_reason", "solver_version", "machine_id", PLATFORM,
)  # fmt: skip
UNFIT: Final = {Group.BROKEN, Group.WRONG}  # for a baseline
DECIDED: Final = {
    Decision.PASS: PASS, Decision.REGRESSION: REGRESSION,
    Decision.INCONCLUSIVE: INCONCLUSIVE, Decision.BROKEN: BROKEN,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Exit code and the reasons, one line each."""

    code: int
    reasons: tuple[str, ...]


def gate(
    scores: Scores,
    baseline: "pd.DataFrame | None" = None,
    known: Mapping[str, Known] | None = None,
) -> Gate:
    """The verdict on one run; without a baseline only on its correctness.

    Rows that the baseline does not hold pass with the code of no baseline at best.
    Broken is a run with errors of the harness, and one that contradicts what is known:
    a certified bound above a known portfolio, or a portfolio below a known bound.
    """
    runs = scores.runs
    groups = [GROUP[Outcome(name)] for name in runs["outcome"]]
    broken = [
        *_lines(runs, [g is Group.BROKEN for g in groups]),
        *(updated(known, records(runs)).conflicts if known else ()),
    ]
    if broken or not len(runs):
        return Gate(code=BROKEN, reasons=tuple(broken or ["the run has no rows"]))
    wrong = _lines(runs, [g is Group.WRONG for g in groups])
    failing = (*wrong, *_unproven(runs))
    if baseline is None:
        reasons = (
            *failing,
            *_uncovered(runs),
            "no --baseline is named: only correctness is judged",
        )
        return Gate(code=REGRESSION if failing else PASS, reasons=reasons)
    found = compare(baseline, placed(runs, scores.machines))
    unheld = tuple(_unheld(runs, baseline))
    code = DECIDED[found.decision]
    if failing and code != BROKEN:
        code = REGRESSION
    if unheld and code == PASS:
        code = NO_BASELINE
    parts = (failing, described(found), unheld, _uncovered(runs), [_extent(found)])
    return Gate(code=code, reasons=tuple(line for part in parts for line in part))


def _unheld(runs: "pd.DataFrame", baseline: "pd.DataFrame") -> Iterator[str]:
    """Rows that the baseline knows nothing of."""
    held = set(baseline[list(PAIR)].itertuples(index=False, name=None))
    for pair in runs[list(PAIR)].itertuples(index=False, name=None):
        if pair not in held:
            yield (
                f"{pair[1]} on {pair[0]}, seed {pair[3]}: not in the baseline, so only "
                "its correctness is judged; write the baseline anew"
            )


def _extent(found: Comparison) -> str:
    """What was compared, and what was not."""
    return (
        f"{found.pairs} rows held to the baseline's outcome, tracking error, objective, "
        f"bound and size of program; {found.counted} of them to its iterations and nodes; "
        "none to a time"
    )


def _unproven(runs: "pd.DataFrame") -> Iterator[str]:
    """A run proves something only by verified answers: one at least of every method."""
    covered = runs[runs["group"] != Group.COVERAGE]
    if not covered["verified"].any():
        yield "no row has a verified answer, expected at least one"
        return
    for method, rows in covered.groupby("method"):
        if not rows["verified"].any():
            yield (
                f"{method}: none of its {len(rows)} rows has a verified answer, expected "
                "at least one"
            )


def _uncovered(runs: "pd.DataFrame") -> Iterator[str]:
    """Methods that answered nothing, because nothing was for them."""
    for method, rows in runs.groupby("method"):
        if (rows["group"] == Group.COVERAGE).all():
            first = rows.iloc[0]
            yield f"{method}: not tried, {first['outcome']}: {first['message']}"


def read_baseline(path: Path) -> "pd.DataFrame":
    """Rows of a baseline file.

    Raises
    ------
    DataError
        A file that is no baseline, or one that holds what no baseline may.
    """
    rows = _stored_rows(path)
    try:
        places = [row.get(PLATFORM) or "" for row in rows]
        found = frame(rows).assign(**{PLATFORM: places})
        outcomes = [Outcome(name) for name in found["outcome"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_baseline(path, "its rows are not those of a run") from error
    if not outcomes or found[list(PAIR)].isna().any(axis=None):
        raise _no_baseline(path, "it names no solve, or one only in part")
    _check_fit(found)
    return found


def _stored_rows(path: Path) -> "list[dict[str, Any]]":
    """What a file holds under ``rows``."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise _no_baseline(path, f"it is not JSON, see line {error.lineno}") from error
    except UnicodeDecodeError as error:
        raise _no_baseline(path, "it is not JSON, nor any text") from error
    except OSError as error:
        raise _no_baseline(path, f"it cannot be read: {error.strerror}") from error
    rows = content.get("rows") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise _no_baseline(path, "it has no list of rows")
    return rows


def _no_baseline(path: Path, found: str) -> DataError:
    return DataError(
        f"{path} is no baseline: {found}; expected a file that "
        "`sma bench gate DIR --write-baseline FILE --reason WHY` wrote"
    )


def write_baseline(path: Path, scores: Scores, reason: str) -> None:
    """Write the rows a later run is held to, and why they are as they are.

    Raises
    ------
    DataError
        A row that is an error of the harness, or a wrong answer, or a file that cannot
        be written.
    """
    _check_fit(scores.runs)
    runs = placed(scores.runs, scores.machines)
    kept = runs[list(KEPT)].sort_values(list(PAIR))
    rows = json.loads(kept.to_json(orient="records", double_precision=15))
    text = json.dumps({"reason": reason, "rows": rows}, indent=1)
    write_text(path, text + "\n")


def _check_fit(runs: "pd.DataFrame") -> None:
    unfit = _lines(runs, [GROUP[Outcome(name)] in UNFIT for name in runs["outcome"]])
    if unfit:
        raise DataError(f"{unfit[0]}; expected no such row in a baseline")


def _lines(runs: "pd.DataFrame", chosen: list[bool]) -> list[str]:
    rows = runs[chosen]
    return [
        f"{row.method} on {row.instance}, seed {row.seed}: {row.outcome}: {row.message}"
        for row in rows.itertuples()
    ]
