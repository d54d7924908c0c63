"""The tables of a run as Parquet files that can be read at any moment.

Rows come in segments of `SEGMENT`; the open one is written again after each solve,
first beside its place, then renamed over it: a reader of ``runs-*.parquet`` sees every
row once, whenever it looks. ``manifest.json`` holds the ``sha256`` of each file, and
the one before, since a file and its manifest cannot be renamed together.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sma_benchmarks.records import TABLES, Kind, Row, checked
from sma_benchmarks.state import Ledger
from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SEGMENT: Final = 256  # rows of `runs` in one file
MANIFEST: Final = "manifest.json"
BLOBS, LOGS = "blobs", "logs"
MACHINES: Final = "machines.parquet"
READS: Final = 20  # attempts while a run is writing
_ARROW: Final[Mapping[Kind, str]] = {
    "text": "string", "float": "float64", "int": "int64", "bool": "bool",
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Tables:
    """What a run left behind."""

    runs: "pd.DataFrame"
    events: "pd.DataFrame"
    periods: "pd.DataFrame"
    machines: "pd.DataFrame"


def read(folder: Path) -> Tables:
    """All tables of a folder, every file checked against the manifest.

    Whole numbers and truth values that may be missing have pandas' nullable types.

    Raises
    ------
    DataError
        No run there, or a file that is damaged or missing.
    """
    for attempt in range(READS):
        manifest = _manifest(folder)
        if not manifest:
            raise _no_run(folder)
        contents = {name: _content(folder, name) for name in manifest}
        wrong = [name for name, content in contents.items()
                 if content is None or _hash(content) not in manifest[name]]  # fmt: skip
        if not wrong:
            return _tables(contents)
        if _manifest(folder) == manifest or attempt == READS - 1:
            raise DataError(
                f"{folder / wrong[0]} is damaged or missing, expected the content named "
                f"in {MANIFEST}; `sma bench run --resume` writes it from the ledger"
            )
    raise AssertionError("unreachable")


def write_place(folder: Path, ledger: Ledger, place: int) -> None:
    """Write the segment of a place from the ledger."""
    _write_segment(folder, ledger, place // SEGMENT)


def write_machines(folder: Path, ledger: Ledger) -> None:
    """Write the machines from the ledger."""
    _write(folder, MACHINES, "machines", ledger.machines())


def write_tables(folder: Path, rows: Mapping[str, Sequence[Row]]) -> None:
    """Write whole tables that no run is filling, such as published ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, content in rows.items():
        name = MACHINES if table == "machines" else f"{table}-0001.parquet"
        _write(folder, name, table, content)


def mend(folder: Path, ledger: Ledger) -> list[str]:
    """Write again what differs from the ledger; names of the files that were wrong.

    A run killed between its ledger and its files leaves the last file short; any
    other difference is damage.
    """
    manifest, wrong = _manifest(folder), []
    segments = range((ledger.places() + SEGMENT - 1) // SEGMENT)
    expected = {name: i for i in segments for name in _segment_names(i)}
    for name, segment in expected.items():
        content = _content(folder, name)
        held = content is not None and _hash(content) in manifest.get(name, ())
        if not held or (name.startswith("runs") and content is not None
                        and not _complete(content, ledger, segment)):  # fmt: skip
            _write_segment(folder, ledger, segment)
            wrong.append(name)
    content = _content(folder, MACHINES)
    if ledger.machines() and (
        content is None or _hash(content) not in manifest.get(MACHINES, ())
    ):
        write_machines(folder, ledger)
        wrong.append(MACHINES)
    return wrong


def _complete(content: bytes, ledger: Ledger, segment: int) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = pq.read_table(pa.BufferReader(content), columns=["row_id", "finished_utc"])
    kept = ledger.finished(segment * SEGMENT, (segment + 1) * SEGMENT)
    rows = [(f.row["row_id"], f.row["finished_utc"]) for f in kept]
    held = found.to_pydict()
    return rows == list(zip(held["row_id"], held["finished_utc"], strict=True))


def _segment_names(segment: int) -> tuple[str, ...]:
    return tuple(
        f"{t}-{segment + 1:04d}.parquet" for t in ("runs", "events", "periods")
    )


def _write_segment(folder: Path, ledger: Ledger, segment: int) -> None:
    kept = ledger.finished(segment * SEGMENT, (segment + 1) * SEGMENT)
    rows: dict[str, Sequence[Row]] = {
        "runs": [f.row for f in kept],
        "events": [event for f in kept for event in f.events],
        "periods": [period for f in kept for period in f.periods],
    }
    # Rows come last: what a reader of rows looks up is there already.
    for name in reversed(_segment_names(segment)):
        table = name.partition("-")[0]
        _write(folder, name, table, rows[table])


def _write(folder: Path, name: str, table: str, rows: Sequence[Row]) -> None:
    """One file and its line in the manifest, each at once or not at all."""
    content = _parquet(table, rows)
    manifest = _manifest(folder)
    before = _content(folder, name)
    both = [_hash(content)] + ([] if before is None else [_hash(before)])
    if before is not None and both[0] == both[1] and name in manifest:
        return
    _replace(folder / MANIFEST, _json({**manifest, name: both}))
    _replace(folder / name, content)
    _replace(folder / MANIFEST, _json({**manifest, name: both[:1]}))


def _parquet(table: str, rows: Sequence[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = [checked(table, row) for row in rows]
    content = pa.Table.from_pylist(whole, schema=schema(table))
    sink = pa.BufferOutputStream()
    pq.write_table(content, sink, compression="zstd", write_page_checksum=True)
    return bytes(sink.getvalue())


def schema(table: str) -> "pa.Schema":
    """Arrow types of a table of `records.TABLES`."""
    import pyarrow as pa

    kinds = {column.name: _ARROW[column.kind] for column in TABLES[table]}
    return pa.schema([(name, pa.type_for_alias(k)) for name, k in kinds.items()])


def _tables(contents: Mapping[str, bytes | None]) -> Tables:
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts: dict[str, list[Any]] = {table: [] for table in TABLES}
    for name in sorted(contents):
        source = pa.BufferReader(contents[name])
        found = pq.read_table(source, page_checksum_verification=True)
        parts[name.partition("-")[0].removesuffix(".parquet")].append(found)
    return Tables(**{table: _frame(table, found) for table, found in parts.items()})


def _frame(table: str, parts: Sequence[Any]) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow as pa

    empty = schema(table).empty_table()
    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    # Files of before a column was added hold nulls there.
    whole = pa.concat_tables([empty, *parts], promote_options="default")
    frame: pd.DataFrame = whole.to_pandas(types_mapper=types.get)
    return frame


def _manifest(folder: Path) -> dict[str, list[str]]:
    """Hashes of each file; none where there is no manifest, or a broken one."""
    content = _content(folder, MANIFEST)
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    listed = isinstance(found, dict) and all(
        isinstance(hashes, list) for hashes in found.values()
    )
    return found if listed else {}


def _no_run(folder: Path) -> DataError:
    """Why a folder without a manifest that says anything cannot be read."""
    if not (folder / MANIFEST).exists():
        return DataError(f"{folder} holds no run, expected {MANIFEST} there")
    return DataError(
        f"{folder / MANIFEST} is broken, expected the hash of every table; "
        "`sma bench run --resume` writes it from the ledger"
    )


def _content(folder: Path, name: str) -> bytes | None:
    path = folder / name
    return path.read_bytes() if path.is_file() else None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(manifest: Mapping[str, Sequence[str]]) -> bytes:
    return (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()


def _replace(path: Path, content: bytes) -> None:
    """Write beside, make sure that it is on the disk, and rename over."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
