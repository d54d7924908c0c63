"""Judging stored answers again, and moving the best known values forwards."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sma_benchmarks.answer import Answer, from_bytes
from sma_benchmarks.best_known import Known, Update, updated
from sma_benchmarks.instances import catalog
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.outcome import Outcome, verified
from sma_benchmarks.records import Row, Value
from sma_benchmarks.referee import judge_answer
from sma_benchmarks.results import load
from sma_benchmarks.store import BLOBS
from sma_benchmarks.suite import load_suite, suites
from sma_benchmarks.task import Budget, Task
from sma_research.errors import DataError

CLOSE: Final = 1e-6  # relative, of a figure judged twice
FIGURES: Final = ("objective", "bound", "te_bp")


@dataclass(frozen=True, eq=False, kw_only=True)
class Verification:
    """What judging again found."""

    judged: int
    differing: tuple[str, ...]  # rows whose stored figures are not what is found now
    update: Update


def verify(folder: Path, known: Mapping[str, Known], data: Path | None) -> Verification:
    """Judge every verified answer of a run again, from its vectors.

    ``known`` are the best values so far, by instance.

    Raises
    ------
    DataError
        No run there, a vector file that is missing, or real data that is absent.
    """
    fresh: list[Row] = []
    differing: list[str] = []
    for row in _answered(folder):
        now = _judged(row, folder, data)
        differing += differences(row, now)
        if verified(Outcome(str(now["outcome"]))):
            fresh.append(now)
    return Verification(
        judged=len(fresh),
        differing=tuple(differing),
        update=updated(known, fresh),
    )


def best_known_file(suite: str) -> Path:
    """Where the best known values of a suite are kept, beside the suites."""
    folder = next(iter(suites().values())).parent.parent / "best_known"
    return folder / f"{suite}.json"


def shipped(suite: str, instances: Iterable[str]) -> bool:
    """Whether a run is of a suite that comes with the package, or of its instances."""
    return suite in suites() and set(instances) <= set(load_suite(suite).instances)


def _answered(folder: Path) -> Iterator[dict[str, Any]]:
    """Verified rows with vectors, missing values as None."""
    rows = load(folder)
    for record in rows.astype(object).where(rows.notna(), None).to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        if row["answer_blob"] and verified(Outcome(row["outcome"])):
            yield row


def _judged(
    row: Mapping[str, Any], folder: Path, data: Path | None
) -> dict[str, Value]:
    """The row with what the referee finds now."""
    instance = _instance(row["instance"], data)
    if instance.hash != row["instance_hash"]:
        raise DataError(
            f"{row['instance']} is another problem than when it was solved; run it again"
        )
    answer = stored_answer(folder, row["answer_blob"])
    verdict = judge_answer(instance, _task(row), answer, row["wall_s"])
    return {
        **row,
        **dict.fromkeys(FIGURES),
        **verdict.columns,
        "outcome": str(verdict.outcome),
    }


def stored_answer(folder: Path, name: str) -> Answer:
    """The answer kept under its ``sha256``.

    Raises
    ------
    DataError
        No such file, other content than its name says, or no answer.
    """
    path = folder / BLOBS / f"{name}.npz"
    if not path.is_file():
        raise DataError(f"{path} is missing, expected the vectors of a row")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != name:
        raise DataError(
            f"{path} is damaged or forged: its content has the sha256 {found[:12]}, "
            "expected its name; run it again"
        )
    return from_bytes(content)


def _task(row: Mapping[str, Any]) -> Task:
    budget = Budget(**{name: row[name] for name in Budget.__dataclass_fields__})
    names = [name for name in Task.__dataclass_fields__ if name != "budget"]
    return Task(**{name: row[name] for name in names}, budget=budget)


def differences(before: Row, now: Row) -> list[str]:
    """A line for each outcome and figure of a row that is another now."""
    where = f"{now['method']} on {now['instance']}, seed {now['seed']}"
    found = []
    if now["outcome"] != before["outcome"]:
        found.append(f"{where}: outcome was {before['outcome']}, is {now['outcome']}")
    for name in FIGURES:
        old, new = before[name], now[name]
        if isinstance(old, float) and isinstance(new, float):
            if abs(old - new) > CLOSE * max(abs(old), CLOSE):
                found.append(f"{where}: {name} was {old:.9g}, is {new:.9g}")
        elif (old is None) != (new is None):
            found.append(f"{where}: {name} was {old}, is {new}")
    return found


@lru_cache(maxsize=2)
def _instance(reference: str, data: Path | None) -> Instance:
    return catalog.load(reference, data)
