"""The verbs of ``sma bench`` on a run of four rows."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sma_benchmarks import runner, store, verifying
from sma_benchmarks.answer import from_bytes, to_bytes
from sma_benchmarks.runner import Plan, Step, run
from sma_benchmarks.schedule import interleaved
from sma_benchmarks.state import Ledger
from sma_benchmarks.suite import load_suite
from sma_benchmarks.verifying import shipped

from sma_research.cli import main

SUITE = """
name = "verbs"
description = "Four short solves"
tier = "ci"
instances = ["names:n=40,k=12,factors=4", "names:n=40,k=40,factors=4"]
methods = ["clarabel", "osqp"]
[budget]
time_limit_s = 20.0
"""
Verb = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verbs") / "verbs.toml"
    path.write_text(SUITE)
    return path


@pytest.fixture(scope="module")
def steps(suite: Path) -> list[Step]:
    """A run of the suite, two solves at a time."""
    seen: list[Step] = []
    found = load_suite(str(suite))
    plan = Plan(
        suite=found.name, suite_hash=found.hash, tasks=interleaved([*found.tasks(None)]),
        data=None, folder=suite.parent / "run", jobs=2,
    )  # fmt: skip
    summary = run(plan, seen.append)
    assert summary.solved == 4
    return seen


@pytest.fixture
def folder(steps: list[Step], suite: Path, tmp_path: Path) -> Path:
    shutil.copytree(suite.parent / "run", tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str]) -> Verb:
    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["bench", *(str(argument) for argument in arguments)])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_news_of_every_solve(steps: list[Step]) -> None:
    began = {step.task.row_id for step in steps if step.outcome is None}
    ended = {step.task.row_id for step in steps if step.outcome is not None}
    assert began == ended
    assert len(ended) == 4


def test_rows_say_under_which_circumstances(folder: Path) -> None:
    tables = store.read(folder)
    runs = tables.runs
    assert set(runs["machine_id"]) == set(tables.machines["machine_id"])
    assert (runs["canary_ratio"] > 0.1).all()
    assert (runs["cpu_s"] <= runs["wall_s"] * 1.5 + 0.05).all()
    assert (runs["peak_mb"] > 10).all()
    assert set(runs["licence"]) == {"free software"}
    settings = json.loads(runs["settings"].iloc[0])
    assert settings["time_limit_s"] == 20.0


def test_vectors_are_kept(folder: Path) -> None:
    for blob in store.read(folder).runs["answer_blob"]:
        answer = from_bytes((folder / "blobs" / f"{blob}.npz").read_bytes())
        assert {"buy", "sell", "cash", "y"} <= set(answer.vectors)


def test_a_referee_that_fails_breaks_no_run(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of ink")

    monkeypatch.setattr(runner, "judge", fail)
    found = load_suite(str(suite))
    tasks = interleaved([*found.tasks(None)])[:1]
    plan = Plan(suite=found.name, suite_hash=found.hash, tasks=tasks, data=None,
                folder=tmp_path / "run")  # fmt: skip
    run(plan, lambda _: None)
    (row,) = store.read(tmp_path / "run").runs.to_dict("records")
    assert row["outcome"] == "harness_error"
    assert "out of ink" in row["message"]


def test_list_names_what_there_is(bench: Verb, tmp_path: Path) -> None:
    code, said, _ = bench("list", "--json", tmp_path / "list.json")
    content = json.loads((tmp_path / "list.json").read_text())
    assert code == 0
    assert "smoke" in said
    assert {"clarabel", "osqp", "highs", "pyomo"} <= set(content["solvers"])
    assert {"names", "books"} <= {family["name"] for family in content["families"]}


def test_a_run_equals_itself(bench: Verb, folder: Path, suite: Path) -> None:
    code, said, _ = bench("compare", folder, suite.parent / "run")
    assert code == 0
    assert "4 pairs: pass" in said


def test_the_gate_holds_a_run_to_its_baseline(
    bench: Verb, folder: Path, tmp_path: Path
) -> None:
    baseline = tmp_path / "baseline.json"
    assert bench("gate", folder)[0] == 0
    assert bench("gate", folder, "--baseline", baseline)[0] == 5
    assert bench("gate", folder, "--write-baseline", baseline)[0] == 2
    bench("gate", folder, "--write-baseline", baseline, "--reason", "the first")
    assert bench("gate", folder, "--baseline", baseline)[0] == 0
    content = json.loads(baseline.read_text())
    for row in content["rows"]:
        row["te_bp"] *= 0.99
    baseline.write_text(json.dumps(content))
    code, said, _ = bench("gate", folder, "--baseline", baseline)
    assert code == 1
    assert "te_bp was" in said


def test_stored_answers_are_judged_again(
    bench: Verb, folder: Path, tmp_path: Path
) -> None:
    known = tmp_path / "known.json"
    code, said, _ = bench("verify", folder, "--best-known", known)
    assert code == 0
    assert "4 answers judged again: 0 differ" in said
    assert "values moved" in said
    assert " bp)" in said
    entries = json.loads(known.read_text())
    assert len(entries) == 2
    best = store.read(folder).runs.groupby("instance")["objective"].min()
    for name, entry in entries.items():
        assert entry["incumbent"]["value"] == pytest.approx(best[name], rel=1e-9)
    first = min(entries)
    entries[first]["bound"]["value"] = entries[first]["incumbent"]["value"] * 1.01
    known.write_text(json.dumps(entries))
    code, said, _ = bench("verify", folder, "--best-known", known, "--check")
    assert code == 1
    assert "is above the portfolio" in said


def test_judging_writes_only_where_it_is_told(
    bench: Verb, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite of this run does not come with the package."""
    place = tmp_path / "checkout" / "verbs.json"
    monkeypatch.setattr(verifying, "best_known_file", lambda _: place)
    code, said, _ = bench("verify", folder)
    assert code == 0
    assert "values would move" in said
    assert "nothing written: the suite does not come with this package" in said
    code, said, _ = bench("verify", folder, "--best-known", tmp_path / "k", "--check")
    assert code == 0
    assert "values would move" in said
    assert not place.parent.exists()
    assert not (tmp_path / "k").exists()
    code, _, error = bench("verify", folder, "--best-known", tmp_path / "a" / "k")
    assert code == 2
    assert "there is no folder" in error
    assert shipped("smoke", load_suite("smoke").instances[:1])
    assert not shipped("smoke", ["names:n=40,k=12,factors=4,seed=0"])


