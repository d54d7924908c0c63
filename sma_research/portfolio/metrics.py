r"""The one definition of each figure. All weights look through funds where said.

With holdings *h*, benchmark *b*, baskets *W*, active weight :math:`\alpha = W^Th-b`,
factor exposure *X*, factor covariance *F*, specific risk *s*, residual risk of funds
:math:`\delta`, purchases *u* by asset and sales *v* by lot, both per account value:
"""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Vector
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance

HELD = (
    1e-6  # a weight above this is held; what is below is dust, one dollar in a million
)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Figures of one rebalanced account, decimals of account value."""

    tracking_error: float  # annual, ex ante
    names: int
    largest_weight: float
    active_share: float
    turnover: float  # one-way
    tax: float
    short_term_gain: float  # realized, net
    long_term_gain: float  # realized, net
    transaction_cost: float
    cash_weight: float
    restricted_in_funds: float  # excluded names held inside funds
    objective: float  # value per year, what was minimized


def active_variance(problem: Problem, weight: Vector) -> float:
    r""":math:`(X^T\alpha)^T F X^T\alpha + \sum s^2\alpha^2 + \sum\delta^2h^2`."""
    residual = problem.market.residual_risk * weight
    variance = problem.market.risk_model.variance(problem.active(weight))
    return float(variance + residual @ residual)


def tracking_error(problem: Problem, weight: Vector) -> float:
    """Ex-ante annual tracking error of holdings ``(n,)``."""
    return float(np.sqrt(max(active_variance(problem, weight), 0.0)))


def names(weight: Vector) -> int:
    """Number of holdings."""
    return int(np.count_nonzero(weight > HELD))


def active_share(problem: Problem, weight: Vector) -> float:
    r"""Half the sum of absolute look-through active weights, :math:`\frac12\|\alpha\|_1`."""
    return float(0.5 * np.abs(problem.active(weight)).sum())


def turnover(problem: Problem, rebalance: Rebalance) -> float:
    r"""One-way: half of all purchases and sales, :math:`\frac12(\sum u + \sum v)`."""
    bought = rebalance.buy_weight(problem).sum()
    sold = rebalance.sell_weight(problem).sum()
    return float(0.5 * (bought + sold))


def transaction_cost(problem: Problem, rebalance: Rebalance) -> float:
    """Half the spread on everything bought and sold."""
    rate = problem.market.universe.cost_rate
    bought = rate @ rebalance.buy_weight(problem)
    sold = rate[problem.lot_asset] @ rebalance.sell_weight(problem)
    return float(bought + sold)


def realized_gains(problem: Problem, rebalance: Rebalance) -> tuple[float, float]:
    """Net short-term and long-term gain realized by the sales."""
    gain = problem.gain_rate * rebalance.sell_weight(problem)
    return float(gain[~problem.long_term].sum()), float(gain[problem.long_term].sum())


def tax(problem: Problem, rebalance: Rebalance) -> float:
    """Rate times gain over all lots sold; losses count at the rate of their term."""
    return float(problem.tax_rate @ rebalance.sell_weight(problem))


def objective(problem: Problem, rebalance: Rebalance) -> float:
    """What was minimized, value per year (see `Mandate`)."""
    mandate = problem.account.mandate
    once = mandate.tax_aversion * tax(problem, rebalance)
    once += mandate.cost_aversion * transaction_cost(problem, rebalance)
    risk = active_variance(problem, rebalance.weight(problem))
    return float(mandate.risk_aversion * risk + once / mandate.horizon_years)


def measure(problem: Problem, rebalance: Rebalance) -> Metrics:
    """All figures of one rebalance."""
    weight = rebalance.weight(problem)
    short, long = realized_gains(problem, rebalance)
    inside = np.asarray(problem.market.baskets.T @ weight) - weight
    return Metrics(
        tracking_error=tracking_error(problem, weight),
        names=names(weight),
        largest_weight=float(weight.max()),
        active_share=active_share(problem, weight),
        turnover=turnover(problem, rebalance),
        tax=tax(problem, rebalance),
        short_term_gain=short,
        long_term_gain=long,
        transaction_cost=transaction_cost(problem, rebalance),
        cash_weight=rebalance.cash / problem.value,
        restricted_in_funds=float(inside[problem.restricted].sum()),
        objective=objective(problem, rebalance),
    )
