"""One pair of rows: what of its answer got worse, check by check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sma_benchmarks.outcome import SEVERITY, Outcome, verified
from sma_benchmarks.platforms import PLATFORM
from sma_benchmarks.timing import Rules

if TYPE_CHECKING:
    import pandas as pd

SIZES: Final = ("columns", "rows", "binaries", "nonzeros")
WORK: Final = ("iterations", "nodes")
PROOFS: Final = frozenset({Outcome.CERTIFIED_OPTIMAL, Outcome.VERIFIED_FEASIBLE})
# Advice: figure, growth that is worth a line (relative), and the least (absolute).
ADVICE: Final = (
    ("te_realized_bp", 0.10, 5.0), ("turnover", 0.10, 0.01), ("peak_mb", 1.0, 200.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that got worse, or may have."""

    tier: int
    where: str  # the row's pair
    text: str  # what was, what is


@dataclass(frozen=True)
class Pair:
    """A row before and now: columns end in ``_base`` and ``_head``."""

    row: "pd.Series"
    rules: Rules

    def values(self, name: str) -> tuple[Any, Any]:
        """A value before and now, as it stands in the table."""
        return self.row[f"{name}_base"], self.row[f"{name}_head"]

    def numbers(self, name: str) -> tuple[float | None, float | None]:
        """A figure before and now, None where there is none."""
        before, after = self.values(name)
        return _number(before), _number(after)

    def texts(self, name: str) -> tuple[str, str]:
        """A text before and now."""
        before, after = self.values(name)
        return str(before), str(after)

    @property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        """Outcome before and now."""
        before, after = self.texts("outcome")
        return Outcome(before), Outcome(after)

    @property
    def cut(self) -> bool:
        """Whether a time limit ended either: then the machine's load has its share."""
        return "time" in self.texts("stop_reason")

    @property
    def asked(self) -> float:
        """Relative gap that another version or platform may use up: what was asked for."""
        return 0.0 if same_ground(self) else self.numbers("target_gap")[1] or 0.0

    @property
    def where(self) -> str:
        """The pair in words."""
        return (
            f"{self.row['method']} on {self.row['instance']}, seed {self.row['seed']}"
        )


Check = Callable[[Pair], Iterator[tuple[int, str]]]


def worsened(pair: Pair) -> list[Difference]:
    """Everything that got worse; where the outcome did, nothing else is looked at."""
    answered = CHECKS if judgeable(pair) else (sizes, work)
    checks = (outcome,) if _is_worse(pair) else answered
    return [
        Difference(tier=tier, where=pair.where, text=text)
        for check in checks
        for tier, text in check(pair)
    ]


def outcome(pair: Pair) -> Iterator[tuple[int, str]]:
    """A worse outcome, in the order of `Outcome`."""
    before, after = pair.outcomes
    said = pair.texts("message")[1]
    yield 0, f"outcome was {before}, is {after}{': ' if said else ''}{said}"


def quality(pair: Pair) -> Iterator[tuple[int, str]]:
    """Tracking error and objective: worse than the tolerance, or gone."""
    rules = pair.rules
    whole = max(rules.relative, pair.asked)
    relative = rules.cut_relative if pair.cut else whole
    least = {
        "te_bp": rules.cut_te_bp if pair.cut else rules.te_bp,
        "objective": rules.objective,
    }
    for name, absolute in least.items():
        old, new = pair.numbers(name)
        if old is not None and new is None:
            yield 0, f"{name} was {old:.6g}, is missing"
        elif _grown(old, new, absolute, relative):
            yield 0, f"{name} was {old:.6g}, is {new:.6g}"


def proof(pair: Pair) -> Iterator[tuple[int, str]]:
    """The certified bound: gone, or its gap grown both ways."""
    rules = pair.rules
    (old_bound, new_bound), (old, new) = pair.numbers("bound"), _gaps(pair)
    if old_bound is not None and new_bound is None:
        yield 4 if pair.cut else 0, f"the bound was {old_bound:.6g}, is missing"
        return
    absolute = rules.cut_gap if pair.cut else max(rules.gap, pair.asked)
    relative = rules.cut_gap_relative if pair.cut else rules.gap_relative
    if _grown(old, new, absolute, relative):
        yield 0, f"the certified gap was {old:.3%}, is {new:.3%}"


