"""One account's answer: what a solver claimed, what the referees found, what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sma_research.errors import SmaError
from sma_research.portfolio.findings import Finding
from sma_research.portfolio.metrics import HELD, Metrics
from sma_research.portfolio.priced import LedgerPrice
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.reasons import reasons
from sma_research.portfolio.rebalance import Rebalance
from sma_research.program.certificate import Certificate
from sma_research.program.solution import Incumbent, Termination
from sma_research.program.verify import Residuals

if TYPE_CHECKING:
    import pandas as pd


class Status(StrEnum):
    """What the referees say of an answer. A closed list."""

    OPTIMAL = "OPTIMAL"  # gap within tolerance, audit passed
    FEASIBLE = "FEASIBLE"  # audit passed; bound and gap say how good
    RELAXED = "RELAXED"  # soft limits gave way
    INFEASIBLE = "INFEASIBLE"  # proven; the conflict says why
    NO_SOLUTION = "NO_SOLUTION"  # a limit came first
    UNSUPPORTED = "UNSUPPORTED"  # the method cannot state this problem
    NUMERICAL = "NUMERICAL"  # the solver failed, or its claim does not hold
    BAD_INPUT = "BAD_INPUT"
    CHECK_FAILED = "CHECK_FAILED"  # the solver said fine, the audit disagreed


DUST = 0.005  # USD, of a trade that nobody could make
SOLVED = frozenset({Status.OPTIMAL, Status.FEASIBLE, Status.RELAXED})


class Proof(StrEnum):
    """Where the bound comes from."""

    CERTIFICATE = "certificate"  # recomputed by the core from multipliers
    SEARCH = "search"  # a tree search's claim that no referee contradicts
    NONE = "none"


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """The answer for one account.

    ``bound`` and ``gap`` are in the units of the objective, value per year:
    ``gap = (objective - bound) / max(|objective|, 1e-10)``.
    """

    account_id: str
    solver: str
    formulation: str
    status: Status
    message: str = ""  # one line, when there is no portfolio or it failed the audit
    raised: type[SmaError] | None = None  # what the backend raised, message as above
    problem: Problem | None = None
    rebalance: Rebalance | None = None
    metrics: Metrics | None = None
    ledger: LedgerPrice | None = None  # the trades as the ledger sees them
    bound: float | None = None
    gap: float | None = None
    proof: Proof = Proof.NONE
    certificate: Certificate | None = None  # of the program, in scaled units
    certificates: tuple[Certificate, ...] = ()  # of every case of a netted tax
    certified_bound: float | None = None  # the certificate, in units of the objective
    findings: tuple[Finding, ...] = ()
    conflict: tuple[str, ...] = ()  # in the client's words, when infeasible
    residuals: Residuals | None = None
    termination: Termination = Termination.UNKNOWN  # the solver's claim
    native_status: str = ""
    claimed_objective: float | None = None  # the solver's, in units of the objective
    claimed_bound: float | None = None  # likewise, contradicted or not
    phases: Mapping[str, float] = field(default_factory=dict)  # seconds by phase
    counters: Mapping[str, float] = field(default_factory=dict)
    incumbents: tuple[Incumbent, ...] = ()

    def __repr__(self) -> str:
        """One line: the arrays of the problem would fill screens."""
        facts = [repr(self.account_id), str(self.status)]
        if self.metrics is not None:
            facts.append(f"tracking error {1e4 * self.metrics.tracking_error:.2f} bp")
        if self.gap is not None:
            facts.append(f"gap {100 * self.gap:.3f} %")
        if self.metrics is not None:
            tax = f"tax {100 * self.metrics.tax:.2f} %"
            facts += [f"{self.metrics.names} names", tax]
        said = f": {self.message}" if self.message else ""
        return f"<Report of {', '.join(facts)}{said}>"

    @property
    def solved(self) -> bool:
        """Whether there is a portfolio that passed the audit."""
        return self.status in SOLVED

    @property
    def solve_s(self) -> float:
        """Seconds spent solving."""
        return self.phases.get("solve", 0.0)

    @property
    def total_s(self) -> float:
        """Seconds from the account to its answer."""
        return sum(self.phases.values())

    @property
    def tracking_error_gap(self) -> float | None:
        """How much lower the tracking error could at most be, annual decimal.

        At unchanged tax and cost: ``TE - sqrt(max(bound - other terms, 0) / lambda)``.
        """
        if self.metrics is None or self.bound is None or self.problem is None:
            return None
        aversion = self.problem.account.mandate.risk_aversion
        risk = aversion * self.metrics.tracking_error**2
        other = self.metrics.objective - risk
        least = max(self.bound - other, 0.0) / aversion
        return max(self.metrics.tracking_error - float(np.sqrt(least)), 0.0)

    @cached_property
    def weights(self) -> "pd.Series[float]":
        """Weight of every holding, indexed by asset, largest first."""
        import pandas as pd

        if self.problem is None or self.rebalance is None:
            return pd.Series(dtype=float, name=self.account_id)
        weight = self.rebalance.weight(self.problem)
        held = np.flatnonzero(weight > HELD)
        held = held[np.argsort(-weight[held], kind="stable")]
        assets = [self.problem.market.universe.asset[int(i)] for i in held]
        index = pd.Index(assets, name="asset")
        return pd.Series(weight[held], index=index, name=self.account_id)

    @cached_property
    def trades(self) -> "pd.DataFrame":
        """Trades of half a cent or more, by lot: asset, side, shares, value, reason."""
        import pandas as pd

        columns = ["asset", "lot", "side", "shares", "value", "reason"]
        if self.problem is None or self.rebalance is None:
            return pd.DataFrame(columns=columns)
        problem, rebalance = self.problem, self.rebalance
        asset = np.array(problem.market.universe.asset, dtype=object)
        why_buy, why_sell = reasons(problem, rebalance)
        bought = np.flatnonzero(rebalance.buy * problem.price >= DUST)
        sold = np.flatnonzero(rebalance.sell * problem.price[problem.lot_asset] >= DUST)
        sold_asset = problem.lot_asset[sold]
        shares = np.concatenate([rebalance.sell[sold], rebalance.buy[bought]])
        price = np.concatenate([problem.price[sold_asset], problem.price[bought]])
        return pd.DataFrame({
            "asset": np.concatenate([asset[sold_asset], asset[bought]]),
            "lot": pd.array([*sold, *[None] * bought.size], dtype="Int64"),
            "side": ["sell"] * sold.size + ["buy"] * bought.size,
            "shares": shares,
            "value": shares * price,
            "reason": [*why_sell[sold], *why_buy[bought]],
        })[columns]  # fmt: skip
