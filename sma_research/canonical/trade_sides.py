r"""Sides of trades by binaries: an identity group is bought, or sold at a loss.

With :math:`z_g` one where group *g* may be bought, purchases *u* and sales *v* of lots
at a loss:

.. math:: \sum_{j \in g} v_j \le V_g (1 - z_g),\qquad \sum_{i \in g} u_i \le U_g z_g
"""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csc_array

from sma_research.arrays import Matrix, Vector, sparse
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.rows import Rows
from sma_research.canonical.tax_clauses import by_slot
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import sellable_losses, sided_groups


def trade_sides(layout: Layout, problem: Problem) -> Rows:
    """Rows of the sides, first all sales, then all purchases."""
    group, chosen = problem.market.universe.identical_group, sided_groups(problem)
    lost = chosen[:, None] == group[problem.lot_asset][None, :]
    lost &= sellable_losses(problem)[None, :]
    bought = (chosen[:, None] == group[layout.tradable][None, :]).astype(float)
    most = PERCENT * lost @ problem.lot_weight
    room = PERCENT * bought @ problem.weight_upper[layout.tradable]
    count = chosen.size

    def terms() -> Mapping[str, Matrix]:
        none = np.zeros_like(bought)
        return {
            "hold": _below(none, np.where(layout.plain, bought, 0.0)),
            "buy": _below(none[:, layout.slotted], bought[:, layout.slotted]),
            "sell": by_slot(
                layout, problem, np.vstack([lost, np.zeros_like(lost)]).astype(float)
            ),
            "side": _below(np.diag(most), -np.diag(room)),
        }

    return Rows(
        lower=np.full(2 * count, -np.inf),
        upper=np.concatenate([most, np.zeros(count)]),
        terms=terms,
    )


def _below(above: Vector, below: Vector) -> Matrix:
    return sparse(csc_array(np.vstack([above, below])))
