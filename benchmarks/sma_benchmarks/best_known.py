"""The best verified portfolio and the best certified bound of every instance.

One JSON file per suite. Entries move only forwards: an incumbent is replaced by a
better one, a bound by a higher one, each judged again from its vectors first. The two
move apart: a row's false bound costs its portfolio nothing. A bound above an incumbent,
by more than the room that the audit's tolerance leaves, is a mistake somewhere and is
never written; portfolios come first, so it is the bound that stays out.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import isfinite
from pathlib import Path

from sma_benchmarks.judging.room import room
from sma_benchmarks.outcome import Outcome, verified
from sma_benchmarks.records import Row, Value
from sma_research.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A value and where it comes from."""

    value: float  # objective or bound
    te_bp: float | None  # the same as tracking error, accounts only
    method: str
    seed: int
    answer: str  # sha256 of the vectors
    git_commit: str | None
    finished_utc: str | None
    room: float = 0.0  # of a bound, by which a verified portfolio may be below it


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of one instance."""

    instance_hash: str
    incumbent: Claim | None = None
    bound: Claim | None = None

    @property
    def gap(self) -> float | None:
        """``(incumbent - bound) / |incumbent|``; None unless both are known."""
        if self.incumbent is None or self.bound is None:
            return None
        value = self.incumbent.value
        return (value - self.bound.value) / max(abs(value), 1e-10)


@dataclass(frozen=True, kw_only=True)
class Update:
    """A table after rows were taken in, and what changed, in words."""

    known: Mapping[str, Known]
    moved: tuple[str, ...]
    conflicts: tuple[str, ...]


def read(path: Path) -> dict[str, Known]:
    """Entries of a file by instance; none where there is no file.

    Raises
    ------
    DataError
        A file that is no such table.
    """
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {name: _known(entry) for name, entry in content.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path} is no table of best known values: {error}; expected instance -> "
            "instance_hash, incumbent, bound"
        ) from error


def write(path: Path, known: Mapping[str, Known]) -> None:
    """Write a file, entries in the order of their names."""
    content = {name: asdict(known[name]) for name in sorted(known)}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def updated(known: Mapping[str, Known], rows: Iterable[Row]) -> Update:
    """Entries moved forwards by judged rows; conflicts leave an entry as it was."""
    table, moved, wrong = dict(known), [], []
    rows = list(rows)
    for row in rows:
        name, content = str(row["instance"]), str(row["instance_hash"])
        entry = table.setdefault(name, Known(instance_hash=content))
        if entry.instance_hash != content:
            moved.append(f"{name}: another problem than before, its values start anew")
            table[name] = Known(instance_hash=content)
    for forwards in (_better, _higher):
        for row in rows:
            name = str(row["instance"])
            entry = table[name]
            after = forwards(entry, row)
            conflict = contradiction(name, after)
            if conflict:
                wrong.append(conflict)
            elif after != entry:
                moved.append(f"{name}: {_described(after)} by {row['method']}")
                table[name] = after
    return Update(known=table, moved=tuple(moved), conflicts=tuple(wrong))


def contradiction(name: str, entry: Known) -> str:
    """One line where a bound is above an incumbent, else nothing."""
    if entry.incumbent is None or entry.bound is None:
        return ""
    above = entry.bound.value - entry.incumbent.value
    if above <= room(entry.incumbent.value, slack=entry.bound.room):
        return ""
    return (
        f"{name}: the bound {entry.bound.value:.9g} ({entry.bound.method}) is above the "
        f"portfolio {entry.incumbent.value:.9g} ({entry.incumbent.method})"
    )


def _better(entry: Known, row: Row) -> Known:
    """The entry with a row's portfolio, if that is the best so far."""
    value, old = row.get("objective"), entry.incumbent
    good = verified(Outcome(str(row["outcome"])))
    if not good or not isinstance(value, float) or not isfinite(value):
        return entry
    if old is not None and not value < old.value - 1e-12 * abs(old.value):
        return entry
    return replace(entry, incumbent=_claim(row, value, row.get("te_bp")))


def _higher(entry: Known, row: Row) -> Known:
    """The entry with a row's certified bound, if that is the highest so far."""
    bound, old = row.get("bound"), entry.bound
    if not isinstance(bound, float) or not isfinite(bound):
        return entry
    if old is not None and not bound > old.value + 1e-12 * abs(old.value):
        return entry
    claim = _claim(row, bound, row.get("bound_te_bp"))
    least = room(
        0.0, aversion=_number(row.get("risk_aversion")),
        slack=_number(row.get("bound_room")),
    )  # fmt: skip
    return replace(entry, bound=replace(claim, room=least))


def _number(value: Value) -> float:
    return value if isinstance(value, float) and isfinite(value) else 0.0


def _claim(row: Row, value: float, te_bp: Value) -> Claim:
    commit, finished = row.get("git_commit"), row.get("finished_utc")
    seed = row.get("seed")
    return Claim(
        value=value,
        te_bp=te_bp if isinstance(te_bp, float) else None,
        method=str(row["method"]),
        seed=seed if isinstance(seed, int) else 0,
        answer=str(row.get("answer_blob") or ""),
        git_commit=str(commit) if commit else None,
        finished_utc=str(finished) if finished else None,
    )


def _described(entry: Known) -> str:
    parts = []
    if entry.incumbent:
        parts.append(f"portfolio {_measured(entry.incumbent)}")
    if entry.bound:
        parts.append(f"bound {_measured(entry.bound)}")
    if entry.gap is not None:
        parts.append(f"gap {100 * entry.gap:.3f} %")
    return ", ".join(parts)


def _measured(claim: Claim) -> str:
    """A value with its units; a program's objective has units of its own."""
    if claim.te_bp is None:
        return f"{claim.value:.6g} in units of the objective"
    return f"{claim.value:.6g} of account value a year ({claim.te_bp:.4g} bp)"


def _known(entry: Mapping[str, object]) -> Known:
    def claim(found: object) -> Claim | None:
        if found is None:
            return None
        if not isinstance(found, Mapping):
            raise TypeError(f"{found!r} is no claim")
        return Claim(**found)

    return Known(
        instance_hash=str(entry["instance_hash"]),
        incumbent=claim(entry["incumbent"]),
        bound=claim(entry["bound"]),
    )
