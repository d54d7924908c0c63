"""What sales realize for tax: gains by term, losses that a wash sale disallows."""

from collections.abc import Callable, Iterator

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.tax_wishes import LotOrder


def washed_groups(problem: Problem) -> Iterator[tuple[Index, float]]:
    """Lots at a loss that recent purchases replace, and how many shares of them.

    By identity group, lots in the order of their purchase: within a day, the loss
    acquired first is disallowed first (Reg. 1.1091-1(b)).
    """
    washed = np.flatnonzero(problem.priced)
    group = problem.market.universe.identical_group[problem.lot_asset]
    days = problem.account.lots.bought_days
    for g in np.unique(group[washed]):
        lots = washed[group[washed] == g]
        order = np.lexsort((lots, problem.wash.purchase[lots], days[lots]))
        yield lots[order], float(problem.wash.replaced[lots].max())


def disallowed(problem: Problem, sold: Vector) -> Vector:
    """Part of the sales ``(m,)`` whose loss does not count, as they are given.

    Only where the mandate prices wash sales: elsewhere such a sale is forbidden, its
    gain rate is zero, or nobody looks.
    """
    out = np.zeros(sold.size)
    value = problem.price[problem.lot_asset] / problem.value
    for lots, shares in washed_groups(problem):
        total = np.cumsum(sold[lots] / value[lots])
        replaced = np.diff(np.minimum(total, shares), prepend=0.0)
        out[lots] = replaced * value[lots]
    return out


def counted_gains(problem: Problem, sold: Vector) -> tuple[float, float]:
    """Net short-term and long-term result that counts for tax, of account value."""
    gain = problem.taxed_gain_rate * (sold - disallowed(problem, sold))
    return float(gain[~problem.long_term].sum()), float(gain[problem.long_term].sum())


def sums_of_gains(problem: Problem, sold: Vector) -> dict[str, float]:
    """Every sum that a gain limit can name (`GAINS`), of account value.

    Of what counts for tax: a loss that a wash sale disallows is none.
    """
    gain = problem.taxed_gain_rate * (sold - disallowed(problem, sold))
    out: dict[str, float] = {}
    terms = {"short": ~problem.long_term, "long": problem.long_term}
    terms["total"] = np.ones(gain.size, dtype=np.bool_)
    for term, which in terms.items():
        out[f"{term}_gain"] = float(np.maximum(gain[which], 0.0).sum())
        out[f"{term}_loss"] = float(np.maximum(-gain[which], 0.0).sum())
        out[f"{term}_net"] = float(gain[which].sum())
    return out


def ordered_pairs(problem: Problem) -> tuple[Index, Index]:
    """Consecutive lots of an asset in the custodian's order: first ones, second ones.

    Ties stand in the order of the books; no pairs where the order is free.
    """
    none = np.zeros(0, dtype=np.intp)
    keys: dict[str, Callable[[], Vector]] = {
        LotOrder.FIFO: lambda: np.array([d.toordinal() for d in lots.bought], float),
        LotOrder.HIFO: lambda: -lots.cost,
    }
    lots, order = problem.account.lots, problem.account.mandate.lot_order
    if order == LotOrder.FREE or lots.size < 2:
        return none, none
    line = np.lexsort((np.arange(lots.size), keys[order](), problem.lot_asset))
    same = problem.lot_asset[line[:-1]] == problem.lot_asset[line[1:]]
    return line[:-1][same], line[1:][same]


def sellable_losses(problem: Problem) -> Mask:
    """Lots at a loss that may be sold ``(m,)``."""
    return np.asarray(problem.at_loss & ~problem.no_sell, dtype=np.bool_)


def sided_groups(problem: Problem) -> Index:
    """Identity groups that need a side: something of them may be sold at a loss."""
    group = problem.market.universe.identical_group[problem.lot_asset]
    return np.unique(group[sellable_losses(problem)])
