"""The rows themselves, packed into the page: what a click on a figure shows.

A column that says one thing in every row is sent once, words are sent once each and
counted, numbers with nine digits. Logs are cut to their ends, those of solves that were
not verified first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sma_benchmarks.records import RUNS, Column
from sma_benchmarks.report import formats
from sma_benchmarks.report.pairing import pairing
from sma_benchmarks.report.racing import racing
from sma_benchmarks.report.styles import Style

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

SCORED: Final = (
    Column("group", "text", "-", "how the outcome is scored"),
    Column("verified", "bool", "-", "whether the referee stands behind the answer"),
    Column(
        "regret_bp",
        "float",
        "bp",
        "objective above the best verified one, as tracking error",
    ),
    Column("regret", "float", "-", "objective above the best, relative"),
    Column("best_objective", "float", "value", "best verified of the instance"),
    Column("best_te_bp", "float", "bp", "tracking error of that one"),
    Column("best_bound", "float", "value", "best certified bound of the instance"),
    Column(
        "best_bound_te_bp",
        "float",
        "bp",
        "that as tracking error, by the best portfolio",
    ),
    Column("gap_to_best_bound", "float", "-", "objective above that, relative"),
)
DIGITS: Final = 9
FIRST, LAST = 400, 1400  # characters of a log that are kept
PATHS: Final = re.compile(r"(?:/[\w.+-]+){3,}")
MOST: Final = 700_000  # characters of all logs


def packed(scores: "Scores", styles: Mapping[str, Style], logs: Sequence[Path]) -> dict[
    str, object
]:  # fmt: skip
    """Rows by column, styles and logs, ready for JSON."""
    runs = scores.runs
    columns = [c for c in (*RUNS, *SCORED) if c.name in runs.columns]
    return {
        "rows": len(runs),
        "columns": [
            {"name": c.name, "kind": c.kind, "unit": c.unit, "meaning": c.meaning}
            for c in columns
        ],
        "data": {c.name: _column(runs[c.name], c) for c in columns},
        "styles": {name: asdict(style) for name, style in styles.items()},
        "logs": excerpts(runs, logs),
        "racing": racing(scores),
        "pairs": pairing(scores),
    }


def _column(values: "pd.Series[Any]", column: Column) -> object:
    """``{"one": value}``, ``{"words": [...], "at": [...]}`` or ``{"all": [...]}``."""
    found = [_value(value, column.kind) for value in values]
    distinct = list(dict.fromkeys(found))
    if len(distinct) <= 1:
        return {"one": distinct[0] if distinct else None}
    if column.kind == "text":
        place = {word: i for i, word in enumerate(distinct)}
        return {"words": distinct, "at": [place[word] for word in found]}
    return {"all": found}


def _value(value: object, kind: str) -> object:
    if kind == "text":
        return None if formats.text(value) == formats.NONE else str(value)
    found = formats.number(value)
    if found is None:
        return None
    if kind == "float":
        return float(f"{found:.{DIGITS}g}")
    return bool(found) if kind == "bool" else int(found)


def excerpts(runs: "pd.DataFrame", logs: Sequence[Path]) -> dict[str, str]:
    """The ends of the logs by their hash, unverified solves first, up to a size."""
    named = runs[runs["log_blob"].notna()].sort_values("verified", kind="stable")
    found: dict[str, str] = {}
    total = 0
    for name in dict.fromkeys(str(name) for name in named["log_blob"]):
        paths = [folder / f"{name}.log" for folder in logs]
        path = next((one for one in paths if one.is_file()), None)
        if path is None:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        excerpt = shortened(discreet(text))
        total += len(excerpt)
        if total > MOST:
            break
        found[name] = excerpt
    return found


def discreet(log: str) -> str:
    """A log without the places of the machine: of a long path its last two parts."""
    return PATHS.sub(lambda found: "…/" + "/".join(found[0].split("/")[-2:]), log)


def shortened(log: str) -> str:
    """The first and the last characters of a log."""
    if len(log) <= FIRST + LAST:
        return log
    left_out = len(log) - FIRST - LAST
    return f"{log[:FIRST]}\n… {left_out} characters left out …\n{log[-LAST:]}"
