"""The portfolio an answer proposes: as claimed, as accepted, and its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.answer import Answer
from sma_benchmarks.judging.breaches import BP
from sma_benchmarks.judging.repair import booked, distance, from_weights, repair
from sma_benchmarks.records import Value
from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.portfolio.audit import audit
from sma_research.portfolio.metrics import Metrics
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance

REPAIRABLE = 0.005  # of account value, one-way: a repair beyond it is another answer


@dataclass(frozen=True, eq=False, kw_only=True)
class Accepted:
    """A portfolio that holds every limit, and what it took."""

    rebalance: Rebalance
    repair: float  # one-way distance, of account value


def proposal(problem: Problem, answer: Answer, prefix: str = "") -> Rebalance | None:
    """The trades an answer proposes, as claimed.

    Raises
    ------
    DataError
        Vectors of the wrong length, or values that are not finite.
    """
    n, m = problem.market.universe.size, problem.account.lots.size
    vectors = answer.vectors
    if f"{prefix}weight" in vectors:
        weight = _sized(vectors, f"{prefix}weight", n)
        return from_weights(problem, weight)
    if f"{prefix}buy" not in vectors:
        return None
    return Rebalance(
        buy=_sized(vectors, f"{prefix}buy", n),
        sell=_sized(vectors, f"{prefix}sell", m),
        cash=float(_sized(vectors, f"{prefix}cash", 1)[0]),
    )


def accept(problem: Problem, claimed: Rebalance) -> Accepted | None:
    """The claim if it holds every limit, else its repair if that is near.

    What only misstates its cash keeps its trades.
    """
    if not audit(problem, claimed):
        return Accepted(rebalance=claimed, repair=0.0)
    found: Rebalance | None = booked(problem, claimed)
    if audit(problem, booked(problem, claimed)):
        found = repair(problem, claimed)
    if found is None:
        return None
    taken = distance(problem, claimed, found)
    return None if taken > REPAIRABLE else Accepted(rebalance=found, repair=taken)


def figure_columns(accepted: Accepted, figures: Metrics) -> dict[str, Value]:
    """Every figure of an accepted portfolio, in the units of the table."""
    rebalance = accepted.rebalance
    trades = np.count_nonzero(rebalance.buy) + np.count_nonzero(rebalance.sell)
    return {
        "repair_bp": BP * accepted.repair,
        "te_bp": BP * figures.tracking_error,
        "objective": figures.objective,
        "names": figures.names,
        "largest_weight": figures.largest_weight,
        "active_share": figures.active_share,
        "turnover": figures.turnover,
        "trades": int(trades),
        "tax_bp": BP * figures.tax,
        "short_term_gain": figures.short_term_gain,
        "long_term_gain": figures.long_term_gain,
        "transaction_cost_bp": BP * figures.transaction_cost,
    }


def _sized(vectors: Mapping[str, NDArray[Any]], name: str, size: int) -> Vector:
    found = np.asarray(vectors.get(name, np.zeros(0)), dtype=np.float64)
    if found.shape != (size,) or not np.isfinite(found).all():
        raise DataError(
            f"the answer's {name} has shape {found.shape}, expected {size} finite numbers"
        )
    return found
