"""The committed baseline of `smoke` holds a fresh run, and no worse one."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sma_benchmarks.gate import (
    NO_BASELINE,
    PASS,
    REGRESSION,
    gate,
    read_baseline,
    write_baseline,
)
from sma_benchmarks.platforms import PLATFORM, placed, platform
from sma_benchmarks.runner import Plan, run
from sma_benchmarks.schedule import interleaved
from sma_benchmarks.scores import Scores, scored
from sma_benchmarks.store import read
from sma_benchmarks.suite import load_suite

from sma_research.cli import main
from sma_research.errors import DataError

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "benchmarks" / "baselines" / "smoke.json"
GROUND = [PLATFORM, "solver_version", "machine_id"]
Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh run of the suite."""
    place = tmp_path_factory.mktemp("smoke")
    suite = load_suite("smoke")
    tasks = interleaved([*suite.tasks(None)])
    plan = Plan(
        suite=suite.name, suite_hash=suite.hash, tasks=tasks, data=None, folder=place,
    )  # fmt: skip
    assert run(plan, lambda _: None).solved == 8
    return place


@pytest.fixture(scope="module")
def fresh(folder: Path) -> Scores:
    return scored(read(folder))


@pytest.fixture(scope="module")
def here(fresh: Scores) -> pd.DataFrame:
    """The committed baseline as if it had been written on this machine."""
    ours = placed(fresh.runs, fresh.machines).set_index(["instance", "method"])[GROUND]
    return read_baseline(COMMITTED).drop(columns=GROUND).join(
        ours, on=["instance", "method"]
    )  # fmt: skip


def test_a_fresh_run_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["bench", "gate", str(folder), "--baseline", str(COMMITTED)])
    said = capsys.readouterr().out
    assert ended.value.code == PASS, said
    assert "8 rows held to the baseline's outcome" in said
    assert "none to a time" in said


def test_the_workflow_holds_every_push_to_it() -> None:
    workflow = (ROOT / ".github" / "workflows" / "benchmarks.yml").read_text()
    assert f"gate results --baseline {COMMITTED.relative_to(ROOT)}\n" in workflow


LOSSES: dict[str, tuple[Change, str]] = {
    "a wrong answer": (
        lambda runs: runs.assign(outcome=["wrong_feasible", *runs["outcome"][1:]]),
        "is wrong_feasible",
    ),
    "no answer": (
        lambda runs: runs.assign(outcome=["crash", *runs["outcome"][1:]]),
        "outcome was certified_optimal, is crash",
    ),
    "a missing row": (lambda runs: runs.iloc[1:], "the row is missing"),
    "two percent worse": (
        lambda runs: runs.assign(te_bp=1.02 * runs["te_bp"]), "te_bp was ",
    ),
    "another program": (
        lambda runs: runs.assign(columns=runs["columns"] + 1), "columns of the program",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_a_worse_run_fails_on_any_machine(fresh: Scores, name: str) -> None:
    change, said = LOSSES[name]
    found = gate(replace(fresh, runs=change(fresh.runs)), read_baseline(COMMITTED))
    assert found.code == REGRESSION, found.reasons
    assert any(said in reason for reason in found.reasons)


def test_counters_count_on_the_same_platform_and_version(
    fresh: Scores, here: pd.DataFrame
) -> None:
    same = here.assign(iterations=fresh.runs["iterations"].max())
    twice = fresh.runs.assign(iterations=2 * same["iterations"].max())
    doctored = replace(fresh, runs=twice)
    found = gate(doctored, same)
    assert found.code == REGRESSION
    assert sum("iterations were" in reason for reason in found.reasons) == 8
    assert "8 of them to its iterations and nodes" in found.reasons[-1]
    other = [{"solver_version": "another 9.9"}, {PLATFORM: "Plan 9"}]
    for change in other:
        found = gate(doctored, same.assign(**change))
        assert found.code == PASS, found.reasons
        assert "0 of them to its iterations and nodes" in found.reasons[-1]
        assert any("counters start anew" in reason for reason in found.reasons)


def test_another_version_may_use_up_the_gap_that_was_asked_for(
    fresh: Scores, here: pd.DataFrame
) -> None:
    worse = replace(fresh, runs=fresh.runs.assign(te_bp=1.005 * fresh.runs["te_bp"]))
    assert gate(worse, here).code == REGRESSION
    assert gate(worse, here.assign(solver_version="another 9.9")).code == PASS


def test_other_data_are_refused_but_on_another_platform(
    fresh: Scores, here: pd.DataFrame
) -> None:
    other = here.assign(instance_hash="0")
    with pytest.raises(DataError, match="instance_hash"):
        gate(fresh, other)
    found = gate(fresh, other.assign(**{PLATFORM: "Darwin arm64"}))
    assert found.code == PASS
    assert any("have other data" in reason for reason in found.reasons)


def test_a_row_that_no_baseline_holds_is_named(
    fresh: Scores, here: pd.DataFrame
) -> None:
    found = gate(fresh, here.iloc[1:])
    assert found.code == NO_BASELINE
    assert sum("not in the baseline" in reason for reason in found.reasons) == 1


def test_a_wrong_answer_is_nothing_to_be_held_to(tmp_path: Path) -> None:
    content = json.loads(COMMITTED.read_text())
    content["rows"][0]["outcome"] = "wrong_bound"
    path = tmp_path / "smoke.json"
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="no such row in a baseline"):
        read_baseline(path)


def test_what_is_written_is_what_a_run_is_held_to(
    fresh: Scores, tmp_path: Path
) -> None:
    path = tmp_path / "smoke.json"
    write_baseline(path, fresh, "a test")
    found = gate(fresh, read_baseline(path))
    assert found.code == PASS
    assert "8 of them to its iterations and nodes" in found.reasons[-1]
    write_baseline(tmp_path / "again.json", fresh, "a test")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_platform_is_a_system_and_a_kind_of_processor(fresh: Scores) -> None:
    assert platform("Linux 6.8.0-1021-azure x86_64") == "Linux x86_64"
    assert platform("") == ""
    unknown = placed(fresh.runs, pd.DataFrame())
    assert set(unknown[PLATFORM]) == {""}
    assert set(placed(fresh.runs, fresh.machines)[PLATFORM]) == {
        platform(str(fresh.machines["system"].iloc[0]))
    }
