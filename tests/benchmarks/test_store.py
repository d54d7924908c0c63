"""The ledger and the files written from it."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
from sma_benchmarks import store
from sma_benchmarks.folder import locked, prepare
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import TABLES, Row
from sma_benchmarks.state import Finished, Ledger
from sma_benchmarks.task import Task

from sma_research.errors import DataError


def row_of(task: Task, **changes: object) -> Finished:
    row: dict[str, object] = {
        **task.columns, "row_id": task.row_id, "schema_version": 1,
        "outcome": "verified_feasible", "wall_s": 1.0, "te_bp": 20.0,
        "finished_utc": "2026-01-01T00:00:00+00:00", **changes,
    }  # fmt: skip
    event: Row = {"row_id": task.row_id, "elapsed_s": 0.5, "kind": "incumbent"}
    return Finished(row=row, events=[event])  # type: ignore[arg-type]


def many(task: Task, count: int) -> list[Task]:
    return [replace(task, repeat=i) for i in range(count)]


def fill(folder: Path, ledger: Ledger, tasks: list[Task]) -> None:
    ledger.plan(tasks)
    for task in tasks:
        ledger.begin(task)
        store.write_place(folder, ledger, ledger.finish(row_of(task)))


def test_rows_come_back_with_their_types(tmp_path: Path, task: Task) -> None:
    with Ledger(tmp_path) as ledger:
        fill(tmp_path, ledger, [task])
    runs = store.read(tmp_path).runs
    assert runs["row_id"].tolist() == [task.row_id]
    assert runs["nodes"].isna().all()
    assert str(runs["nodes"].dtype) == "Int64"
    assert str(runs["claim_mismatch"].dtype) == "boolean"
    assert runs["te_bp"].tolist() == [20.0]
    assert store.read(tmp_path).events["kind"].tolist() == ["incumbent"]


def test_a_row_has_one_place_whatever_becomes_of_it(tmp_path: Path, task: Task) -> None:
    tasks = many(task, 3)
    with Ledger(tmp_path) as ledger:
        fill(tmp_path, ledger, tasks)
        again = row_of(tasks[1], outcome="oom", te_bp=None)
        assert ledger.finish(again) == 1
        store.write_place(tmp_path, ledger, 1)
        ledger.retry([Outcome.OOM])
        assert ledger.pending(tasks) == [(1, tasks[1])]
        assert ledger.places() == 3
    runs = store.read(tmp_path).runs
    assert runs["outcome"].tolist() == ["verified_feasible", "oom", "verified_feasible"]
    assert runs["row_id"].tolist() == [t.row_id for t in tasks]


def test_what_was_under_way_is_to_be_done_again(tmp_path: Path, task: Task) -> None:
    tasks = many(task, 2)
    with Ledger(tmp_path) as ledger:
        ledger.plan(tasks)
        ledger.begin(tasks[0])
    with Ledger(tmp_path) as ledger:
        ledger.plan(tasks)
        assert [t.row_id for _, t in ledger.pending(tasks)] == [t.row_id for t in tasks]


def test_segments_are_full_before_the_next_begins(
    tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SEGMENT", 4)
    with Ledger(tmp_path) as ledger:
        fill(tmp_path, ledger, many(task, 9))
        names = sorted(path.name for path in tmp_path.glob("runs*.parquet"))
        assert names == ["runs-0001.parquet", "runs-0002.parquet", "runs-0003.parquet"]
        assert len(store.read(tmp_path).runs) == 9
        assert store.mend(tmp_path, ledger) == []


def test_a_reader_sees_every_row_once_at_any_moment(tmp_path: Path, task: Task) -> None:
    tasks, seen = many(task, 60), []
    with Ledger(tmp_path) as ledger:
        writer = Thread(target=fill, args=(tmp_path, ledger, tasks))
        writer.start()
        while writer.is_alive():
            if (tmp_path / "runs-0001.parquet").exists():
                rows = store.read(tmp_path).runs["row_id"]
                assert rows.is_unique
                seen.append(len(rows))
        writer.join()
    assert seen == sorted(seen)
    assert len(store.read(tmp_path).runs) == 60


def test_a_run_killed_before_its_files_is_mended(tmp_path: Path, task: Task) -> None:
    tasks = many(task, 3)
    with Ledger(tmp_path) as ledger:
        fill(tmp_path, ledger, tasks[:2])
        ledger.plan(tasks)
        ledger.finish(row_of(tasks[2]))
        assert "runs-0001.parquet" in store.mend(tmp_path, ledger)
        assert store.mend(tmp_path, ledger) == []
    assert len(store.read(tmp_path).runs) == 3


def test_a_file_that_is_ahead_of_its_manifest_is_read(
    tmp_path: Path, task: Task
) -> None:
    """As after a kill between the two renames."""
    with Ledger(tmp_path) as ledger:
        fill(tmp_path, ledger, [task])
    manifest = tmp_path / store.MANIFEST
    (content,) = json.loads(manifest.read_text())["runs-0001.parquet"]
    both = json.loads(manifest.read_text()) | {"runs-0001.parquet": ["0" * 64, content]}
    manifest.write_text(json.dumps(both))
    assert len(store.read(tmp_path).runs) == 1


@pytest.mark.parametrize("place", [10, 400, -20])
def test_every_flipped_bit_is_noticed(tmp_path: Path, task: Task, place: int) -> None:
    with Ledger(tmp_path) as ledger:
        fill(tmp_path, ledger, [task])
    path = tmp_path / "runs-0001.parquet"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="is damaged or missing"):
        store.read(tmp_path)


def test_published_tables_need_no_ledger(tmp_path: Path, task: Task) -> None:
    kept = row_of(task)
    store.write_tables(tmp_path, {"runs": [kept.row], "events": kept.events})
    tables = store.read(tmp_path)
    assert (len(tables.runs), len(tables.events), len(tables.periods)) == (1, 1, 0)
    assert isinstance(tables.machines, pd.DataFrame)


def test_tables_of_before_a_column_was_added_are_read(
    tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = {**TABLES, "runs": [c for c in TABLES["runs"] if c.name != "bound_room"]}
    with monkeypatch.context() as before:
        before.setattr(store, "TABLES", fewer)
        store.write_tables(tmp_path, {"runs": [row_of(task).row]})
    runs = store.read(tmp_path).runs
    assert runs["bound_room"].isna().tolist() == [True]
    assert runs["te_bp"].tolist() == [20.0]


def test_a_folder_is_held_by_one(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(DataError, match="in use by another run"),
        locked(tmp_path),
    ):
        raise AssertionError("held twice")
    with locked(tmp_path):
        assert (tmp_path / "lock").exists()


def test_a_folder_belongs_to_one_suite(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.open_for("names", "a" * 64)
        ledger.open_for("names", "a" * 64)
        with pytest.raises(DataError, match="suite_hash aaaaaaaaaaaa instead of bbbb"):
            ledger.open_for("names", "b" * 64)


def test_refuses_tables_whose_ledger_is_gone(tmp_path: Path) -> None:
    (tmp_path / store.MANIFEST).write_text("{}")
    with pytest.raises(DataError, match="without their ledger"):
        prepare(tmp_path, resume=True)


def test_no_run_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run"):
        store.read(tmp_path)
