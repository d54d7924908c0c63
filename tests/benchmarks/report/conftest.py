"""A small run written down by hand: every page has something to show, no solver runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from sma_benchmarks.records import Value, checked, row_id
from sma_benchmarks.scores import Scores, scored
from sma_benchmarks.store import LOGS, Tables, read, write_tables

HOSTILE = '</script><script>alert("log")</script><b>bold</b> | & done'
LOG = "a" * 64
MACHINE = "m" * 64
FAST, TIGHT, LOOSE = "fast", "tree[formulation=tight]", "tree[formulation=loose]"
LIAR, PAID, WEAK = "liar", "peer:paid", "peer:weak"
LIMIT_S = 10.0
BEST_BP = 50.0
AVERSION = 10.0
Line = dict[str, Value]


def objective(te_bp: float) -> float:
    """Of an account without tax and cost."""
    return AVERSION * (te_bp / 1e4) ** 2


def line(method: str, instance: str, **given: Value) -> Line:
    """One row; what is not given is a cold account solve of a free solver."""
    family = instance.partition(":")[0]
    values: Line = {
        "suite": "golden", "suite_hash": "s" * 64, "family": family, "instance": instance,
        "instance_hash": "i" * 64, "kind": "account", "n_assets": 100, "n_factors": 5,
        "n_lots": 0, "k_names": 20, "method": method, "solver": method.partition("[")[0],
        "exactness": "exact", "solver_version": "1.0", "licence": "free software",
        "settings": '{"seed": 0}', "start_mode": "cold", "seed": 0, "repeat": 0,
        "order_index": 0, "threads": 1, "time_limit_s": LIMIT_S, "grace_s": 1.0,
        "memory_limit_mb": 1024.0, "target_gap": 1e-4, "outcome": "verified_feasible",
        "stop_reason": "answered", "message": "", "claim_mismatch": False,
        "canary_ratio": 1.05, "machine_id": MACHINE, "git_commit": "c" * 40,
        "git_dirty": False, "finished_utc": "2026-01-02T03:04:05.000+00:00",
        "schema_version": 1, **given,
    }  # fmt: skip
    values["row_id"] = row_id(values)
    return checked("runs", values)


def answer(te_bp: float, wall_s: float, *, bound_bp: float = BEST_BP) -> Line:
    """Columns of a verified portfolio and its certificate."""
    value, bound = objective(te_bp), objective(bound_bp)
    return {
        "te_bp": te_bp, "te_raw_bp": te_bp, "objective": value, "bound": bound,
        "bound_te_bp": bound_bp, "risk_aversion": AVERSION, "gap": (value - bound) / value, "wall_s": wall_s,
        "cpu_s": wall_s, "build_s": 0.1 * wall_s, "solve_s": 0.8 * wall_s,
        "names": 20, "turnover": 0.25, "tax_bp": 3.0, "transaction_cost_bp": 1.5,
        "peak_mb": 120.0, "primal_dual_integral": 4.0, "breach_bp": 0.0,
        "time_to_10bp": 0.5 * wall_s if te_bp <= BEST_BP + 10 else None,
        "time_to_1bp": wall_s if te_bp <= BEST_BP + 1 else None,
    }  # fmt: skip


def names(n: int) -> list[Line]:
    """One size of the family that grows, by methods of every kind."""
    where = f"names:n={n}"
    size: Line = {"n_assets": n}
    none: Line = {"wall_s": 0.2, "log_blob": LOG}
    bounds = {TIGHT: 49.0, LOOSE: 40.0}
    return [
        line(FAST, where, **size, **answer(50.4, n / 1000, bound_bp=45.0)),
        line(TIGHT, where, **size, **answer(50.0, n / 100, bound_bp=bounds[TIGHT]),
             formulation="tight", columns=2 * n, binaries=n, rows=n + 5, nonzeros=5 * n),
        line(LOOSE, where, **size, **answer(56.0, n / 100, bound_bp=bounds[LOOSE]),
             formulation="loose", columns=2 * n, binaries=n, rows=2 * n, nonzeros=6 * n),
        line(LIAR, where, **size, **none, outcome="wrong_feasible", message=HOSTILE),
        line(PAID, where, **size, **none, outcome="licence", licence="no licence found",
             message="no licence"),
        line(WEAK, where, **size, outcome="hard_kill", wall_s=11.0, stop_reason="time",
             message="killed 1 s past its limit", log_blob=LOG),
    ]  # fmt: skip


def others() -> list[Line]:
    """A repeated and warm solve, a program, a path and a claim that differs."""
    program: Line = {"kind": "program", "objective": 2.0, "bound": 1.9, "gap": 0.05,
                     "wall_s": 0.5}  # fmt: skip
    return [
        line(FAST, "names:n=100", **answer(50.6, 0.12, bound_bp=45.0), repeat=1),
        line(FAST, "names:n=100", **answer(50.4, 0.05), start_mode="hot"),
        line(FAST, "names:n=200", **answer(50.4, 0.40), start_mode="hot"),
        line(FAST, "programs:a", **program, claim_mismatch=True, objective_claimed=1.8),
        line(TIGHT, "programs:a", **{**program, "objective": 2.002}),
        line(FAST, "paths:a", kind="path", te_bp=60.0, te_realized_bp=70.0,
             turnover=0.1, tax_bp=2.0, names=30, wall_s=3.0),
    ]  # fmt: skip


def tables(rows: list[Line], folder: Path) -> Tables:
    """Rows with their events, periods and machine, written to a folder and read again."""
    events, periods = [], []
    for row in rows:
        if row["kind"] == "path":
            periods += [
                checked("periods", {
                    "row_id": row["row_id"], "period": i, "date": f"2025-0{i + 1}-28",
                    "outcome": "verified_feasible", "te_bp": 60.0 + i,
                    "te_realized_bp": 70.0 + i, "turnover": 0.1, "tax_bp": 2.0,
                    "names": 30, "gap": 0.01, "solve_s": 1.0,
                })
                for i in range(3)
            ]  # fmt: skip
        if isinstance(row["te_bp"], float) and row["kind"] == "account":
            events += [checked("events", event) for event in _events(row)]
    machine = checked("machines", {
        "machine_id": MACHINE, "system": "Linux", "processor": "an <ordinary> one",
        "cores": 2, "memory_mb": 8000.0, "python": "3.12.0", "blas": "openblas",
        "packages": '{"numpy": "2.4.0", "scipy": "1.17.0"}', "calibration_s": 0.05,
        "noise": 0.02,
    })  # fmt: skip
    content = {
        "runs": rows,
        "events": events,
        "periods": periods,
        "machines": [machine],
    }
    write_tables(folder, content)
    (folder / LOGS).mkdir()
    log = f"first words\n{'x' * 4000}\n{HOSTILE}"
    (folder / LOGS / f"{LOG}.log").write_text(log, encoding="utf-8")
    return read(folder)


def _events(row: Mapping[str, Value]) -> list[Line]:
    te, wall = float(row["te_bp"] or 0.0), float(row["wall_s"] or 0.0)
    return [
        {"row_id": row["row_id"], "elapsed_s": share * wall, "kind": "incumbent",
         "value": objective(te + more), "te_bp": te + more, "verified": share == 1.0}
        for share, more in ((0.5, 8.0), (1.0, 0.0))
    ]  # fmt: skip


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "run"
    rows = [row for n in (100, 200, 400) for row in names(n)] + others()
    rows = [row | {"order_index": i} for i, row in enumerate(rows)]
    tables(rows, folder)
    return folder


@pytest.fixture(scope="session")
def golden(run: Path) -> Scores:
    return scored(read(run))


SECONDS: Mapping[str, Mapping[str, Sequence[float | None]]] = {
    "quick": {"a": (0.1, 0.1, 0.1), "b": (4.0, 4.0, 4.0)},
    "steady": {"a": (1.0, 1.1, 1.2), "b": (1.0, 1.1, 1.2)},
    "patchy": {"a": (0.5, 0.5, None), "b": (0.5, 0.5, 0.5)},
    "tried twice": {"a": (0.01, 0.01)},
}  # fmt: skip


def contested() -> list[Line]:
    """Two families, three methods that share the lead, and one tried on few."""
    late: Line = {"outcome": "timeout_no_solution", "wall_s": LIMIT_S}
    rows = [
        line(method, f"{family}:{i}", **(answer(50.0, seconds) if seconds else late))
        for method, families in SECONDS.items()
        for family, times in families.items()
        for i, seconds in enumerate(times)
    ]
    lie: Line = {"outcome": "wrong_feasible", "wall_s": 0.01}
    return [*rows, line(LIAR, "a:0", **lie), line(LIAR, "a:1", **answer(50.0, 0.01))]


@pytest.fixture(scope="session")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    return scored(tables(contested(), tmp_path_factory.mktemp("contest") / "run"))


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    rows = [
        line(f"method {i:02}", "a:1", **answer(50.0 + i, 1.0 + i), order_index=i)
        for i in range(12)
    ]
    return scored(tables(rows, tmp_path_factory.mktemp("crowd") / "run"))


def of_one_kind() -> dict[str, list[Line]]:
    """Runs that leave most pages without data."""
    size: Line = {"kind": "book", "te_bp": 20.0, "accounts_per_s": 5.0}
    none = "names:n=1"
    return {
        "programs": [row for row in others() if row["kind"] == "program"],
        "paths": [row for row in others() if row["kind"] == "path"],
        "books": [
            line(
                FAST,
                f"books:n={n}",
                accounts=n,
                accounts_solved=n,
                wall_s=n / 5,
                **size,
            )
            for n in (10, 100, 1000)
        ],
        "failed": [line(LIAR, none, outcome="crash", wall_s=1.0)],
        "not covered": [line(PAID, none, outcome="licence")],
        "broken": [line(FAST, none, outcome="harness_error")],
        "warm alone": [line(FAST, none, start_mode="hot", **answer(50.0, 1.0))],
        "infeasible": [
            line(FAST, none, outcome="infeasible_verified", wall_s=0.1),
            line(LIAR, none, outcome="wrong_status", wall_s=0.1),
        ],
        "one": [line(FAST, none, **answer(50.0, 1.0))],
    }


@pytest.fixture(params=of_one_kind())
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Scores:
    return scored(tables(of_one_kind()[request.param], tmp_path / "run"))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Scores:
    return scored(tables([], tmp_path_factory.mktemp("none") / "run"))
