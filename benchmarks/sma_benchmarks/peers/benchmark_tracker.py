"""BenchmarkTracker of skfolio, https://skfolio.org: least tracking error by scenarios.

It is given scenarios whose covariance is that of the risk model: every independent move
once up and once down, so that no sampling stands between its model and ours. Where
names are counted it asks SCIP, as its documentation recommends.
"""

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sma_benchmarks.peers.peer import PeerAnswer, absent, version_of
from sma_benchmarks.peers.stating import (
    after_costs,
    counted,
    require_stated,
    risk_directions,
    within_cap,
)
from sma_benchmarks.task import Budget
from sma_research.arrays import Index, Vector
from sma_research.errors import BackendError
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Availability, Licence

STATES: Final = frozenset({
    "no lots", "a limit on names", "a limit per name", "a least weight",
    "a smallest position", "a tracking error cap", "a limit on cash",
    "funds seen through",
})  # fmt: skip
DAYS: Final = 252.0  # scenarios are in units of a day, as its users' are


@dataclass(frozen=True)
class BenchmarkTracker:
    """The peer ``skfolio``."""

    name: str = "skfolio"
    seeded: bool = False

    def probe(self) -> Availability:
        """Track four fifths of one asset and one of another."""
        missing = absent(self.name, "skfolio", "skfolio")
        if missing:
            return missing
        moves = np.array([[0.2, 0.0], [0.0, 0.3]])
        target = np.array([0.8, 0.2]) @ moves
        weight = _fitted(moves, target, {"max_weights": 0.75})
        usable = bool(abs(weight[0] - 0.75) < 1e-3)
        return Availability(
            engine="peer:skfolio",
            version=version_of("skfolio"),
            usable=usable,
            licence=Licence.FREE,
            missing="" if usable else f"two assets end in {weight}; reinstall skfolio",
        )

    def weights(self, problem: Problem, budget: Budget, seed: int) -> PeerAnswer:  # noqa: ARG002 - nothing is drawn
        """Its answer to an account paid in cash."""
        require_stated(problem, self.name, STATES)
        mandate = problem.account.mandate
        allowed = np.flatnonzero(problem.weight_upper > 0)
        moves, target = risk_directions(problem)
        asked: dict[str, Any] = {
            "min_weights": problem.weight_lower[allowed],
            "max_weights": problem.weight_upper[allowed],
        }
        if counted(problem):
            asked["cardinality"] = mandate.max_names
        if mandate.min_position > 0:
            asked["threshold_long"] = mandate.min_position
        if counted(problem) or mandate.min_position > 0:
            asked["solver"] = "SCIP"
            asked["solver_params"] = {
                "scip_params": {
                    "limits/time": budget.time_limit_s,
                    "limits/gap": budget.target_gap,
                }
            }
        weight = _fitted(moves[allowed], target, asked)
        held = after_costs(problem, _spread(weight, allowed, moves.shape[0]))
        return PeerAnswer(
            weight=held if within_cap(problem, held) else None,
            message=asked.get("solver", "CLARABEL"),
            version=version_of("skfolio"),
        )


def _fitted(moves: Vector, target: Vector, asked: dict[str, Any]) -> Vector:
    """Weights ``(t,)`` from moves of assets ``(t, d)`` and the benchmark ``(d,)``."""
    from skfolio.optimization import BenchmarkTracker as Tracker

    up_and_down = np.array([1.0, -1.0])
    # The sample variance of both signs of d moves is 2 d / (2 d - 1) of their squares.
    scale = np.sqrt((2.0 * target.size - 1.0) / (2.0 * DAYS))
    X = scale * np.kron(up_and_down[:, None], moves.T)
    y = scale * np.kron(up_and_down, target)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong with the answer is judged
            weights = Tracker(**asked).fit(X, y).weights_
    except Exception as error:
        text = " ".join(str(error).split())
        raise BackendError(f"peer:skfolio failed: {text}; expected weights") from error
    return np.asarray(weights, dtype=np.float64)


def _spread(weight: Vector, allowed: Index, n: int) -> Vector:
    out = np.zeros(n)
    out[allowed] = np.where(weight > 1e-8, weight, 0.0)
    return out
