"""What is known of the machine, and of the noise on it."""

import json
import subprocess
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from sma_benchmarks import machine
from sma_benchmarks.machine import (
    Calibration,
    Canary,
    Effort,
    calibrate,
    describe,
    load_average,
    provenance,
    utc_now,
)
from sma_benchmarks.records import Row, checked
from sma_benchmarks.results import stacked
from sma_benchmarks.state import Ledger
from sma_benchmarks.store import read, write_tables


def test_the_canary_is_short_and_real_work() -> None:
    canary = Canary()
    canary.work()
    efforts = [canary.work() for _ in range(3)]
    assert 0.003 < min(effort.cpu_s for effort in efforts) < 0.5
    assert all(effort.wall_s >= 0.9 * effort.cpu_s for effort in efforts)


def test_steady_work_has_no_noise() -> None:
    found = calibrate(lambda: Effort(wall_s=0.06, cpu_s=0.05))
    assert found == Calibration(seconds=0.06, noise=0.0)


def test_the_band_covers_a_machine_that_doubles_its_time() -> None:
    rng = np.random.default_rng(5)
    times = cycle(0.05 * np.exp(0.2 * rng.standard_normal(101)))

    def work() -> Effort:
        seconds = float(next(times))
        return Effort(wall_s=seconds, cpu_s=seconds)

    assert 0.05 < calibrate(work).noise < 0.6


def test_the_row_of_a_machine_fits_its_table() -> None:
    row = describe(Calibration(seconds=0.05, noise=0.01))
    assert checked("machines", row) == row
    packages = json.loads(str(row["packages"]))
    assert packages["numpy"] == np.__version__


def test_a_machine_stays_itself_however_fast_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = describe(Calibration(seconds=0.05, noise=0.01))
    slower = describe(Calibration(seconds=0.06, noise=0.02))
    assert slower["machine_id"] == row["machine_id"]
    assert (slower["calibration_s"], slower["noise"]) == (0.06, 0.02)
    monkeypatch.setattr(machine, "_packages", lambda: {"numpy": "0.1"})
    other = describe(Calibration(seconds=0.05, noise=0.01))
    assert other["machine_id"] != row["machine_id"]


def test_a_run_that_goes_on_keeps_its_calibration(tmp_path: Path) -> None:
    first = describe(Calibration(seconds=0.05, noise=0.01))
    with Ledger(tmp_path) as ledger:
        assert ledger.add_machine(first) == first
        assert ledger.add_machine({**first, "calibration_s": 0.06}) == first


def test_the_commit_of_a_checkout(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(
            ["git", "-C", str(tmp_path), *identity, *arguments],
            check=True, capture_output=True,
        )  # fmt: skip

    outside = provenance(tmp_path)
    assert (outside.commit, outside.dirty) == (None, None)
    git("init")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "-m", "one")
    clean = provenance(tmp_path)
    assert clean.commit is not None
    assert (len(clean.commit), clean.dirty) == (40, False)
    (tmp_path / "file").write_text("two")
    assert provenance(tmp_path).dirty


def test_circumstances() -> None:
    load = load_average()
    assert load is None or load >= 0
    assert utc_now().endswith("+00:00")


def test_a_machine_of_several_runs_is_as_noisy_as_it_ever_was(tmp_path: Path) -> None:
    parts = []
    for name, noise in (("a", 0.01), ("b", 0.03), ("c", 0.02)):
        row = describe(Calibration(seconds=0.05, noise=noise))
        rows: dict[str, list[Row]] = {"runs": [], "machines": [row]}
        write_tables(tmp_path / name, rows)
        parts.append(read(tmp_path / name))
    assert list(stacked(parts).machines["noise"]) == [0.03]
