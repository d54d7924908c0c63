r"""Tax clauses that need binaries: the custodian's lot order, the price of wash sales.

Notation of `tax_clauses`. The binaries belong to no on/off pair.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array

from sma_research.arrays import Index, Matrix, Vector, sparse
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.rows import Rows
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import ordered_pairs, washed_groups


def lot_order(layout: Layout, problem: Problem) -> Rows:
    r"""The custodian's order of consecutive lots: *k* only after all of *j*.

    :math:`v_j \ge w_j o,\; v_k \le w_k o` with a binary *o*.
    """
    first, second = ordered_pairs(problem)
    weight, count = PERCENT * problem.lot_weight, first.size
    i, slot = np.arange(count), layout.lot_slot(problem)
    both = np.concatenate([i, count + i])

    def terms() -> Mapping[str, Matrix]:
        signs = np.concatenate([np.ones(count), -np.ones(count)])
        sold = np.concatenate([slot[first], slot[second]])
        limit = np.concatenate([-weight[first], weight[second]])
        size = 2 * count
        shape = (size, layout.slot_owner.size)
        return {
            "sell": sparse(coo_array((signs, (both, sold)), shape=shape)),
            "order": sparse(
                coo_array((limit, (both, np.concatenate([i, i]))), shape=(size, count))
            ),
        }

    zero = np.zeros(2 * count)
    return Rows(lower=zero, upper=np.full(2 * count, np.inf), terms=terms)


@dataclass(frozen=True, eq=False, kw_only=True)
class Washed:
    """Lots at a loss that recent purchases replace, in the order of disallowance.

    Shares are counted in percent of account value at the price of the group's first
    lot, so that lots of one asset need no factor.
    """

    lots: Index  # (d,)
    factor: Vector  # (d,) counted shares of one percent sold
    prefix: Vector  # (d, d) one where a lot of the group comes before, or itself
    replaced: Vector  # (d,) counted shares that the purchases replace
    most: Vector  # (d,) counted shares of all lots so far


def washed_of(problem: Problem) -> Washed:
    """The lots of an account whose wash sales are priced."""
    groups = list(washed_groups(problem))
    lots = np.concatenate([lots for lots, _ in groups])
    group = np.repeat(np.arange(len(groups)), [lots.size for lots, _ in groups])
    price = problem.price[problem.lot_asset[lots]]
    first = price[np.searchsorted(group, group)]
    factor = first / price
    shares = np.array([shares for _, shares in groups])[group]
    inside = group[:, None] == group[None, :]
    prefix = np.tril(inside).astype(float)
    return Washed(
        lots=lots,
        factor=factor,
        prefix=prefix,
        replaced=PERCENT * shares * first / problem.value,
        most=prefix @ (factor * PERCENT * problem.lot_weight[lots]),
    )


def wash_price(layout: Layout, problem: Problem) -> Rows:
    r"""Disallowed so far is the least of what is replaced and what is sold so far.

    With :math:`D_j, V_j` the sums of *d* and *v* up to lot *j* of a group, *R* shares
    replaced and a binary *o* that says that all of :math:`V_j` is:

    .. math:: d_j \le v_j,\quad D_j \le R,\quad D_j \ge R (1 - o_j),\quad
        D_j \ge V_j - (\overline V_j - R)^+ (1 - o_j)

    A binary for each lot, not one for its group: with the last sums alone the smallest
    losses would be disallowed, where the law takes the earliest acquired.
    """
    washed, slot = washed_of(problem), layout.lot_slot(problem)
    count, R = washed.lots.size, washed.replaced
    room = np.maximum(washed.most - R, 0.0)

    def terms() -> Mapping[str, Matrix]:
        total = washed.prefix * washed.factor
        picked = np.zeros((count, layout.slot_owner.size))
        picked[np.arange(count), slot[washed.lots]] = 1.0
        none, one = np.zeros((count, count)), np.eye(count)
        sold = np.zeros_like(picked)
        return {
            "sell": _stacked(-picked, sold, sold, -total @ picked),
            "washed": _stacked(one, total, total, total),
            "replaced": _stacked(none, none, np.diag(R), np.diag(-room)),
        }

    zero, free = np.zeros(count), np.full(count, np.inf)
    return Rows(
        lower=np.concatenate([-free, -free, R, -room]),
        upper=np.concatenate([zero, R, free, free]),
        terms=terms,
    )


def _stacked(*blocks: Vector) -> Matrix:
    return sparse(csc_array(np.vstack(blocks)))
