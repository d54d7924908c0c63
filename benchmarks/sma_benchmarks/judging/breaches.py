"""By how much an answer breaks its mandate, before anything is repaired."""

from dataclasses import dataclass

import numpy as np

from sma_research.portfolio.audit import audit
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance

BP = 1e4
COUNTED = "number of names"  # the one clause that is not a fraction of value


@dataclass(frozen=True, kw_only=True)
class Breaches:
    """Largest violation by clause; fractions in basis points, counts as counts."""

    by_clause: dict[str, float]

    @property
    def worst_bp(self) -> float:
        """Largest violation of a limit on weights, cash, turnover or tracking error."""
        fractions = [v for name, v in self.by_clause.items() if name != COUNTED]
        return max(fractions, default=0.0)


def breaches(problem: Problem, rebalance: Rebalance) -> Breaches:
    """Every clause, however little it is broken."""
    found: dict[str, float] = {}
    for finding in audit(problem, rebalance, tolerance=0.0):
        unit = 1.0 if finding.clause == COUNTED else BP
        excess = unit * finding.excess if np.isfinite(finding.excess) else 1e9
        found[finding.clause] = max(found.get(finding.clause, 0.0), excess)
    return Breaches(by_clause=found)
