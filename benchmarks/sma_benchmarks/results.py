"""Rows from wherever they were written: a run's folder, or pytest-benchmark's JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sma_benchmarks.records import RUNS
from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.store import Tables

DTYPES: Final = {
    "text": "string",
    "float": "float64",
    "int": "Int64",
    "bool": "boolean",
}
METHOD: Final = "pytest-benchmark"


def load(path: Path) -> "pd.DataFrame":
    """Rows of `records.RUNS`.

    Raises
    ------
    DataError
        Neither a folder of a run nor a file of pytest-benchmark, or a damaged one.
    """
    if path.is_dir():
        from sma_benchmarks.store import read

        return read(path).runs
    if not path.exists():
        raise DataError(
            f"{path} does not exist, expected a run's folder or a JSON file"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = [row for one in content["benchmarks"] for row in _rows(content, one)]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is no result of pytest-benchmark: {error!r}; expected the file that "
            "--benchmark-json writes"
        ) from error
    return frame(rows)


def stacked(parts: "Sequence[Tables]") -> "Tables":
    """The tables of several runs as one.

    Raises
    ------
    DataError
        A row that is in more than one of them.
    """
    import pandas as pd

    from sma_benchmarks.store import Tables

    def joined(name: str) -> "pd.DataFrame":
        frames: list[pd.DataFrame] = [getattr(part, name) for part in parts]
        return pd.concat(frames, ignore_index=True)

    runs = joined("runs")
    if runs["row_id"].duplicated().any():
        raise DataError("a row is in two of the runs, expected different suites")
    return Tables(
        runs=runs, events=joined("events"), periods=joined("periods"),
        machines=joined("machines").drop_duplicates("machine_id"),
    )  # fmt: skip


def frame(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    """A table with every column of `records.RUNS`."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=[column.name for column in RUNS])
    return table.astype({column.name: DTYPES[column.kind] for column in RUNS})


def _rows(content: Mapping[str, Any], one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row per round: rounds are repetitions of the same solve."""
    verified = {column.name for column in RUNS} & set(one.get("extra_info", {}))
    rounds = one["stats"].get("data") or [one["stats"]["median"]]
    return [
        {
            "instance": one["fullname"], "instance_hash": "", "family": one["group"] or "",
            "method": METHOD, "solver": METHOD, "start_mode": "cold", "seed": 0,
            "repeat": number, "wall_s": float(seconds), "cpu_s": float(seconds),
            "outcome": "verified_feasible",
            "machine_id": str(content.get("machine_info", {}).get("node", "")),
            "git_commit": str(content.get("commit_info", {}).get("id", "")),
            **{name: one["extra_info"][name] for name in verified},
        }
        for number, seconds in enumerate(rounds)
    ]  # fmt: skip
