"""Prices of what a client would rather not do, beside risk, tax and cost."""

import datetime as dt

import numpy as np

from sma_research.arrays import Vector
from sma_research.portfolio.problem import Problem


def waiting_rate(problem: Problem) -> Vector:
    """Price per dollar sold of a gain that turns long-term soon ``(m,)``."""
    mandate = problem.account.mandate
    soon = problem.market.as_of + dt.timedelta(days=mandate.long_term_soon_days)
    turns = problem.account.lots.is_long_term(soon) & ~problem.long_term
    gain = np.maximum(problem.gain_rate, 0.0)
    return np.where(turns, mandate.long_term_soon_price * gain, 0.0)


def substitution_rate(problem: Problem) -> Vector:
    """Price per unit of weight and year of a lower rank ``(n,)``."""
    universe = problem.market.universe
    rate = np.zeros(universe.size)
    for group in problem.account.mandate.equivalents:
        at = universe.positions("equivalents", list(group.assets))
        rate[at] = group.step_price * np.arange(at.size)
    return rate
