"""A gate that catches what got worse, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sma_benchmarks.compare import Comparison, compare
from sma_benchmarks.gate import (
    BROKEN,
    INCONCLUSIVE,
    PASS,
    REGRESSION,
    gate,
    read_baseline,
    write_baseline,
)
from sma_benchmarks.records import Value
from sma_benchmarks.results import load
from sma_benchmarks.scores import scored
from sma_benchmarks.timing import Decision

from sma_research.errors import DataError
from tests.benchmarks.tables import run_row, tables

Rows = list[dict[str, Value]]


def stamp(second: float) -> str:
    return f"2026-01-01T{int(second) // 3600:02d}:{int(second) // 60 % 60:02d}:{second % 60:06.3f}"


def measured(
    factor: float, seed: int, *, start: float = 0.0, load: float = 0.15
) -> Rows:
    """Twenty instances, two repetitions, processor times under a drifting load."""
    noise = np.random.default_rng(seed)
    rows = []
    for repeat in range(2):
        for i in range(20):
            moment = start + 10.0 * (20 * repeat + i)
            drift = 1.0 + 0.5 * np.sin(moment / 70.0)
            cpu = factor * (0.1 + 0.02 * i) * drift * noise.lognormal(0.0, load)
            rows.append(
                run_row(
                    "clarabel", f"names:n={i}", repeat=repeat, cpu_s=float(cpu),
                    finished_utc=stamp(moment), columns=100, iterations=20,
                    machine_id="m", solver_version="1",
                )
            )  # fmt: skip
    return rows


def compared(base: Rows, head: Rows) -> Comparison:
    return compare(tables(base).runs, tables(head).runs)


@pytest.mark.parametrize("seed", range(20))
def test_equal_code_passes(seed: int) -> None:
    found = compared(measured(1.0, seed), measured(1.0, 100 + seed, start=5.0))
    assert found.decision is Decision.PASS, found.times


@pytest.mark.parametrize("seed", range(20))
def test_a_slowdown_is_caught(seed: int) -> None:
    base = measured(1.0, seed, load=0.05)
    head = measured(1.5, 100 + seed, start=5.0, load=0.05)
    assert compared(base, head).decision is Decision.REGRESSION


def test_time_of_other_days_decides_nothing() -> None:
    found = compared(measured(1.0, 0), measured(1.5, 1, start=86_000.0))
    assert not found.times[0].interleaved
    assert found.decision is Decision.INCONCLUSIVE


@pytest.mark.parametrize(
    ("change", "tier"),
    [
        ({"te_bp": 100.2}, 0),
        ({"outcome": "timeout_no_solution"}, 0),
        ({"objective": 1.01}, 0),
        ({"columns": 101}, 1),
        ({"iterations": 30}, 1),
    ],
)
def test_each_loss_is_caught(change: dict[str, Value], tier: int) -> None:
    base = measured(1.0, 0)
    head = [dict(row) for row in measured(1.0, 1, start=5.0)]
    head[3] |= change
    found = compared(base, head)
    assert [d.tier for d in found.differences] == [tier]
    assert found.decision is Decision.REGRESSION


def test_a_missing_row_is_a_loss() -> None:
    found = compared(measured(1.0, 0), measured(1.0, 1)[1:])
    assert [d.text for d in found.differences] == ["the row is missing"]


def test_what_a_limit_cut_short_is_not_judged() -> None:
    base, head = measured(1.0, 0), [dict(row) for row in measured(1.0, 1, start=5.0)]
    head[0] |= {"te_bp": 130.0, "objective": 1.5, "stop_reason": "time"}
    assert compared(base, head).decision is Decision.PASS


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(DataError, match="no row in common"):
        compared(measured(1.0, 0), [run_row("other", "a:n=1")])
    with pytest.raises(DataError, match="twice"):
        compared([run_row("a", "a:n=1")] * 2, [run_row("a", "a:n=1")])


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("verified_feasible", PASS),
        ("hard_kill", PASS),
        ("wrong_feasible", REGRESSION),
        ("harness_error", BROKEN),
    ],
)
def test_a_gate_without_baseline_judges_correctness(outcome: str, code: int) -> None:
    rows = [run_row("one", "a:n=1"), run_row("two", "a:n=1", outcome=outcome)]
    assert gate(scored(tables(rows))).code == code


def test_a_baseline_comes_back_and_holds(tmp_path: Path) -> None:
    path = tmp_path / "smoke.json"
    rows = measured(1.0, 0)
    write_baseline(path, tables(rows).runs, "first")
    baseline = read_baseline(path)
    assert gate(scored(tables(rows)), baseline).code == PASS
    worse = [dict(row) for row in rows]
    worse[0]["te_bp"] = 100.2
    verdict = gate(scored(tables(worse)), baseline)
    assert verdict.code == REGRESSION
    assert "te_bp was 100, is 100.2" in verdict.reasons[0]
    path.write_text("{}")
    with pytest.raises(DataError, match="no baseline"):
        read_baseline(path)


@pytest.fixture
def pytest_json(tmp_path: Path) -> Callable[[float], Path]:
    def write(factor: float) -> Path:
        path = tmp_path / f"{factor}.json"
        data = [factor * s for s in (0.10, 0.11, 0.10)]
        stats = {"median": factor * 0.1, "data": data}
        one = {
            "fullname": "benchmarks/test_micro.py::test_build", "group": None,
            "stats": stats, "extra_info": {"te_bp": 12.0, "note": "x"},
        }  # fmt: skip
        content = {"benchmarks": [one], "machine_info": {"node": "here"}}
        path.write_text(json.dumps(content))
        return path

    return write


def test_pytest_benchmark_is_read(pytest_json: Callable[[float], Path]) -> None:
    base, head = load(pytest_json(1.0)), load(pytest_json(3.0))
    assert base["te_bp"].tolist() == [12.0] * 3
    assert compare(base, base).decision is Decision.PASS
    assert compare(base, head).decision is Decision.INCONCLUSIVE


def test_unreadable_results_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(DataError, match="no result of pytest-benchmark"):
        load(tmp_path / "x.json")
    with pytest.raises(DataError, match="does not exist"):
        load(tmp_path / "none.json")


def test_codes_are_the_documented_ones() -> None:
    assert (PASS, REGRESSION, INCONCLUSIVE, BROKEN) == (0, 1, 3, 4)
