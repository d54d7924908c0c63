"""What a process hands over: a claim, with the vectors that let others judge it.

Vectors go to a content-addressed file, so that a new metric needs no new run.
"""

import hashlib
import io
import json
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from threading import get_ident
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sma_research.errors import DataError

# What zip, zlib and numpy raise where bytes were cut or changed.
UNREADABLE: Final = (
    OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, BadZipFile,
    zlib.error, struct.error,
)  # fmt: skip
REAL: Final = "fiub"  # kinds of numpy's types that are real numbers
TEXTS: Final = frozenset({"account_id"})  # the only vectors that are not


@dataclass(frozen=True, eq=False, kw_only=True)
class Event:
    """An incumbent and a bound on the way, as claimed."""

    elapsed_s: float
    objective: float | None
    bound: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """One solve's claim.

    ``vectors`` holds, by kind of instance:

    ========  ====================================================================
    account   ``buy (n,)`` shares, ``sell (m,)`` shares by lot, ``cash (1,)`` USD;
              a peer gives ``weight (n,)`` instead
    program   ``x (p,)``
    book      ``account_id``, and ``buy``, ``sell``, ``cash`` in rows of equal length
              as sparse triplets ``row``, ``column``, ``value`` with a prefix
    path      as account, with a prefix ``t0_``, ``t1_``, ... by period
    all       multipliers ``y (r,)``, ``cap_y (g,)``, ``point (p,)`` where there are
    ========  ====================================================================
    """

    status: str  # status or termination as claimed
    message: str = ""
    formulation: str = ""
    exactness: str = ""
    solver_version: str = ""
    licence: str = ""
    objective: float | None = None
    bound: float | None = None
    phases: Mapping[str, float] = field(default_factory=dict)  # seconds by phase
    counters: Mapping[str, float] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    periods: tuple[Mapping[str, Any], ...] = ()  # of a path, as claimed
    accounts: tuple[Mapping[str, Any], ...] = ()  # of a book, as claimed
    vectors: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def to_bytes(answer: Answer) -> bytes:
    """The answer as one ``.npz`` without pickles."""
    claim = asdict(replace(answer, vectors={}))
    arrays = {name: np.asarray(array) for name, array in answer.vectors.items()}
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(claim).encode(), dtype=np.uint8)
    np.savez_compressed(buffer, allow_pickle=False, claim=text, **arrays)
    return buffer.getvalue()


def from_bytes(content: bytes) -> Answer:
    """The answer written by `to_bytes`.

    Raises
    ------
    DataError
        Bytes that are no such answer.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        claim = json.loads(arrays.pop("claim").tobytes())
        _check_kinds(arrays)
        events = tuple(Event(**event) for event in claim.pop("events"))
        known = {f.name for f in fields(Answer)}
        if not set(claim) <= known:
            raise DataError(f"unknown fields {sorted(set(claim) - known)}")
        return Answer(**{**claim, "vectors": arrays, "events": events})
    except UNREADABLE as error:
        raise DataError(f"the answer cannot be read: {error}") from error


def _check_kinds(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Refuse vectors of text, of complex numbers, or of times."""
    for name, array in arrays.items():
        expected = "U" if name in TEXTS else REAL
        if array.dtype.kind not in expected:
            raise DataError(
                f"the answer cannot be read: {name} is {array.dtype}, expected "
                f"{'text' if name in TEXTS else 'real numbers'}"
            )


def store(folder: Path, content: bytes, suffix: str) -> str:
    """Write content under its own ``sha256`` and return it.

    Two writers of the same content do not meet: each finishes a file of its own.
    """
    name = hashlib.sha256(content).hexdigest()
    path = folder / f"{name}{suffix}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        writer = f"{os.getpid()}-{get_ident()}"
        unfinished = folder / f".{name}.{writer}.unfinished"
        unfinished.write_bytes(content)
        unfinished.replace(path)
    return name
