"""Two sets of rows, pair by pair: what got worse, beyond what noise explains.

=====  ==========================================================================
tier   rule
=====  ==========================================================================
0      correctness: a worse outcome; tracking error or objective worse than the
       tolerance, or gone; a certified gap grown by a tenth and by 0.1 %, or its bound
       gone; a claim that does not hold any more; a repair 5 bp larger; a row missing
1      counters: the size of the program must not change; iterations and nodes grow by
       at most a tenth and two, where solver version, platform and data are the same
2      one pair that takes ten times the processor time, and half a second more
3      time: processor time, paired; slower only if the whole 99 % interval of the
       median ratio lies above the limit and above the band that equal runs show,
       with the runs interleaved; else at most inconclusive. So are without
       repetitions all times, a better outcome in three times the time, many more
       slower pairs than faster ones, and books at a third of their speed
4      advice that decides nothing: realized tracking error, turnover, memory
=====  ==========================================================================

A row that was cut short by its time limit depends on the machine's load: it is judged
with the wider tolerances of `Rules`, 5 bp or a tenth, and its lost bound is advice.
Another solver version or platform need not find the same answer within the gap that
was asked for: its answer and its gap may be worse by that gap, if it is the larger
tolerance. Errors of the harness on either side leave nothing to compare.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sma_benchmarks.outcome import GROUP, Group, Outcome
from sma_benchmarks.platforms import PLATFORM
from sma_benchmarks.results import shared_rounds
from sma_benchmarks.timing import (
    PAIR,
    Decision,
    Rules,
    TimeRatio,
    outliers,
    time_ratio,
    timed,
    traded,
)
from sma_benchmarks.worsening import (
    Difference,
    Pair,
    elsewhere,
    judgeable,
    same_ground,
    worsened,
)
from sma_research.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

# What must be the same for two rows to be the same question.
GROUND: Final = (
    "suite_hash", "instance_hash", "time_limit_s", "memory_limit_mb", "threads",
    "target_gap",
)  # fmt: skip
TEXTS: Final = ("stop_reason", "message", "machine_id", "solver_version", PLATFORM)
DECIDING: Final = {0, 1, 2}  # tiers
ADVICE: Final = 4
TIERS: Final = {
    0: "correctness", 1: "counters", 2: "one much slower pair", 3: "time",
    ADVICE: "advice that decides nothing",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All differences, and the verdict."""

    pairs: int
    counted: int  # of them whose iterations and nodes were compared, if any
    differences: tuple[Difference, ...]
    times: tuple[TimeRatio, ...]
    broken: tuple[str, ...] = ()  # errors of the harness, on either side
    notes: tuple[str, ...] = ()
    rules: Rules  # by which it was judged

    @property
    def decision(self) -> Decision:
        """The worst of what was found; advice decides nothing."""
        tiers = {difference.tier for difference in self.differences} - {ADVICE}
        times = {time.decision for time in self.times}
        if self.broken:
            return Decision.BROKEN
        if tiers & DECIDING or Decision.REGRESSION in times:
            return Decision.REGRESSION
        if tiers or Decision.INCONCLUSIVE in times:
            return Decision.INCONCLUSIVE
        return Decision.PASS


def compare(
    base: "pd.DataFrame", head: "pd.DataFrame", rules: Rules | None = None
) -> Comparison:
    """Compare rows of `records.RUNS`, paired by instance, method, start, seed, repeat.

    Where rows have no platform (see `platforms.placed`), their machine stands for it.

    Raises
    ------
    DataError
        No pair at all, rows that are there twice, or pairs that were asked different
        questions.
    """
    rules = rules or Rules()
    base, head, notes = shared_rounds(*(_with_platform(rows) for rows in (base, head)))
    for name, rows in (("base", base), ("head", head)):
        if rows.duplicated(list(PAIR)).any():
            raise DataError(f"{name} has rows twice for {', '.join(PAIR)}")
    pairs = _paired(base, head, rules)
    found = [difference for pair in pairs for difference in worsened(pair)]
    found.extend(_missing(base, head))
    times: list[TimeRatio] = []
    methods = sorted(str(name) for name in base["method"].unique())
    for method in methods if base["cpu_s"].notna().any() else ():
        mine = base[base["method"] == method], head[head["method"] == method]
        found.extend(_slow_pairs(timed(*mine), rules))
        ratio = time_ratio(*mine, method, rules)
        if ratio is None:
            notes.append(f"{method}: not timed, for fewer than two pairs have times")
        else:
            times.append(ratio)
    return Comparison(
        pairs=len(pairs),
        counted=sum(same_ground(pair) and not pair.cut for pair in pairs),
        differences=tuple(dict.fromkeys(found)),
        times=tuple(times),
        broken=(*_broken(base, "base"), *_broken(head, "head")),
        notes=(*notes, *_not_judged(pairs, rules)),
        rules=rules,
    )