def test_a_stored_figure_that_is_not_so_is_noticed(
    bench: Verb, folder: Path, tmp_path: Path
) -> None:
    rows = json.loads(store.read(folder).runs.to_json(orient="records"))
    rows[0]["objective"] *= 0.99
    store.write_tables(tmp_path / "told", {"runs": rows})
    shutil.copytree(folder / "blobs", tmp_path / "told" / "blobs")
    code, said, _ = bench("verify", tmp_path / "told", "--best-known", tmp_path / "k")
    assert code == 1
    assert "objective was" in said
    assert not (tmp_path / "k").exists()


def test_vectors_under_another_name_are_refused(
    bench: Verb, folder: Path, tmp_path: Path
) -> None:
    blob = min((folder / "blobs").iterdir())
    content = blob.read_bytes()
    for other in (
        to_bytes(replace(from_bytes(content), message="forged")),
        content[:99],
    ):
        blob.write_bytes(other)
        code, _, said = bench("verify", folder, "--best-known", tmp_path / "k")
        assert code == 2
        assert "damaged or forged" in said


def test_a_run_is_judged_again_without_solving(
    bench: Verb, folder: Path, tmp_path: Path
) -> None:
    before = store.read(folder).runs
    with Ledger(folder) as ledger:
        (first, *_) = ledger.finished(0, 1)
        told = {**first.row, "objective": 0.5, "names": 3, "bound_room": None}
        ledger.rejudge([replace(first, row=told, events=[])])
        store.write_place(folder, ledger, 0)
    assert 0.5 in set(store.read(folder).runs["objective"])
    code, said, _ = bench("verify", folder, "--rejudge", "--best-known", tmp_path / "k")
    assert code == 0
    assert "objective was 0.5" in said
    assert "4 rows written anew, 1 figures are others, 0 rows stay" in said
    after = store.read(folder).runs
    pd.testing.assert_frame_equal(before, after)
    assert bench("verify", folder, "--rejudge", "--check")[0] == 2
    blob = folder / "blobs" / f"{after['answer_blob'].iloc[0]}.npz"
    blob.write_bytes(b"")
    code, said, _ = bench("verify", folder, "--rejudge", "--best-known", tmp_path / "k")
    assert code == 1
    assert "3 rows written anew" in said
    pd.testing.assert_frame_equal(before, store.read(folder).runs)


