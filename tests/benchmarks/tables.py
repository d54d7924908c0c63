"""Tables by hand, for tests of everything that reads results."""

from collections.abc import Iterable

import pandas as pd
from sma_benchmarks.records import RUNS, TABLES, Value, checked
from sma_benchmarks.store import Tables

NULLABLE = {"text": "string", "float": "float64", "int": "Int64", "bool": "boolean"}


def run_row(method: str, instance: str, **more: Value) -> dict[str, Value]:
    """A verified answer, unless said otherwise."""
    seed = more.get("seed", 0)
    defaults: dict[str, Value] = {
        "row_id": f"{method}|{instance}|{seed}|{more.get('repeat', 0)}",
        "suite": "test", "suite_hash": "s", "family": instance.split(":", maxsplit=1)[0],
        "instance": instance, "instance_hash": "h", "kind": "account",
        "method": method, "solver": method.split("[", maxsplit=1)[0],
        "exactness": "exact", "licence": "free software", "start_mode": "cold",
        "seed": 0, "repeat": 0, "order_index": 0, "threads": 1,
        "time_limit_s": 10.0, "memory_limit_mb": 1000.0, "target_gap": 1e-4,
        "outcome": "verified_feasible", "wall_s": 1.0, "cpu_s": 1.0,
        "te_bp": 100.0, "objective": 1.0, "bound": 0.9, "peak_mb": 100.0,
        "risk_aversion": 1e4,
        "turnover": 0.5, "tax_bp": 0.0, "claim_mismatch": False,
    }  # fmt: skip
    return checked("runs", {**defaults, **more})


def tables(rows: Iterable[dict[str, Value]]) -> Tables:
    """Tables with these runs and nothing else."""
    runs = pd.DataFrame(list(rows), columns=[column.name for column in RUNS])
    runs = runs.astype({column.name: NULLABLE[column.kind] for column in RUNS})
    empty = {
        name: pd.DataFrame({c.name: pd.Series(dtype=NULLABLE[c.kind]) for c in columns})
        for name, columns in TABLES.items()
    }
    return Tables(
        runs=runs, events=empty["events"], periods=empty["periods"],
        machines=empty["machines"],
    )  # fmt: skip
