"""SinglePeriodOptimization of cvxportfolio, https://www.cvxportfolio.com.

Its licence is the GPL: it runs where a user has installed it, and is no dependency. It
knows no tax lots and no limit on names; it is given the factor model, the benchmark and
the limits per name, and no market data of its own.
"""

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np

from sma_benchmarks.peers.peer import PeerAnswer, absent, version_of
from sma_benchmarks.peers.stating import (
    after_costs,
    require_stated,
    risk_directions,
    within_cap,
)
from sma_benchmarks.task import Budget
from sma_research.arrays import Vector
from sma_research.errors import BackendError
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Availability, Licence

STATES: Final = frozenset({
    "no lots", "a limit per name", "a least weight", "a limit on cash",
    "a tracking error cap", "funds seen through",
})  # fmt: skip
CASH: Final = "cash"
A_DAY: Final = "2025-06-30"  # nothing it is given depends on it
DUST: Final = 1e-7  # of account value


@dataclass(frozen=True)
class SinglePeriod:
    """The peer ``cvxportfolio``."""

    name: str = "cvxportfolio"
    seeded: bool = False

    def probe(self) -> Availability:
        """Track one of two assets."""
        missing = absent(self.name, "cvxportfolio", "cvxportfolio")
        if missing:
            return missing
        weight = _weights(
            _Asked(
                exposure=np.zeros((1, 2)),
                variance=np.array([0.04, 0.09]),
                benchmark=np.array([1.0, 0.0]),
                low=np.zeros(2),
                high=np.array([0.75, 1.0]),
                cash=0.0,
            )
        )
        usable = bool(abs(weight[0] - 0.75) < 1e-3)
        return Availability(
            engine="peer:cvxportfolio",
            version=version_of("cvxportfolio"),
            usable=usable,
            licence=Licence.FREE,
            missing="" if usable else f"two assets end in {weight}; reinstall it",
        )

    def weights(self, problem: Problem, budget: Budget, seed: int) -> PeerAnswer:  # noqa: ARG002 - it takes neither
        """Its answer to an account paid in cash."""
        require_stated(problem, self.name, STATES)
        exposure, variance = _risk(problem)
        asked = _Asked(
            exposure=exposure,
            variance=variance,
            benchmark=problem.benchmark,
            low=problem.weight_lower,
            high=problem.weight_upper,
            cash=problem.account.mandate.max_cash,
        )
        try:
            weight = _weights(asked)
        except Exception as error:
            text = " ".join(str(error).split())
            raise BackendError(
                f"peer:cvxportfolio failed: {text}; expected weights"
            ) from error
        held = after_costs(problem, weight)
        return PeerAnswer(
            weight=held if within_cap(problem, held) else None,
            version=version_of("cvxportfolio"),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Asked:
    """What it is given."""

    exposure: Vector  # (d, n) of unit factors
    variance: Vector  # (n,) beyond them
    benchmark: Vector  # (n,)
    low: Vector  # (n,)
    high: Vector  # (n,)
    cash: float  # most of the account


def _risk(problem: Problem) -> tuple[Vector, Vector]:
    """Unit factors ``(d, n)`` and what is beyond them ``(n,)``.

    Funds seen through share the specific moves of what they hold, which then are
    factors too.
    """
    risk = problem.market.risk_model
    if problem.market.is_fund.any():
        moves, _ = risk_directions(problem)
        return moves.T, np.zeros(risk.s.size)
    return (risk.X @ risk.factor_root).T, risk.s**2


def _weights(asked: _Asked) -> Vector:
    """Least active variance within limits ``(n,)``, all but `cash` invested."""
    import cvxportfolio as cvx
    import pandas as pd

    names = [f"asset{i}" for i in range(asked.low.size)]
    factors = range(asked.exposure.shape[0])
    policy = cvx.SinglePeriodOptimization(
        -cvx.FactorModelCovariance(
            F=pd.DataFrame(asked.exposure, factors, names),
            d=pd.Series(asked.variance, names),
            Sigma_F=pd.DataFrame(np.eye(len(factors)), factors, factors),
        ),
        [
            cvx.LongOnly(applies_to_cash=True),
            cvx.MinWeights(pd.Series(asked.low, names)),
            cvx.MaxWeights(pd.Series(asked.high, names)),
            cvx.FactorMinLimit(pd.Series(1.0, names), 1.0 - asked.cash),
        ],
        include_cash_return=False,
        solver="CLARABEL",  # its default gives up on some accounts
        benchmark=cvx.FixedWeights(pd.Series([*asked.benchmark, 0.0], [*names, CASH])),
    )
    held = pd.Series([*np.zeros(len(names)), 1.0], [*names, CASH])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is wrong with the answer is judged
        trades, _, _ = policy.execute(held, None, pd.Timestamp(A_DAY))
    weight = np.asarray(trades.iloc[:-1], dtype=np.float64)
    return np.where(weight > DUST, weight, 0.0)