def _with_platform(rows: "pd.DataFrame") -> "pd.DataFrame":
    return rows if PLATFORM in rows else rows.assign(**{PLATFORM: ""})


def _paired(
    base: "pd.DataFrame", head: "pd.DataFrame", rules: Rules
) -> tuple[Pair, ...]:
    """Rows side by side; a question that changed is refused."""
    both = base.merge(head, on=list(PAIR), suffixes=("_base", "_head"))
    if not len(both):
        raise DataError("base and head have no row in common, expected the same suite")
    texts = [f"{name}_{side}" for name in TEXTS for side in ("base", "head")]
    both[texts] = both[texts].fillna("")
    pairs = tuple(Pair(both.iloc[index], rules) for index in range(len(both)))
    for pair in pairs:
        _check_ground(pair)
    return pairs


def _check_ground(pair: Pair) -> None:
    """Refuse a pair that was asked different questions; what is unknown is no reason.

    Data of another platform may differ in their last bits, and so in their hash.
    """
    asked = [name for name in GROUND if name != "instance_hash" or not elsewhere(pair)]
    known = [name for name in asked if not any(map(_is_missing, pair.values(name)))]
    other = [name for name in known if len(set(pair.values(name))) > 1]
    if other:
        said = ", ".join(
            f"{name} {before} and {after}"
            for name, (before, after) in ((name, pair.values(name)) for name in other)
        )
        raise DataError(
            f"{pair.where}: base and head have {said}; expected the same, so run both "
            "sides, or write the baseline, with one suite"
        )


def _is_missing(value: object) -> bool:
    import pandas as pd

    return bool(pd.isna(value))  # type: ignore[call-overload]


def _missing(base: "pd.DataFrame", head: "pd.DataFrame") -> Iterator[Difference]:
    there = set(head[list(PAIR)].itertuples(index=False, name=None))
    for pair in base[list(PAIR)].itertuples(index=False, name=None):
        if pair not in there:
            where = f"{pair[1]} on {pair[0]}, seed {pair[3]}"
            yield Difference(tier=0, where=where, text="the row is missing")


def _slow_pairs(pairs: "pd.DataFrame", rules: Rules) -> Iterator[Difference]:
    for tier, chosen in ((2, outliers(pairs, rules)), (3, traded(pairs, rules))):
        for row in chosen.itertuples():
            text = (
                f"processor time was {row.cpu_s_base:.3g} s, is {row.cpu_s_head:.3g} s"
            )
            where = f"{row.method} on {row.instance}, seed {row.seed}"
            before, after = str(row.outcome_base), str(row.outcome_head)
            if before != after:
                text += f"; outcome was {before}, is {after}"
            yield Difference(tier=tier, where=where, text=text)


def _broken(rows: "pd.DataFrame", side: str) -> Iterator[str]:
    for row in rows.itertuples():
        if GROUP[Outcome(str(row.outcome))] is Group.BROKEN:
            yield (
                f"{side}: {row.method} on {row.instance}, seed {row.seed}: "
                f"{row.outcome}: {row.message}"
            )


def _not_judged(pairs: tuple[Pair, ...], rules: Rules) -> Iterator[str]:
    """How many pairs of a method were judged less strictly, or not at all."""
    said = {
        "had no verified answer before, so only their outcome and their program were "
        "compared": [pair for pair in pairs if not judgeable(pair)],
        f"were cut short by a time limit, so judged within {rules.cut_te_bp:g} bp or "
        f"{rules.cut_relative:.0%}": [p for p in pairs if p.cut and judgeable(p)],
        "ran on another platform or version, so their counters start anew and an answer "
        "may be worse by the gap asked for": [p for p in pairs if not same_ground(p)],
        "have other data, by rounding on another platform or by a change": [
            p for p in pairs if elsewhere(p) and len(set(p.texts("instance_hash"))) > 1
        ],
    }
    for text, chosen in said.items():
        counts = Counter(str(pair.row["method"]) for pair in chosen)
        for method, count in sorted(counts.items()):
            yield f"{method}: {count} pairs {text}"