def test_tables_are_exported(bench: Verb, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert bench("export", folder, "--out", out)[0] == 0
    expected = sorted(store.read(folder).runs["row_id"])
    for found in (pd.read_csv(out / "runs.csv"), pd.read_parquet(out / "runs.parquet")):
        assert sorted(found["row_id"]) == expected


def test_a_report_is_written(bench: Verb, folder: Path) -> None:
    assert bench("report", folder)[0] == 0
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "osqp" in text
    assert "names:n=40,k=12,factors=4" in text
    code, said, _ = bench("report", folder, "--markdown")
    assert code == 0
    assert "| " in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "nobody", "--out", "x"), "no suite 'nobody'"),
        (
            ("run", "smoke", "--out", "x", "-s", "clarabel[oops=1]"),
            "oops is no setting",
        ),
        (("run", "smoke", "--out", "x", "--seeds", "a"), "--seeds is 'a'"),
        (
            ("run", "smoke", "--out", "x", "--time-limit", "-1"),
            "--time-limit is -1.0, expected greater than 0",
        ),
        (("run", "smoke", "--out", "x", "--repeats", "0"), "--repeats is 0, expected"),
        (("run", "smoke", "--out", "x", "--seeds", "0,0"), "--seeds is refused: "),
        (("run", "smoke", "--out", "x", "--seeds", "0,-1"), "--seeds is -1, expected"),
        (
            ("run", "smoke", "--out", "x", "-s", "clarabell"),
            "no backend is called 'clarabell', expected one of ",
        ),
        (("run", "smoke", "--out", "x", "-s", "peer:skfolo"), "mean 'skfolio'"),
        (("run", "smoke", "--out", "x", "-s", "pyomo:nope"), "no engine 'nope'"),
        (("run", "smoke", "--out", "x", "-s", "highs:a"), "highs has no engines"),
        (("run", "smoke", "--out", "x", "--resume"), "holds no run"),
        (("run", "smoke", "--out", "file"), "file is a file, expected a folder"),
        (("run", "smoke", "--out", "file/x"), "file/x cannot be written to: Not a"),
        (
            ("run", "smoke", "--out", "x", "--json", "y/z.json"),
            "y/z.json: cannot be written: there is no folder y",
        ),
        (("list", "--json"), "`sma bench list --help`"),
        (("run", "--bad"), "`sma bench run --help`"),
        (("run", "smoke", "--out", "x", "--retry", "bad"), "--retry names 'bad'"),
        (("run", "smoke", "--out", "x", "--data", "nowhere"), "expected a folder"),
        (("gate", "nowhere"), "holds no run"),
        (("compare", "nowhere", "nowhere"), "does not exist"),
        (("report", "nowhere"), "holds no run"),
        (("report", "nowhere", "--html", "y/z.html"), "there is no folder y"),
        (("report", "nowhere", "--html", "."), "is a folder"),
        (("gate", "nowhere", "--write-baseline", "z"), "needs --reason"),
        (
            ("gate", "nowhere", "--write-baseline", "y/z.json", "--reason", "why"),
            "y/z.json: cannot be written: there is no folder y",
        ),
        (
            ("gate", "nowhere", "--write-baseline", ".", "--reason", "why"),
            "is a folder, expected the name of a file",
        ),
        (("gate", "nowhere", "--json", "y/z.json"), "there is no folder y"),
        (("compare", "nowhere", "nowhere", "--json", "y/z"), "there is no folder y"),
        (("verify", "nowhere"), "does not exist"),
    ],
)
def test_mistakes_are_one_line(
    bench: Verb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    code, _, error = bench(*arguments)
    assert (code, error.count("\n")) == (2, 1), error
    assert error.startswith("error: ")
    assert said in error
