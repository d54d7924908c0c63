r"""Tax clauses as rows, in the notation of `clauses`.

Most coefficients are gains of lots, which belong to the account: accounts with such
rows share no structure (`Shape.own`). Sales by lot *v*, disallowed parts of them *d*,
gain per dollar *g*; net results :math:`s, l` and tax *T* are what this rebalance adds
to the year; all in percent.
"""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csc_array

from sma_research.arrays import Matrix, Vector, sparse
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.rows import Rows
from sma_research.canonical.tax_pieces import TAX
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import washed_groups
from sma_research.portfolio.tax_wishes import loss_floor


def gain_limits(layout: Layout, problem: Problem) -> Rows:
    r"""Sums of gains: :math:`\underline G \le \sum g_j (v_j - d_j) \le \overline G`.

    Over the lots of a term and sign, losses counted as positive amounts.
    """
    limits = loss_floor(problem.account.mandate)
    sides = PERCENT * np.array([limits[key] for key in layout.shape.gains])
    rows = np.array([_counted(problem, key) for key in layout.shape.gains])
    return Rows(
        lower=sides[:, 0],
        upper=sides[:, 1],
        terms=lambda: counted_sales(layout, problem, rows),
    )


def _counted(problem: Problem, key: str) -> Vector:
    """Coefficient of every lot in one sum ``(m,)``."""
    term, what = key.split("_")
    gain = problem.taxed_gain_rate
    every = np.ones_like(problem.long_term)
    of_term = {"short": ~problem.long_term, "long": problem.long_term, "total": every}
    signed = {"gain": np.maximum(gain, 0.0), "loss": np.maximum(-gain, 0.0)}
    return np.where(of_term[term], signed.get(what, gain), 0.0)


def tax_budget(layout: Layout, problem: Problem) -> Rows:
    r"""Tax of the rebalance: :math:`T \le \overline T`.

    In the linear model :math:`T = \sum t_j (v_j - d_j)`.
    """
    budget = problem.account.mandate.tax_budget
    upper = np.array([np.inf if budget is None else PERCENT * budget])

    def terms() -> Mapping[str, Matrix]:
        if layout.shape.netted:
            return {"netted": _row(np.eye(3)[TAX])}
        return counted_sales(layout, problem, problem.tax_rate[None, :])

    return Rows(lower=np.array([-np.inf]), upper=upper, terms=terms)


def netting(layout: Layout, problem: Problem) -> Rows:
    r"""Net results: :math:`s = \sum_S g_j (v_j - d_j)`, *l* likewise."""
    gain = problem.taxed_gain_rate
    rates = np.array([
        np.where(problem.long_term, 0.0, gain), np.where(problem.long_term, gain, 0.0)
    ])  # fmt: skip

    def terms() -> Mapping[str, Matrix]:
        sums = counted_sales(layout, problem, -rates)
        return {"netted": sparse(csc_array(np.eye(2, 3))), **sums}

    return Rows(lower=np.zeros(2), upper=np.zeros(2), terms=terms)


def equivalents(layout: Layout, problem: Problem) -> Rows:
    r"""Substitutes: :math:`\underline m \le \sum_{i \in q} h_i \le \overline m`."""
    chosen = [g for g in problem.account.mandate.equivalents if g.bounded]
    sides = PERCENT * np.array([(g.lower, g.upper) for g in chosen])

    def terms() -> Mapping[str, Matrix]:
        inside = np.array([
            np.isin(layout.tradable, list(group)) for group in layout.shape.equivalents
        ])  # fmt: skip
        return {"hold": sparse(csc_array(inside.astype(float)))}

    return Rows(lower=sides[:, 0], upper=sides[:, 1], terms=terms)


def counted_sales(
    layout: Layout, problem: Problem, rows: Vector
) -> Mapping[str, Matrix]:
    """Coefficients ``(r, m)`` of sales, less their disallowed parts."""
    out = {"sell": by_slot(layout, problem, rows)}
    if layout.shape.washed:
        lots = np.concatenate([lots for lots, _ in washed_groups(problem)])
        out["washed"] = sparse(csc_array(-rows[:, lots]))
    return out


def by_slot(layout: Layout, problem: Problem, rows: Vector) -> Matrix:
    """Coefficients of lots ``(r, m)`` as those of lot slots."""
    out = np.zeros((rows.shape[0], layout.slot_owner.size))
    out[:, layout.lot_slot(problem)] = rows
    return sparse(csc_array(out))


def _row(values: Vector) -> Matrix:
    return sparse(csc_array(values[None, :]))
