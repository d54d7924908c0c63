"""Folders that were damaged, or are not what they are taken for: one line each."""

from pathlib import Path

import pytest
from sma_benchmarks import store
from sma_benchmarks.folder import prepare, spare_run
from sma_benchmarks.state import FILE, Ledger
from sma_benchmarks.store import MANIFEST
from sma_benchmarks.task import Task

from sma_research.errors import DataError


@pytest.mark.parametrize(
    "content", [b"not a database, " * 500, b"SQLite format 3\0 so"]
)
def test_a_damaged_ledger_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DataError, match=rf"{FILE} is damaged .* with another --out$"):
        Ledger(tmp_path)


def test_damage_that_is_met_later_is_named_too(tmp_path: Path, task: Task) -> None:
    with Ledger(tmp_path) as ledger:
        ledger._db.execute("drop table tasks")
        with pytest.raises(DataError, match="no such table"):
            ledger.places()
        with pytest.raises(DataError, match="no such table"):
            ledger.plan([task])


def test_an_emptied_ledger_is_no_beginning(tmp_path: Path) -> None:
    store.write_tables(tmp_path, {"machines": []})
    (tmp_path / FILE).touch()
    for resume in (True, False):
        with pytest.raises(DataError, match="tables without their ledger"):
            prepare(tmp_path, resume=resume)


def test_what_is_to_be_continued_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run, expected one to continue"):
        prepare(tmp_path / "nowhere", resume=True)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"runs-0001.parquet": 3}'])
def test_a_broken_manifest_is_no_missing_one(tmp_path: Path, content: str) -> None:
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(DataError, match=f"{MANIFEST} is broken"):
        store.read(tmp_path)
    (tmp_path / MANIFEST).unlink()
    with pytest.raises(DataError, match="holds no run"):
        store.read(tmp_path)


@pytest.mark.parametrize("name", [FILE, MANIFEST])
def test_no_table_is_written_over_a_run(tmp_path: Path, name: str) -> None:
    spare_run(tmp_path / "nowhere")
    (tmp_path / name).touch()
    with pytest.raises(DataError, match=f"holds a run .{name} is there."):
        spare_run(tmp_path)
