"""Runs that are killed, resumed, damaged and started twice: no row lost or doubled."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from sma_benchmarks import store

from sma_research.errors import DataError

REPEATS = 4
SUITE = """
name = "small"
description = "Many short solves"
tier = "ci"
instances = ["names:n=40,k=12,factors=4"]
methods = ["clarabel", "osqp"]
repeats = 4
[budget]
time_limit_s = 20.0
"""
# HiGHS needs minutes for this one: it is under way when the run is stopped.
LONG = """
name = "long"
description = "One short solve and a long one"
tier = "ci"
instances = ["names:n=300,k=40,factors=20"]
methods = ["highs[relative_gap=0.0]"]
[budget]
time_limit_s = 120.0
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SUITE)
    return path


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.toml"
    path.write_text(LONG)
    return path


def start(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "sma_research.cli", "bench", "run"]
    return subprocess.Popen(
        [*command, *(str(argument) for argument in arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Where the tests run in the background, Ctrl-C would be ignored from birth.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    out, error = process.communicate(timeout=120)
    return process.returncode, out + error


def descendants(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return found


def eventually(holds: Callable[[], bool], within_s: float = 30.0) -> bool:
    end = time.perf_counter() + within_s
    while time.perf_counter() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def count_done(folder: Path) -> int:
    """Rows that the ledger keeps."""
    if not (folder / "state.sqlite").exists():
        return 0
    try:
        with closing(sqlite3.connect(folder / "state.sqlite")) as db:
            (count,) = db.execute(
                "select count(*) from tasks where state = 'done'"
            ).fetchone()
    except sqlite3.OperationalError:  # it is being made
        return 0
    return int(count)


def further(folder: Path, before: int) -> bool:
    return count_done(folder) > before


def gone(family: list[psutil.Process]) -> bool:
    return not any(process.is_running() for process in family)


def rows_now(folder: Path) -> list[str]:
    """Rows as any reader of Parquet sees them at this moment."""
    parts = [pd.read_parquet(path) for path in sorted(folder.glob("runs*.parquet"))]
    return [str(row) for part in parts for row in part["row_id"]]


def solving(process: "subprocess.Popen[str]") -> bool:
    """Whether a process of a solve has been at it for a while."""
    family = descendants(process)
    return len(family) >= 2 and float(family[-1].cpu_times().user) > 1.0


def test_killed_at_any_moment(small: Path, tmp_path: Path) -> None:
    folder, rng = tmp_path / "run", np.random.default_rng(3)
    kept: list[str] = []
    for _ in range(3):
        again = ["--resume"] if folder.exists() else []
        process = start(small, "--out", folder, *again)
        assert eventually(partial(further, folder, count_done(folder)))
        time.sleep(float(rng.uniform(0.0, 0.4)))
        family = descendants(process)
        process.kill()
        process.communicate()
        assert eventually(partial(gone, family))
        found = rows_now(folder)
        assert len(found) == len(set(found))
        assert set(kept) <= set(found)
        assert len(kept) <= len(found) < 2 * REPEATS
        kept = found
    code, said = finish(start(small, "--out", folder, "--resume"))
    assert code == 0, said
    runs = store.read(folder).runs
    assert len(runs) == 2 * REPEATS
    assert runs["row_id"].is_unique
    assert set(kept) <= set(runs["row_id"])
    assert set(runs["outcome"]) <= {"verified_feasible", "certified_optimal"}
    assert sorted(runs["order_index"]) == list(range(2 * REPEATS))


def test_stopped_by_ctrl_c(long: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = start(long, "--out", folder)
    assert eventually(partial(solving, process))
    second = finish(start(long, "--out", folder, "--resume"))
    family = descendants(process)
    process.send_signal(signal.SIGINT)
    code, said = finish(process)
    assert code == 130
    assert "--resume" in said
    assert eventually(partial(gone, family))
    assert second[0] == 2
    assert second[1].count("\n") == 1
    assert "in use by another run" in second[1]


def test_children_die_with_their_run(long: Path, tmp_path: Path) -> None:
    process = start(long, "--out", tmp_path / "run")
    assert eventually(partial(solving, process))
    family = descendants(process)
    assert len(family) >= 2
    process.kill()
    process.communicate()
    assert eventually(partial(gone, family), 5.0)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of four rows."""
    folder = tmp_path_factory.mktemp("done")
    suite = folder / "small.toml"
    suite.write_text(SUITE.replace("repeats = 4", "repeats = 2"))
    code, said = finish(start(suite, "--out", folder / "run"))
    assert code == 0, said
    return folder


@pytest.fixture
def copy(done: Path, tmp_path: Path) -> Path:
    shutil.copytree(done, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_damaged_file_is_noticed_and_written_again(copy: Path) -> None:
    folder = copy / "run"
    before = store.read(folder).runs
    path = folder / "runs-0001.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"runs-0001\.parquet is damaged"):
        store.read(folder)
    code, said = finish(start(copy / "small.toml", "--out", folder, "--resume"))
    assert code == 0
    assert "runs-0001.parquet differed from the ledger" in said
    pd.testing.assert_frame_equal(store.read(folder).runs, before)


def test_a_lost_file_is_written_again(copy: Path) -> None:
    folder = copy / "run"
    (folder / "events-0001.parquet").unlink()
    with pytest.raises(DataError, match=r"events-0001\.parquet is damaged or missing"):
        store.read(folder)
    code, _ = finish(start(copy / "small.toml", "--out", folder, "--resume"))
    assert code == 0
    assert len(store.read(folder).runs) == 4


def test_refuses_a_folder_in_one_line(copy: Path) -> None:
    refusals = {
        "holds a run": ("--out", copy / "run"),
        "expected the same suite": (
            "--out",
            copy / "run",
            "--resume",
            "--time-limit",
            7,
        ),
    }
    for said, arguments in refusals.items():
        code, text = finish(start(copy / "small.toml", *arguments))
        assert (code, text.count("\n")) == (2, 1), text
        assert said in text


def test_says_what_would_run(copy: Path) -> None:
    report = copy / "plan.json"
    code, said = finish(start(
        copy / "small.toml", "--out", copy / "run", "--resume", "--dry-run",
        "--retry", "verified_feasible,certified_optimal", "--json", report,
    ))  # fmt: skip
    plan = json.loads(report.read_text())
    assert code == 0
    assert plan["to_do"] == 4
    assert plan["at_most_s"] == pytest.approx(4 * (20.0 + 5.0 + 0.5))
    assert 4 * 0.5 < plan["likely_s"] < plan["at_most_s"]
    assert "4 of 4 solves" in said


def test_retries_the_outcomes_named(copy: Path) -> None:
    folder = copy / "run"
    before = store.read(folder).runs
    code, said = finish(start(
        copy / "small.toml", "--out", folder, "--retry", "verified_feasible",
        "--retry", "certified_optimal",
    ))  # fmt: skip
    after = store.read(folder).runs
    assert code == 0, said
    assert "4 solves" in said
    assert list(after["row_id"]) == list(before["row_id"])
    assert (after["finished_utc"] > before["finished_utc"]).all()