def honesty(pair: Pair) -> Iterator[tuple[int, str]]:
    """A claimed objective that is not so any more, and a repair that grew."""
    before, after = pair.texts("claim_mismatch")
    if after == "True" and before != "True":
        yield 0, "the claimed objective was as recomputed, is not"
    old, new = pair.numbers("repair_bp")
    if new is not None and new - (old or 0.0) > pair.rules.repair_bp:
        yield 0, f"repair_bp was {old or 0.0:.3g}, is {new:.3g}"


def sizes(pair: Pair) -> Iterator[tuple[int, str]]:
    """The program is the same, column by column."""
    for name in SIZES:
        old, new = pair.numbers(name)
        if old is not None and new is not None and old != new:
            yield 1, f"{name} of the program were {old:.0f}, are {new:.0f}"


def work(pair: Pair) -> Iterator[tuple[int, str]]:
    """Counters of a search that ended by itself, on one platform and version."""
    if pair.cut or not same_ground(pair):
        return
    for name in WORK:
        old, new = pair.numbers(name)
        if _grown(old, new, 2.0 + pair.rules.work * (old or 0.0), 0.0):
            yield 1, f"{name} were {old:.0f}, are {new:.0f}"


def speed_of_books(pair: Pair) -> Iterator[tuple[int, str]]:
    """Accounts per second, by the clock on the wall: noise alone explains a little."""
    old, new = pair.numbers("accounts_per_s")
    if old is not None and old > (new or 0.0) * pair.rules.slowdown:
        much = old > (new or 0.0) * pair.rules.traded
        yield 3 if much else 4, f"accounts_per_s was {old:.3g}, is {new or 0.0:.3g}"


def advice(pair: Pair) -> Iterator[tuple[int, str]]:
    """What may be worse for the client or the machine; nobody is held to it."""
    for name, relative, least in ADVICE:
        old, new = pair.numbers(name)
        if _grown(old, new, least, relative):
            yield 4, f"{name} was {old:.4g}, is {new:.4g}"


CHECKS: Final[tuple[Check, ...]] = (
    quality, proof, honesty, sizes, work, speed_of_books, advice,
)  # fmt: skip


def same_ground(pair: Pair) -> bool:
    """Whether counters of the two can be compared: platform, version and data are equal."""
    place = "machine_id" if "" in pair.texts(PLATFORM) else PLATFORM
    return all(
        before == after
        for before, after in map(pair.texts, (place, "solver_version", "instance_hash"))
    )


def elsewhere(pair: Pair) -> bool:
    """Whether the two ran on different platforms, both of them known."""
    before, after = pair.texts(PLATFORM)
    return "" not in {before, after} and before != after


def judgeable(pair: Pair) -> bool:
    """Whether there was an answer to fall behind."""
    return verified(pair.outcomes[0])


def _is_worse(pair: Pair) -> bool:
    """A proof that a loaded machine left no time for is no worse answer."""
    before, after = pair.outcomes
    late = {before, after} <= PROOFS and pair.texts("stop_reason")[1] == "time"
    return SEVERITY[after] > SEVERITY[before] and not late


def _gaps(pair: Pair) -> tuple[float | None, float | None]:
    """Certified relative gaps, from objective and bound."""
    objectives, bounds = pair.numbers("objective"), pair.numbers("bound")
    before, after = (
        None if value is None or bound is None
        else (value - bound) / max(abs(value), 1e-10)
        for value, bound in zip(objectives, bounds, strict=True)
    )  # fmt: skip
    return before, after


def _grown(
    old: float | None, new: float | None, absolute: float, relative: float
) -> bool:
    """Whether both are known and the growth is above both measures."""
    if old is None or new is None:
        return False
    return new - old > max(absolute, relative * abs(old))


def _number(value: object) -> float | None:
    known = isinstance(value, int | float | np.number) and np.isfinite(value)
    return float(value) if known else None  # type: ignore[arg-type]
