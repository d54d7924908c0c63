"""Solvers that misbehave: each gets its outcome, and nobody else loses a row."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from sma_benchmarks import store

HOSTILE = Path(__file__).parent / "hostile"
ACCOUNT = "demo:client=C,kinds=both,n=150,factors=10,etfs=4"
LIMIT_S, GRACE_S = 1.5, 0.5
SUITE = """
name = "hostile"
description = "Everything that can go wrong"
tier = "ci"
instances = ["{account}"]
methods = [{methods}]
[budget]
time_limit_s = {limit}
grace_s = {grace}
memory_limit_mb = 250.0
"""
OUTCOMES = {
    "clarabel": "certified_optimal",
    "hostile_hang": "hard_kill",
    "hostile_segfault": "crash",
    "hostile_memory": "oom",
    "hostile_infeasible": "wrong_feasible",
    "hostile_bound": "wrong_bound",
    "hostile_garbage": "certified_optimal",
    "hostile_nonsense": "exception",
    "hostile_licence": "licence",
    "hostile_raises": "exception",
    "hostile_exits": "exception",
    "hostile_orphan": "certified_optimal",
    "hostile_daemon": "certified_optimal",
    "hostile_hoarder": "oom",
    "hostile_coward": "unsupported",
}


@dataclass(frozen=True)
class Ran:
    """What a run of all of them left."""

    rows: dict[str, dict[str, Any]]  # by method
    code: int
    folder: Path
    said: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    work = tmp_path_factory.mktemp("hostile")
    built, source = work / "installed", work / "source"
    shutil.copytree(HOSTILE, source)
    install = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
        *("--no-index", "--no-build-isolation", "--disable-pip-version-check"),
        *("--target", str(built), str(source)),
    ]
    subprocess.run(install, check=True, capture_output=True, text=True)
    suite = work / "hostile.toml"
    methods = ", ".join(f'"{name}"' for name in OUTCOMES)
    suite.write_text(
        SUITE.format(account=ACCOUNT, methods=methods, limit=LIMIT_S, grace=GRACE_S)
    )
    folder = work / "run"
    before = os.pathsep.join([str(built), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "sma_research.cli", "bench", "run", str(suite), "--out",
         str(folder)],
        env={**os.environ, "PYTHONPATH": before, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, cwd=work,
    )  # fmt: skip
    runs = store.read(folder).runs
    records: list[dict[str, Any]] = json.loads(runs.to_json(orient="records"))
    rows = {str(record["method"]): record for record in records}
    return Ran(rows=rows, code=done.returncode, folder=folder, said=done.stderr)


def test_every_row_is_there(ran: Ran) -> None:
    assert set(ran.rows) == set(OUTCOMES), ran.said


@pytest.mark.parametrize(("method", "outcome"), OUTCOMES.items())
def test_gets_its_outcome(ran: Ran, method: str, outcome: str) -> None:
    row = ran.rows[method]
    assert row["outcome"] == outcome, row["message"]


def test_wrong_answers_are_told_by_the_exit_code(ran: Ran) -> None:
    assert ran.code == 1


def test_a_limit_is_a_limit(ran: Ran) -> None:
    wall = ran.rows["hostile_hang"]["wall_s"]
    assert LIMIT_S + GRACE_S <= wall <= LIMIT_S + GRACE_S + 4.0
    assert ran.rows["hostile_hang"]["stop_reason"] == "time"


@pytest.mark.parametrize("method", ["hostile_memory", "hostile_hoarder"])
def test_memory_is_watched_wherever_it_went(ran: Ran, method: str) -> None:
    row = ran.rows[method]
    assert 250.0 < row["peak_mb"] < 1500.0
    assert row["stop_reason"] == "memory"


def test_a_crash_leaves_its_trace(ran: Ran) -> None:
    row = ran.rows["hostile_segfault"]
    assert "SIGSEGV" in row["message"]
    log = (ran.folder / "logs" / f"{row['log_blob']}.log").read_text()
    assert "Segmentation fault" in log


def test_garbage_goes_to_the_log(ran: Ran) -> None:
    row = ran.rows["hostile_garbage"]
    log = (ran.folder / "logs" / f"{row['log_blob']}.log").read_bytes()
    assert b"garbage {" in log
    assert row["te_bp"] == pytest.approx(ran.rows["clarabel"]["te_bp"], rel=1e-9)


def test_an_exception_says_what_it_was(ran: Ran) -> None:
    assert "an honest mistake" in ran.rows["hostile_raises"]["message"]
    assert "exit code 3" in ran.rows["hostile_exits"]["message"]


def test_nothing_is_left_running(ran: Ran) -> None:
    left = [p.pid for p in psutil.process_iter(["cmdline"])
            if "4321.5" in (p.info["cmdline"] or [])]  # fmt: skip
    assert not left


def test_claims_are_kept_apart_from_facts(ran: Ran) -> None:
    row = ran.rows["hostile_bound"]
    assert row["bound_claimed"] > row["objective"]
    assert row["bound"] <= row["objective"]
    assert ran.rows["hostile_infeasible"]["breach_bp"] > 50.0
