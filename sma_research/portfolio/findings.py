"""What the referee says of a proposal: one finding for each clause that it breaks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One clause that the proposal breaks."""

    clause: str  # the mandate's field, or the law of the books
    subject: str  # the asset, sector, factor or lot; empty for the account
    value: float
    limit: float
    excess: float  # beyond the limit, in the unit of the clause

    def __str__(self) -> str:
        of = f" of {self.subject}" if self.subject else ""
        return f"{self.clause}{of} is {self.value:.8g}, the limit is {self.limit:.8g}"


Clause = Callable[[Problem, Rebalance], Iterator[Finding]]


def above(
    clause: str,
    subject: Sequence[str],
    value: Vector,
    limit: Vector | float,
    *,
    scale: Vector | float = 1.0,
) -> Iterator[Finding]:
    """Values above their limits, one finding each."""
    excess = np.where(np.isfinite(value), (value - limit) * scale, np.inf)
    bound = np.broadcast_to(limit, value.shape)
    for i in map(int, np.flatnonzero(excess > 0)):
        yield Finding(clause=clause, subject=subject[i], value=float(value[i]),
                      limit=float(bound[i]), excess=float(excess[i]))  # fmt: skip


def below(
    clause: str,
    subject: Sequence[str],
    value: Vector,
    limit: Vector | float,
    *,
    scale: Vector | float = 1.0,
) -> Iterator[Finding]:
    """Values below their limits, one finding each."""
    for f in above(clause, subject, -value, -np.asarray(limit), scale=scale):
        yield Finding(clause=f.clause, subject=f.subject, value=-f.value,
                      limit=-f.limit, excess=f.excess)  # fmt: skip


def masked(
    problem: Problem, clause: str, weight: Vector, limit: float, mask: Mask
) -> Iterator[Finding]:
    """Weights of some assets above a limit."""
    limits = np.where(mask, limit, np.inf)
    yield from above(clause, problem.market.universe.asset, weight, limits)


def between(clause: str, value: float, lower: float, upper: float) -> Iterator[Finding]:
    """A value outside its limits."""
    # Written so that a value that is no number breaks both limits.
    if not value >= lower:
        yield Finding(clause=clause, subject="", value=value, limit=lower,
                      excess=lower - value)  # fmt: skip
    if not value <= upper:
        yield Finding(clause=clause, subject="", value=value, limit=upper,
                      excess=value - upper)  # fmt: skip
