"""The answer in trades: shares bought by asset, shares sold by lot."""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Vector
from sma_research.portfolio.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class Rebalance:
    """Proposed trades of one account, and the cash they leave."""

    buy: Vector  # (n,) shares bought by asset, at least zero
    sell: Vector  # (m,) shares sold by lot, at least zero
    cash: float  # USD after the trades, as the proposal claims

    def shares_after(self, problem: Problem) -> Vector:
        """Shares of every asset after the trades ``(n,)``."""
        n = problem.market.universe.size
        lots = problem.account.lots
        kept = np.bincount(
            problem.lot_asset, weights=lots.quantity - self.sell, minlength=n
        )
        return kept + self.buy

    def weight(self, problem: Problem) -> Vector:
        """Weight of every asset after the trades ``(n,)``."""
        return self.shares_after(problem) * problem.price / problem.value

    def buy_weight(self, problem: Problem) -> Vector:
        """Purchases ``(n,)`` as fractions of the account value."""
        return self.buy * problem.price / problem.value

    def sell_weight(self, problem: Problem) -> Vector:
        """Sales by lot ``(m,)`` as fractions of the account value."""
        return self.sell * problem.price[problem.lot_asset] / problem.value
