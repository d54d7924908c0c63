"""A gate that catches what got worse, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sma_benchmarks.best_known import updated
from sma_benchmarks.compare import Comparison, compare
from sma_benchmarks.describing import described
from sma_benchmarks.gate import (
    BROKEN,
    DECIDED,
    INCONCLUSIVE,
    PASS,
    REGRESSION,
    gate,
    read_baseline,
    write_baseline,
)
from sma_benchmarks.records import Value
from sma_benchmarks.results import load, records
from sma_benchmarks.scores import scored
from sma_benchmarks.timing import Decision

from sma_research.cli import main
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


LOSSES: dict[str, tuple[dict[str, Value], dict[str, Value], str]] = {
    "vanished": ({}, {"te_bp": None}, "te_bp was 100, is missing"),
    "bound lost": ({}, {"bound": None}, "the bound was 0.9, is missing"),
    "bound worse": ({}, {"bound": 0.1}, "certified gap was 10.000%, is 90.000%"),
    "mismatch": ({}, {"claim_mismatch": True}, "claimed objective"),
    "repair": ({"repair_bp": 0.1}, {"repair_bp": 49.0}, "repair_bp was 0.1, is 49"),
    "outlier": ({"cpu_s": 1.0}, {"cpu_s": 100.0}, "processor time was 1 s, is 100 s"),
    "no answer": ({}, {"outcome": "timeout_no_solution", "stop_reason": "time"},
                  "outcome was verified_feasible, is timeout_no_solution"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_named(name: str) -> None:
    before, after, text = LOSSES[name]
    base, head = measured(1.0, 0), measured(1.0, 1, start=5.0)
    base[3] |= before
    head[3] |= after
    found = compared(base, head)
    assert any(text in difference.text for difference in found.differences)
    assert found.decision is Decision.REGRESSION


@pytest.mark.parametrize(
    ("te_bp", "decision"), [(104.0, Decision.PASS), (130.0, Decision.REGRESSION)]
)
def test_what_a_limit_cut_short_is_judged_less_strictly(
    te_bp: float, decision: Decision
) -> None:
    base, head = measured(1.0, 0), measured(1.0, 1, start=5.0)
    head[0] |= {"te_bp": te_bp, "stop_reason": "time"}
    found = compared(base, head)
    assert found.decision is decision
    assert "clarabel: 1 pairs were cut short" in found.notes[0]


def test_a_better_outcome_does_not_excuse_three_times_the_time() -> None:
    head = [row | {"outcome": "certified_optimal"} for row in measured(4.0, 1)]
    found = compared(measured(1.0, 0, load=0.01), head)
    assert found.decision is Decision.INCONCLUSIVE
    assert {difference.tier for difference in found.differences} == {3}
    assert any("not timed" in note for note in found.notes)


def test_slow_halves_are_seen_where_the_median_is_not() -> None:
    head = measured(1.0, 1, start=5.0, load=0.01)
    for row in head[::3]:
        row["cpu_s"] = 4.0 * float(row["cpu_s"] or 0.0)
    found = compared(measured(1.0, 0, load=0.01), head)
    assert found.times[0].ratio.value < 1.25
    assert found.times[0].slower == 14
    assert found.decision is Decision.INCONCLUSIVE
    (line,) = described(found)
    assert "14 of them (35%) above the limit" in line
    assert "inconclusive, for far more pairs are slower by the limit of 1.25" in line


def test_without_repetitions_no_time_is_decided() -> None:
    base, head = measured(1.0, 0, load=0.05), measured(1.5, 1, start=5.0, load=0.05)
    found = compared(base[:20], head[:20])
    assert found.times[0].band is None
    assert found.decision is Decision.INCONCLUSIVE
    (line,) = described(found)
    assert "equal runs unknown" in line
    assert "the limit of 1.25, but nothing was repeated to show the noise" in line


def test_a_pass_with_slower_pairs_says_why_it_passes() -> None:
    base, head = measured(1.0, 0, load=0.3), measured(1.0, 1, load=0.3)
    found = compared(base, head)
    assert found.decision is Decision.PASS
    assert found.times[0].slower > 0
    (line,) = described(found)
    assert line.startswith(
        "tier 3, time: clarabel: pass, for the median is not above the limit of 1.25, "
        "and chance explains the pairs that are: now "
    )


def test_each_difference_says_what_its_tier_is() -> None:
    base, head = measured(1.0, 0), measured(1.0, 1, start=5.0)
    head[3] |= {"columns": 101, "te_realized_bp": 900.0}
    base[3] |= {"te_realized_bp": 100.0}
    head[4] |= {"outcome": "hard_kill"}
    starts = [line.split(": ")[0] for line in described(compared(base, head))]
    for tier in ("0, correctness", "1, counters", "4, advice that decides nothing"):
        assert f"tier {tier}" in starts


@pytest.mark.parametrize(
    ("change", "decision"),
    [
        ({"te_realized_bp": 300.0, "turnover": 1.5, "peak_mb": 3000.0}, Decision.PASS),
        ({"accounts_per_s": 90.0}, Decision.PASS),
        ({"accounts_per_s": 70.0}, Decision.PASS),
        ({"accounts_per_s": 10.0}, Decision.INCONCLUSIVE),
    ],
)
def test_advice_decides_nothing(change: dict[str, Value], decision: Decision) -> None:
    base, head = measured(1.0, 0), measured(1.0, 1, start=5.0)
    base[3] |= {"te_realized_bp": 100.0, "accounts_per_s": 100.0}
    head[3] |= {"te_realized_bp": 100.0, "accounts_per_s": 100.0} | change
    found = compared(base, head)
    assert found.decision is decision
    assert all(difference.tier in {3, 4} for difference in found.differences)
    named = " ".join(difference.text for difference in found.differences)
    assert all(name in named for name in change) or change == {"accounts_per_s": 90.0}


@pytest.mark.parametrize(
    "change",
    [{"suite_hash": "z"}, {"instance_hash": "z"}, {"time_limit_s": 600.0},
     {"memory_limit_mb": 5.0}, {"threads": 8}],
)  # fmt: skip
def test_another_question_is_refused(change: dict[str, Value]) -> None:
    head = measured(1.0, 1)
    head[3] |= change
    with pytest.raises(DataError, match=next(iter(change))):
        compared(measured(1.0, 0), head)


@pytest.mark.parametrize("side", [0, 1])
def test_an_error_of_the_harness_breaks_a_comparison(side: int) -> None:
    sides = measured(1.0, 0), measured(1.0, 1, start=5.0)
    sides[side][3]["outcome"] = "harness_error"
    found = compared(*sides)
    assert found.decision is Decision.BROKEN
    assert DECIDED[found.decision] == BROKEN
    assert f"{('base', 'head')[side]}: clarabel" in described(found)[0]


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(DataError, match="no row in common"):
        compared(measured(1.0, 0), [run_row("other", "a:n=1")])
    with pytest.raises(DataError, match="twice"):
        compared([run_row("a", "a:n=1")] * 2, [run_row("a", "a:n=1")])


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("verified_feasible", PASS),
        ("hard_kill", REGRESSION),
        ("unsupported", PASS),
        ("wrong_feasible", REGRESSION),
        ("harness_error", BROKEN),
    ],
)
def test_a_gate_without_baseline_judges_correctness(outcome: str, code: int) -> None:
    rows = [run_row("one", "a:n=1"), run_row("two", "a:n=1", outcome=outcome)]
    assert gate(scored(tables(rows))).code == code


@pytest.mark.parametrize("outcome", ["timeout_no_solution", "unsupported"])
def test_a_run_without_any_answer_is_not_green(outcome: str) -> None:
    rows = [run_row(name, "a:n=1", outcome=outcome, te_bp=None, objective=None,
                    bound=None) for name in ("one", "two")]  # fmt: skip
    verdict = gate(scored(tables(rows)))
    assert verdict.code == REGRESSION
    assert "no row has a verified answer" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("objective", "bound", "code"),
    [
        (1.0, 0.9, PASS),  # as known
        (0.95, 0.9, PASS),  # a better portfolio than known is fine
        (1.2, 1.1, BROKEN),  # a certified bound above a known portfolio
        (0.7, 0.6, BROKEN),  # a portfolio below a known certified bound
    ],
)
def test_a_gate_holds_a_run_to_what_is_known(
    objective: float, bound: float, code: int
) -> None:
    first = records(tables([run_row("one", "a:n=1")]).runs)
    known = updated({}, first).known
    rows = tables([run_row("one", "a:n=1", objective=objective, bound=bound)])
    assert gate(scored(rows, known), known=known).code == code


def test_no_wrong_row_becomes_a_baseline(tmp_path: Path) -> None:
    rows = [run_row("one", "a:n=1", outcome="wrong_feasible")]
    with pytest.raises(DataError, match="no such row"):
        write_baseline(tmp_path / "x.json", scored(tables(rows)), "hoping")


def test_a_baseline_comes_back_and_holds(tmp_path: Path) -> None:
    path = tmp_path / "smoke.json"
    rows = measured(1.0, 0)
    write_baseline(path, scored(tables(rows)), "first")
    baseline = read_baseline(path)
    assert gate(scored(tables(rows)), baseline).code == PASS
    worse = [dict(row) for row in rows]
    worse[0]["te_bp"] = 100.2
    verdict = gate(scored(tables(worse)), baseline)
    assert verdict.code == REGRESSION
    assert "te_bp was 100, is 100.2" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "it has no list of rows"),
        (b"[1]", "it has no list of rows"),
        (b'{"rows": 3}', "it has no list of rows"),
        (b'{"rows": []}', "it names no solve"),
        (b'{"rows": [1]}', "its rows are not those of a run"),
        (b'{"rows": [{"a": 1}]}', "its rows are not those of a run"),
        (b'{"rows": [{"outcome": "certified_optimal"}]}', "one only in part"),
        (b'{"x": 1,\nfoo', "it is not JSON, see line 2"),
        (b"\xff", "it is not JSON, nor any text"),
    ],
)
def test_what_is_no_baseline_says_why(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "smoke.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is no baseline: ") as refusal:
        read_baseline(path)
    assert said in str(refusal.value)
    assert "Error" not in str(refusal.value)
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_baseline(tmp_path)


@pytest.fixture
def pytest_json(tmp_path: Path) -> Callable[..., Path]:
    def write(factor: float, rounds: int = 3) -> Path:
        path = tmp_path / f"{factor}-{rounds}.json"
        data = [factor * (0.10, 0.11, 0.10)[i % 3] for i in range(rounds)]
        stats = {"median": factor * 0.1, "data": data}
        one = {
            "fullname": "benchmarks/test_micro.py::test_build", "group": None,
            "stats": stats, "extra_info": {"te_bp": 12.0, "note": "x"},
        }  # fmt: skip
        content = {"benchmarks": [one], "machine_info": {"node": "here"}}
        path.write_text(json.dumps(content))
        return path

    return write


def test_rounds_are_no_plan(pytest_json: Callable[..., Path]) -> None:
    base, head = load(pytest_json(1.0, 30)), load(pytest_json(1.0, 25))
    for pair in ((base, head), (head, base)):
        found = compare(*pair)
        assert found.decision is Decision.PASS
        assert found.pairs == 25
        assert "5 rounds that only one side has" in found.notes[0]
    other = head.assign(instance="other")
    both = pd.concat([base.assign(instance="other"), base])
    lost = compare(both, other)
    assert [d.text for d in lost.differences] == ["the row is missing"]


def test_pytest_benchmark_is_read(pytest_json: Callable[..., Path]) -> None:
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


def test_the_verb_sees_lies_that_another_method_exposes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    honest = [run_row("one", "a:n=1"), run_row("two", "a:n=1", bound_claimed=0.9)]
    lying = [run_row("one", "a:n=1"), run_row("two", "a:n=1", bound_claimed=1.5,
             objective=2.0, te_bp=100.0)]  # fmt: skip
    sides = {"base": tables([*honest]), "head": tables([*lying])}
    monkeypatch.setattr(
        "sma_benchmarks.results.load_tables", lambda path: sides[path.name]
    )
    with pytest.raises(SystemExit) as ended:
        main(["bench", "compare", "base", "head"])
    assert ended.value.code == REGRESSION
    assert "outcome was verified_feasible, is wrong_bound" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"a": 1}', "it has no benchmarks"),
        ("x", "it is not JSON, see line 1"),
        ("[1]", "its content is of another kind"),
    ],
)
def test_a_file_that_is_no_result_says_what_it_lacks(
    tmp_path: Path, content: str, found: str
) -> None:
    file = tmp_path / "results.json"
    file.write_text(content)
    with pytest.raises(DataError, match=found):
        load(file)
