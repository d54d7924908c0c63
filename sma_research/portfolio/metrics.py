r"""The one definition of each figure. All weights look through funds where said.

With holdings *h*, benchmark *b*, baskets *W*, active weight :math:`\alpha = W^Th-b`,
factor exposure *X*, factor covariance *F*, specific risk *s*, residual risk of funds
:math:`\delta`, purchases *u* by asset and sales *v* by lot, both per account value:
"""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Vector
from sma_research.portfolio.netting import added_tax
from sma_research.portfolio.preferences import substitution_rate, waiting_rate
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import counted_gains, disallowed
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.tax_wishes import TaxModel

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
    tax: float  # by the mandate's model
    netted_tax: float  # by exact netting of the year
    tax_error: float  # of the model, tax - netted_tax
    short_term_gain: float  # realized, net; what a wash sale disallows does not count
    long_term_gain: float  # likewise
    transaction_cost: float
    waiting_cost: float  # for gains that would soon be long-term
    substitution_cost: float  # per year, for lower ranks of equivalents
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


def linear_tax(problem: Problem, rebalance: Rebalance) -> float:
    """Rate times gain over all lots sold, as far as their loss is allowed."""
    sold = rebalance.sell_weight(problem)
    return float(problem.tax_rate @ (sold - disallowed(problem, sold)))


def netted_tax(problem: Problem, rebalance: Rebalance) -> float:
    """What the sales add to the tax of the year by exact netting."""
    short, long = counted_gains(problem, rebalance.sell_weight(problem))
    account, value = problem.account, problem.value
    rates, year = account.tax_rates, account.year_to_date
    return added_tax(short * value, long * value, rates, year) / value


def tax(problem: Problem, rebalance: Rebalance) -> float:
    """Tax by the mandate's model."""
    netted = problem.account.mandate.tax_model == TaxModel.NETTED
    return (netted_tax if netted else linear_tax)(problem, rebalance)


def waiting_cost(problem: Problem, rebalance: Rebalance) -> float:
    """Price of selling gains that would soon be long-term."""
    return float(waiting_rate(problem) @ rebalance.sell_weight(problem))


def substitution_cost(problem: Problem, weight: Vector) -> float:
    """Price per year of holding lower ranks of equivalents."""
    return float(substitution_rate(problem) @ weight)


def objective(problem: Problem, rebalance: Rebalance) -> float:
    """What was minimized, value per year (see `Mandate`)."""
    mandate = problem.account.mandate
    once = mandate.tax_aversion * tax(problem, rebalance)
    once += mandate.cost_aversion * transaction_cost(problem, rebalance)
    once += waiting_cost(problem, rebalance)
    weight = rebalance.weight(problem)
    yearly = mandate.risk_aversion * active_variance(problem, weight)
    yearly += substitution_cost(problem, weight)
    return float(yearly + once / mandate.horizon_years)


def measure(problem: Problem, rebalance: Rebalance) -> Metrics:
    """All figures of one rebalance."""
    weight = rebalance.weight(problem)
    short, long = counted_gains(problem, rebalance.sell_weight(problem))
    inside = np.asarray(problem.market.baskets.T @ weight) - weight
    return Metrics(
        tracking_error=tracking_error(problem, weight),
        names=names(weight),
        largest_weight=float(weight.max()),
        active_share=active_share(problem, weight),
        turnover=turnover(problem, rebalance),
        tax=tax(problem, rebalance),
        netted_tax=netted_tax(problem, rebalance),
        tax_error=tax(problem, rebalance) - netted_tax(problem, rebalance),
        short_term_gain=short,
        long_term_gain=long,
        transaction_cost=transaction_cost(problem, rebalance),
        waiting_cost=waiting_cost(problem, rebalance),
        substitution_cost=substitution_cost(problem, weight),
        cash_weight=rebalance.cash / problem.value,
        restricted_in_funds=float(inside[problem.restricted].sum()),
        objective=objective(problem, rebalance),
    )
