r"""Mandate clauses as rows: one clause, one function, one formula.

Each returns the numbers of one account, and how to build the coefficients that
all accounts of the shape share. Notation: holdings *h*, purchases *u*, sales *v*,
cash *c*, look-through active weights :math:`\alpha`, all in percent.
"""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import coo_array, csc_array, eye_array

from sma_research.arrays import Matrix, Vector, sparse
from sma_research.canonical import (
    tax_clauses,
    tax_pieces,
    tax_switches,
    trade_sides,
)
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.rows import Clause, Rows
from sma_research.portfolio.mandate import Band
from sma_research.portfolio.problem import Problem


def budget(layout: Layout, problem: Problem) -> Rows:
    r"""Cash adds up: :math:`c + \sum(1+\kappa)u - \sum(1-\kappa)v = c^0`."""
    rate = layout.market.universe.cost_rate[layout.tradable]
    before = np.array([PERCENT * problem.cash_before])

    def terms() -> Mapping[str, Matrix]:
        sold = rate[layout.slotted][layout.slot_owner]
        return {
            "hold": _row(np.where(layout.plain, 1.0 + rate, 0.0)),
            "buy": _row(1.0 + rate[layout.slotted]),
            "sell": _row(sold - 1.0),
            "cash": _row(np.ones(1)),
        }

    return Rows(lower=before, upper=before, terms=terms)


def position(layout: Layout, problem: Problem) -> Rows:
    r"""What was held, bought and sold: :math:`h - u + \sum v = h^0`."""
    held = PERCENT * problem.held[layout.tradable[layout.slotted]]
    b, t = layout.slotted.size, layout.tradable.size

    def terms() -> Mapping[str, Matrix]:
        one, i = np.ones(b), np.arange(b)
        slots = np.arange(layout.slot_owner.size)
        sold = (np.ones(slots.size), (layout.slot_owner, slots))
        return {
            "hold": sparse(coo_array((one, (i, layout.slotted)), shape=(b, t))),
            "buy": sparse(-eye_array(b)),
            "sell": sparse(coo_array(sold, shape=(b, slots.size))),
        }

    return Rows(lower=held, upper=held, terms=terms)


def factor(layout: Layout, problem: Problem) -> Rows:
    r"""Factor volatility: :math:`f = R\,X^T(W^Th - b)` with :math:`R R = F`."""
    model = layout.market.risk_model
    right = PERCENT * (model.factor_root @ (model.X.T @ problem.benchmark))

    def terms() -> Mapping[str, Matrix]:
        exposure = layout.market.basket_exposure[layout.tradable]
        return {
            "hold": sparse(model.factor_root @ exposure.T),
            "factor": sparse(-eye_array(model.factors)),
        }

    return Rows(lower=right, upper=right, terms=terms)


def active(layout: Layout, problem: Problem) -> Rows:
    r"""Look-through active weight: :math:`\alpha - W^T h = -b`."""
    right = -PERCENT * problem.benchmark[layout.seen]

    def terms() -> Mapping[str, Matrix]:
        baskets = layout.market.baskets[layout.tradable][:, layout.seen]
        return {
            "hold": sparse(-baskets.T),
            "active": sparse(eye_array(layout.seen.size)),
        }

    return Rows(lower=right, upper=right, terms=terms)


def names(layout: Layout, problem: Problem) -> Rows:
    r"""Number of names: :math:`K_{min} \le \sum z_i \le K_{max}`.

    More names than there are leave a row that no binaries meet, which can be proven;
    sides that cross could only be refused.
    """
    mandate, t = problem.account.mandate, layout.tradable.size
    least = float(mandate.min_names or 0)
    return Rows(
        lower=np.array([least]),
        upper=np.array([max(float(min(mandate.max_names or t, t)), least)]),
        terms=lambda: {"on": _row(np.ones(t))},
    )


def turnover(layout: Layout, problem: Problem) -> Rows:
    r"""One-way turnover: :math:`\sum u + \sum v \le 2\theta`."""
    limit = problem.account.mandate.max_turnover
    upper = np.inf if limit is None else 2.0 * PERCENT * limit
    return Rows(
        lower=np.array([-np.inf]),
        upper=np.array([upper]),
        terms=lambda: {
            "hold": _row(layout.plain.astype(float)),
            "buy": _row(np.ones(layout.slotted.size)),
            "sell": _row(np.ones(layout.slot_owner.size)),
        },
    )


def sector_bands(layout: Layout, problem: Problem) -> Rows:
    r"""Sector weights seen through funds: :math:`l \le 1_s^T W^T h \le u`."""
    universe, bands = layout.market.universe, problem.account.mandate.sector_bands
    inside = np.array(
        [universe.in_sector(s) for s in layout.shape.sectors], dtype=float
    )
    bounds = [bands[s] for s in layout.shape.sectors]
    lower, upper = _sides(bounds, inside @ problem.benchmark)

    def terms() -> Mapping[str, Matrix]:
        baskets = layout.market.baskets[layout.tradable]
        return {"hold": sparse((baskets @ inside.T).T)}

    return Rows(lower=lower, upper=upper, terms=terms)


def factor_bands(layout: Layout, problem: Problem) -> Rows:
    r"""Factor exposures: :math:`l \le x_k^T W^T h \le u`."""
    bands, X = problem.account.mandate.factor_bands, layout.market.risk_model.X
    chosen = list(layout.shape.factors)
    lower, upper = _sides(
        [bands[k] for k in chosen], X[:, chosen].T @ problem.benchmark
    )

    def terms() -> Mapping[str, Matrix]:
        return {
            "hold": sparse(layout.market.basket_exposure[layout.tradable][:, chosen].T)
        }

    return Rows(lower=lower, upper=upper, terms=terms)


def clauses(layout: Layout) -> dict[str, Clause]:
    """Clauses that a shape has rows for, by row block."""
    shape = layout.shape
    asked = {
        "budget": (True, budget),
        "position": (layout.slotted.size > 0, position),
        "factor": (layout.market.risk_model.factors > 0, factor),
        "active": (layout.looks_through, active),
        "names": (shape.counted, names),
        "turnover": (shape.turnover, turnover),
        "sector_bands": (bool(shape.sectors), sector_bands),
        "factor_bands": (bool(shape.factors), factor_bands),
        "equivalents": (bool(shape.equivalents), tax_clauses.equivalents),
        "gain_limits": (bool(shape.gains), tax_clauses.gain_limits),
        "tax_budget": (shape.budget, tax_clauses.tax_budget),
        "netting": (shape.netted, tax_clauses.netting),
        "tax_pieces": (shape.netted, tax_pieces.tax_pieces),
        "lot_order": (shape.ordered > 0, tax_switches.lot_order),
        "wash_price": (shape.washed > 0, tax_switches.wash_price),
        "trade_sides": (shape.sided > 0, trade_sides.trade_sides),
    }
    return {name: clause for name, (present, clause) in asked.items() if present}


def _row(values: Vector) -> Matrix:
    return sparse(csc_array(values[None, :]))


def _sides(bands: list[Band], benchmark: Vector) -> tuple[Vector, Vector]:
    shift = np.where([band.relative for band in bands], benchmark, 0.0)
    lower = np.array([band.lower for band in bands]) + shift
    upper = np.array([band.upper for band in bands]) + shift
    return PERCENT * lower, PERCENT * upper
