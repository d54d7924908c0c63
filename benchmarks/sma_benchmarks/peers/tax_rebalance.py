"""The package taxrebalance, https://github.com/garroshub/taxrebalance.

It sells lots and buys assets under a tracking error cap and a turnover limit: a convex
relaxation, then a search over directions. It is called as its scale task calls it, with
losses credited in full, since ours are (`instances.lots` says how the two agree).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.peers.peer import PeerAnswer, absent, version_of
from sma_benchmarks.peers.stating import require_stated
from sma_benchmarks.task import Budget
from sma_research.errors import BackendError, UnsupportedProgram
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Availability, Licence

if TYPE_CHECKING:
    from taxrebalance import RebalanceConfig, RebalanceResult, TaxLot

STATES: Final = frozenset({
    "tax lots", "a tracking error cap", "a turnover limit", "transaction costs",
    "a limit per name", "a least weight",
})  # fmt: skip
BP: Final = 1e4


@dataclass(frozen=True)
class TaxRebalance:
    """The peer ``taxrebalance``."""

    name: str = "taxrebalance"
    seeded: bool = False

    def probe(self) -> Availability:
        """Rebalance two assets of one lot each, half and half already."""
        missing = absent(self.name, "taxrebalance", "taxrebalance")
        if missing:
            return missing
        from taxrebalance import (
            Portfolio,
            RebalanceConfig,
            TaxLot,
            UnitedStatesLots,
            rebalance,
        )

        lots = [TaxLot(f"{name}-0", name, 1.0, 100.0, 400) for name in ("A", "B")]
        found = rebalance(
            Portfolio.from_tax_lots(lots, prices={"A": 100.0, "B": 100.0}),
            target_weights={"A": 0.5, "B": 0.5},
            covariance=[[0.04, 0.0], [0.0, 0.04]],
            tax_policy=UnitedStatesLots(),
            config=RebalanceConfig(max_tracking_error=0.02),
        )
        return Availability(
            engine="peer:taxrebalance",
            version=version_of("taxrebalance"),
            usable=bool(found.feasible),
            licence=Licence.FREE,
            missing="" if found.feasible else "two assets cannot be held; reinstall",
        )

    def weights(self, problem: Problem, budget: Budget, seed: int) -> PeerAnswer:  # noqa: ARG002 - it takes neither limit nor seed
        """Its answer to an account that holds lots and no funds."""
        require_stated(problem, self.name, STATES)
        untraded = _untraded(problem)
        try:
            found = _rebalanced(problem, untraded)
        except Exception as error:
            raise BackendError(
                f"peer:taxrebalance failed: {error}; expected trades"
            ) from error
        decision = found.decision
        return PeerAnswer(
            weight=_weights(problem, found) if decision["feasible"] else None,
            message=str(decision["solver_status"]),
            version=version_of("taxrebalance"),
        )


def _untraded(problem: Problem) -> tuple[str, ...]:
    """Assets whose weight is fixed where it is: the only bounds it can state.

    Raises
    ------
    UnsupportedProgram
        A bound of another kind, or spreads that differ.
    """
    low, high = problem.weight_lower, problem.weight_upper
    fixed = np.isclose(low, high) & np.isclose(low, problem.held)
    other = (~fixed) & ((low > 0) | (high < 1))
    rate = problem.market.universe.cost_rate
    if other.any() or np.ptp(rate) > 1e-12:
        raise UnsupportedProgram(
            "peer:taxrebalance cannot state limits per name or costs that differ, "
            "expected one cost for all and assets held or not to be traded"
        )
    return tuple(problem.market.universe.asset[int(i)] for i in np.flatnonzero(fixed))


def _rebalanced(problem: Problem, untraded: tuple[str, ...]) -> "RebalanceResult":
    from taxrebalance import Portfolio, UnitedStatesLots, rebalance

    account, risk = problem.account, problem.market.risk_model
    asset = problem.market.universe.asset
    return rebalance(
        Portfolio.from_tax_lots(
            _owned(problem),
            prices=dict(zip(asset, problem.price.tolist(), strict=True)),
            cash=account.cash + account.contribution,
        ),
        target_weights=dict(zip(asset, problem.benchmark.tolist(), strict=True)),
        covariance=risk.X @ risk.F @ risk.X.T + np.diag(risk.s**2),
        tax_policy=UnitedStatesLots(
            short_term_rate=account.tax_rates.short_term,
            long_term_rate=account.tax_rates.long_term,
        ),
        config=_config(problem, untraded),
    )


def _owned(problem: Problem) -> list["TaxLot"]:
    from taxrebalance import TaxLot

    lots = problem.account.lots
    # One age is as good as the true one: only the term counts.
    days = np.where(problem.long_term, 400, 100)
    return [
        TaxLot(str(j), lots.asset[j], float(lots.quantity[j]), float(lots.cost[j]),
               int(days[j]))
        for j in range(lots.size)
    ]  # fmt: skip


def _config(problem: Problem, untraded: tuple[str, ...]) -> "RebalanceConfig":
    from taxrebalance import RebalanceConfig

    mandate = problem.account.mandate
    turnover = mandate.max_turnover
    return RebalanceConfig(
        max_tracking_error=mandate.tracking_error_cap or 0.999,
        trading_cost_bps=BP * float(problem.market.universe.cost_rate[0]),
        loss_utilization=1.0,
        future_recapture_fraction=0.0,
        risk_aversion=mandate.risk_aversion,
        max_turnover_fraction=None if turnover is None else 2.0 * turnover,
        restricted_tickers=untraded,
    )


def _weights(problem: Problem, found: "RebalanceResult") -> np.ndarray:
    weight = problem.held.copy()
    position = problem.market.universe.position
    for trade in found.trades:
        sign = 1.0 if trade["side"] == "BUY" else -1.0
        place = position[trade["ticker"]]
        weight[place] += sign * trade["shares"] * problem.price[place] / problem.value
    return np.clip(weight, 0.0, None)
