"""The ledger of a run: which solves are asked for, under way and done, and their rows.

One SQLite file in the folder of the run, the source of truth: a solve counts from the
moment its row is committed here, and the Parquet files are written from it.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Final

from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import VERSION, Row
from sma_benchmarks.task import Budget, Task
from sma_research.errors import DataError

FILE: Final = "state.sqlite"
PENDING, RUNNING, DONE = "pending", "running", "done"
_TABLES: Final = """
create table if not exists facts (name text primary key, value text not null);
create table if not exists tasks (
    row_id text primary key,
    order_index integer not null,
    task text not null,
    state text not null,
    outcome text,
    wall_s real,
    place integer unique,  -- of the finished row in the Parquet files, never changed
    row text, events text, periods text
);
create table if not exists machines (machine_id text primary key, row text not null);
"""


@dataclass(frozen=True, eq=False, kw_only=True)
class Finished:
    """All that a solve leaves in the tables."""

    row: Row
    events: Sequence[Row] = ()
    periods: Sequence[Row] = ()


class Ledger:
    """The open ledger of a folder.

    Raises
    ------
    DataError
        A ledger that is damaged or cannot be written to; any method may find that out.
    """

    def __init__(self, folder: Path) -> None:
        # Slots run in threads of their own; the lock keeps them apart.
        self._path = folder / FILE
        self._lock = RLock()
        with self._readable():
            self._db = sqlite3.connect(self._path, check_same_thread=False)
            try:
                self._db.executescript(
                    f"pragma journal_mode=wal; pragma synchronous=full;{_TABLES}"
                )
            except sqlite3.DatabaseError:
                self._db.close()
                raise

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def open_for(self, suite: str, suite_hash: str) -> None:
        """Bind the folder to a suite, or make sure that it is bound to this one.

        Raises
        ------
        DataError
            The folder holds another suite, or rows of another version.
        """
        asked = {"suite": suite, "suite_hash": suite_hash, "version": str(VERSION)}
        held = dict(self._rows("select name, value from facts"))
        if held and held != asked:
            differing = ", ".join(
                f"{name} {held.get(name, '')[:12]} instead of {asked[name][:12]}"
                for name in asked
                if held.get(name) != asked[name]
            )
            raise DataError(
                f"the folder holds {differing}, expected the same suite; name another "
                "folder with --out"
            )
        with self._changing():
            self._db.executemany(
                "insert or ignore into facts values (?, ?)", asked.items()
            )

    def plan(self, tasks: Sequence[Task]) -> None:
        """Add what is not there yet; what was under way is to be done again."""
        rows = [
            (task.row_id, i, json.dumps(asdict(task)), PENDING)
            for i, task in enumerate(tasks)
        ]
        with self._changing():
            self._db.execute(
                "update tasks set state = ? where state = ?", (PENDING, RUNNING)
            )
            self._db.executemany(
                "insert into tasks (row_id, order_index, task, state) values (?, ?, ?, ?)"
                " on conflict (row_id) do update set order_index = excluded.order_index",
                rows,
            )

    def retry(self, outcomes: Iterable[Outcome]) -> None:
        """Ask again for rows of these outcomes; they stay until they are replaced."""
        with self._changing():
            self._db.executemany(
                "update tasks set state = ? where state = ? and outcome = ?",
                [(PENDING, DONE, str(outcome)) for outcome in outcomes],
            )

    def pending(self, tasks: Sequence[Task]) -> list[tuple[int, Task]]:
        """Of these tasks those to be done, with their places in the schedule."""
        done = {row_id for (row_id,) in self._rows(
            "select row_id from tasks where state = ?", DONE
        )}  # fmt: skip
        return [(i, task) for i, task in enumerate(tasks) if task.row_id not in done]

    def begin(self, task: Task) -> None:
        """Note that a task is under way."""
        with self._changing():
            self._db.execute(
                "update tasks set state = ? where row_id = ?", (RUNNING, task.row_id)
            )

    def finish(self, finished: Finished) -> int:
        """Keep a row; return its place in the Parquet files, that of the row before."""
        row, row_id = finished.row, finished.row["row_id"]
        with self._changing():
            (held,) = self._one("select place from tasks where row_id = ?", row_id)
            (last,) = self._one("select coalesce(max(place), -1) from tasks")
            place = last + 1 if held is None else held
            self._db.execute(
                "update tasks set state = ?, outcome = ?, wall_s = ?, place = ?, row = ?,"
                " events = ?, periods = ? where row_id = ?",
                (DONE, row["outcome"], row.get("wall_s"), place, json.dumps(row),
                 json.dumps(list(finished.events)), json.dumps(list(finished.periods)),
                 row_id),
            )  # fmt: skip
        return int(place)

    def rejudge(self, rows: Iterable[Finished]) -> None:
        """Write kept rows anew, all or none; what is asked for and done stays."""
        with self._changing():
            self._db.executemany(
                "update tasks set outcome = ?, row = ?, events = ?, periods = ?"
                " where row_id = ?",
                [(f.row["outcome"], json.dumps(f.row), json.dumps(list(f.events)),
                  json.dumps(list(f.periods)), f.row["row_id"]) for f in rows],
            )  # fmt: skip

    def add_machine(self, row: Row) -> dict[str, Any]:
        """Keep a machine's row, the first of each; return the one that is kept."""
        with self._changing():
            self._db.execute(
                "insert or ignore into machines values (?, ?)",
                (row["machine_id"], json.dumps(row)),
            )
        (kept,) = self._one(
            "select row from machines where machine_id = ?", row["machine_id"]
        )
        return dict(json.loads(kept))

    def machines(self) -> list[dict[str, Any]]:
        """Rows of all machines that took part."""
        found = self._rows("select row from machines order by rowid")
        return [json.loads(row) for (row,) in found]

    def finished(self, first: int, last: int) -> list[Finished]:
        """What is kept at the places from first to before last."""
        found = self._rows(
            "select row, events, periods from tasks where place >= ? and place < ?"
            " order by place",
            first, last,
        )  # fmt: skip
        return [
            Finished(row=json.loads(row), events=json.loads(events),
                     periods=json.loads(periods))
            for row, events, periods in found
        ]  # fmt: skip

    def places(self) -> int:
        """Number of rows kept."""
        (last,) = self._one("select coalesce(max(place), -1) from tasks")
        return int(last) + 1

    def times(self) -> Iterator[tuple[Task, float | None, str]]:
        """Tasks that have a row, with their seconds and outcome."""
        for text, wall_s, outcome in self._rows(
            "select task, wall_s, outcome from tasks where row is not null"
        ):
            yield task_of(json.loads(text)), wall_s, outcome

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise DataError(
                f"{self._path} is damaged or cannot be used: {error}; the tables beside "
                "it hold every finished row, `sma bench report` reads them; run again "
                "with another --out"
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._readable(), self._lock, self._db:
            yield

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with (
            self._readable(), self._lock,
            closing(self._db.execute(statement, values)) as cursor,
        ):  # fmt: skip
            return cursor.fetchall()

    def _one(self, statement: str, *values: object) -> Any:
        with (
            self._readable(), self._lock,
            closing(self._db.execute(statement, values)) as cursor,
        ):  # fmt: skip
            return cursor.fetchone()


def task_of(values: Mapping[str, Any]) -> Task:
    """The task that ``dataclasses.asdict`` took apart."""
    return Task(**{**values, "budget": Budget(**values["budget"])})
