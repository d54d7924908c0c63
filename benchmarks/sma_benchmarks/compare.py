"""Two sets of rows, pair by pair: what got worse, beyond what noise explains.

=====  ==========================================================================
tier   rule
=====  ==========================================================================
0      correctness: a worse outcome, tracking error or objective worse than the
       tolerance, a row that is missing
1      counters: the size of the program must not change; iterations and nodes grow by
       at most a tenth, where solver and machine are the same
3      time: processor time, paired; slower only if the whole 99 % interval of the
       median ratio lies above the limit and above the band that equal runs show,
       with the runs interleaved; else at most inconclusive
=====  ==========================================================================

A row that was cut short by its time limit depends on the machine's load: its quality
is reported, not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.outcome import SEVERITY, Outcome
from sma_benchmarks.timing import PAIR, Decision, Rules, TimeRatio, time_ratio
from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SIZES: Final = ("columns", "rows", "binaries", "nonzeros")
WORK: Final = ("iterations", "nodes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that got worse."""

    tier: int
    where: str  # the row's pair
    text: str  # what was, what is


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All differences, and the verdict."""

    pairs: int
    differences: tuple[Difference, ...]
    times: tuple[TimeRatio, ...]
    notes: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision:
        """Regression if anything got worse; inconclusive if only time may have."""
        if self.differences or any(
            t.decision is Decision.REGRESSION for t in self.times
        ):
            return Decision.REGRESSION
        if any(t.decision is Decision.INCONCLUSIVE for t in self.times):
            return Decision.INCONCLUSIVE
        return Decision.PASS


def compare(
    base: "pd.DataFrame", head: "pd.DataFrame", rules: Rules | None = None
) -> Comparison:
    """Compare rows of `records.RUNS`, paired by instance, method, start, seed, repeat.

    Raises
    ------
    DataError
        No pair at all, or rows that are there twice.
    """
    rules = rules or Rules()
    for name, rows in (("base", base), ("head", head)):
        if rows.duplicated(list(PAIR)).any():
            raise DataError(f"{name} has rows twice for {', '.join(PAIR)}")
    both = base.merge(head, on=list(PAIR), suffixes=("_base", "_head"))
    texts = [f"{name}_{side}" for name in ("stop_reason", "message")
             for side in ("base", "head") if f"{name}_{side}" in both]  # fmt: skip
    both[texts] = both[texts].fillna("")
    if not len(both):
        raise DataError("base and head have no row in common, expected the same suite")
    found: list[Difference] = []
    notes: list[str] = []
    for index in range(len(both)):
        row = both.iloc[index]
        found.extend(_quality(row, rules))
        found.extend(_counters(row, rules, notes))
    found.extend(_missing(base, head))
    methods = sorted(str(m) for m in both["method"].unique())
    times = [
        time_ratio(base[base["method"] == m], head[head["method"] == m], m, rules)
        for m in methods
    ]
    return Comparison(
        pairs=len(both),
        differences=tuple(found),
        times=tuple(t for t in times if t is not None),
        notes=tuple(dict.fromkeys(notes)),
    )


def _where(row: "pd.Series") -> str:
    return f"{row['method']} on {row['instance']}, seed {row['seed']}"


def _quality(row: "pd.Series", rules: Rules) -> Iterator[Difference]:
    before, after = Outcome(row["outcome_base"]), Outcome(row["outcome_head"])
    if SEVERITY[after] > SEVERITY[before] and not _by_gap(before, after, row):
        text = f"outcome was {before}, is {after}: {row['message_head']}"
        yield Difference(tier=0, where=_where(row), text=text)
        return
    if "time" in (row["stop_reason_base"], row["stop_reason_head"]):
        return
    for name, absolute in (("te_bp", rules.te_bp), ("objective", 0.0)):
        old, new = _number(row[f"{name}_base"]), _number(row[f"{name}_head"])
        if old is None or new is None:
            continue
        if new - old > max(absolute, rules.relative * abs(old)):
            text = f"{name} was {old:.6g}, is {new:.6g}"
            yield Difference(tier=0, where=_where(row), text=text)


def _by_gap(before: Outcome, after: Outcome, row: "pd.Series") -> bool:
    """A proof that a loaded machine left no time for is no worse answer."""
    proof = {Outcome.CERTIFIED_OPTIMAL, Outcome.VERIFIED_FEASIBLE}
    return {before, after} <= proof and row["stop_reason_head"] == "time"


def _counters(
    row: "pd.Series",
    rules: Rules,
    notes: list[str],
) -> Iterator[Difference]:
    for name in SIZES:
        old, new = _number(row[f"{name}_base"]), _number(row[f"{name}_head"])
        if old is not None and new is not None and old != new:
            text = f"{name} of the program were {old:.0f}, are {new:.0f}"
            yield Difference(tier=1, where=_where(row), text=text)
    if "time" in (row["stop_reason_base"], row["stop_reason_head"]):
        return
    same = all(
        str(row[f"{name}_base"]) == str(row[f"{name}_head"])
        for name in ("machine_id", "solver_version")
    )
    if not same:
        notes.append(
            f"{row['method']}: another machine or version, counters start anew"
        )
        return
    for name in WORK:
        old, new = _number(row[f"{name}_base"]), _number(row[f"{name}_head"])
        if old is not None and new is not None and new > old * (1 + rules.work) + 2:
            text = f"{name} were {old:.0f}, are {new:.0f}"
            yield Difference(tier=1, where=_where(row), text=text)


def _missing(base: "pd.DataFrame", head: "pd.DataFrame") -> Iterator[Difference]:
    there = set(head[list(PAIR)].itertuples(index=False, name=None))
    for pair in base[list(PAIR)].itertuples(index=False, name=None):
        if pair not in there:
            where = f"{pair[1]} on {pair[0]}, seed {pair[3]}"
            yield Difference(tier=0, where=where, text="the row is missing")


def _number(value: object) -> float | None:
    known = isinstance(value, int | float | np.number) and np.isfinite(value)
    return float(value) if known else None  # type: ignore[arg-type]
