"""Rows from wherever they were written: a run's folder, or pytest-benchmark's JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

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
            f"{path} is no result of pytest-benchmark: {_lacking(error)}; expected the "
            "file that --benchmark-json writes"
        ) from error
    return frame(rows)


def _lacking(error: Exception) -> str:
    """What a file lacks, in words."""
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]}"
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON, see line {error.lineno}"
    return "its content is of another kind"


def load_tables(path: Path) -> "Tables":
    """All tables of a run's folder; of pytest-benchmark's JSON only the rows.

    Raises
    ------
    DataError
        As `load`.
    """
    import pandas as pd

    from sma_benchmarks.store import Tables, read

    if path.is_dir():
        return read(path)
    empty = pd.DataFrame()
    return Tables(runs=load(path), events=empty, periods=empty, machines=empty)


def stacked(parts: "Sequence[Tables]") -> "Tables":
    """The tables of several runs as one; a machine of several as noisy as it ever was.

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
        machines=joined("machines").sort_values("noise", ascending=False, kind="stable")
        .drop_duplicates("machine_id").sort_index(),
    )  # fmt: skip


def records(rows: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows as mappings, None where a value is missing."""
    return [
        {str(name): value for name, value in row.items()}
        for row in rows.astype(object).where(rows.notna(), None).to_dict("records")
    ]


def shared_rounds(
    base: "pd.DataFrame", head: "pd.DataFrame"
) -> "tuple[pd.DataFrame, pd.DataFrame, list[str]]":
    """Rows without the rounds of pytest-benchmark that only one side has.

    It repeats a benchmark as often as it thinks fit: rounds are no plan, so one that
    is missing is no loss. What was left out is said.
    """
    rounds = [rows[rows["method"] == METHOD]["instance"].value_counts()
              for rows in (base, head)]  # fmt: skip
    least = {name: min(count, int(rounds[1].get(name, count)))
             for name, count in rounds[0].items()}  # fmt: skip

    def kept(rows: "pd.DataFrame") -> "pd.DataFrame":
        most = rows["instance"].map(least).fillna(np.inf).astype(float)
        return rows[(rows["method"] != METHOD) | (rows["repeat"] < most)]

    parts = kept(base), kept(head)
    left_out = sum(map(len, (base, head))) - sum(map(len, parts))
    notes = [f"{METHOD}: {left_out} rounds that only one side has are left out"]
    return *parts, notes if left_out else []


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
