"""Why each trade is proposed, in the client's words."""

import numpy as np
from numpy.typing import NDArray

from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.screens import restrictions, wrong_kind

Words = NDArray[np.object_]


def reasons(problem: Problem, rebalance: Rebalance) -> tuple[Words, Words]:
    """Reasons of purchases by asset ``(n,)`` and of sales by lot ``(m,)``.

    The first that fits: a restriction, a full exit, a realized loss, a step
    towards the target.
    """
    n = problem.market.universe.size
    buy = np.full(n, "towards the target", dtype=object)
    buy[problem.benchmark == 0.0] = "stands in for assets not held"
    asset = problem.lot_asset
    sell = np.full(asset.size, "towards the target", dtype=object)
    sell[problem.gain_rate < 0] = "realizes a loss, towards the target"
    sell[(rebalance.shares_after(problem) <= 0)[asset]] = "full exit"
    kind = wrong_kind(problem.market.universe, problem.account.mandate)
    sell[kind[asset]] = "kind not held by the mandate"
    universe, mandate = problem.market.universe, problem.account.mandate
    for reason, mask in restrictions(universe, mandate).items():
        sell[mask[asset]] = reason
    return buy, sell
