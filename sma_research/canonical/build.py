r"""Problem -> Program: the structure accounts share, and the numbers of one.

The objective is divided by ``risk_aversion`` and written in percent squared, so
that a tracking error of 1 % is worth one: active variances near 1e-4 would sit
below the tolerances of solvers.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array, diags_array, hstack, vstack

from sma_research.arrays import Index, Vector, sparse
from sma_research.canonical.clauses import clauses
from sma_research.canonical.costs import costs
from sma_research.canonical.layout import PERCENT, Layout
from sma_research.canonical.tax_columns import tax_bounds, tax_integers
from sma_research.portfolio.problem import Problem
from sma_research.program.form import Cap, OnOff, Parameters, Structure

CAP = "tracking_error"
SLACK = 0.01  # of account value, below the least look-through weight


@dataclass(frozen=True, eq=False, kw_only=True)
class Program:
    """One account as a program, and what is needed to come back."""

    problem: Problem
    layout: Layout
    structure: Structure
    parameters: Parameters

    @property
    def scale(self) -> float:
        """Value per year of one unit of the program's objective."""
        return self.problem.account.mandate.risk_aversion / PERCENT**2

    @cached_property
    def slot(self) -> Index:
        """Slot of every lot ``(m,)``."""
        return self.layout.lot_slot(self.problem)


def structure_of(layout: Layout, problem: Problem) -> Structure:
    """What accounts of one shape share; the problem is any of them."""
    rows, blocks, count = [], {}, 0
    for name, clause in clauses(layout).items():
        terms = clause(layout, problem).terms()
        height = next(iter(terms.values())).shape[0]
        parts = [
            terms[block] if block in terms else csc_array((height, at.stop - at.start))
            for block, at in layout.columns.items()
        ]
        rows.append(hstack(parts))
        blocks[name] = slice(count, count + height)
        count += height
    square = _squares(layout)
    integer = tax_integers(layout)
    pairs = OnOff()
    if layout.shape.counted:
        on, hold = layout.columns["on"], layout.columns["hold"]
        integer[on] = True
        pairs = OnOff(
            binary=np.arange(on.start, on.stop), column=np.arange(hold.start, hold.stop)
        )
    P = sparse(diags_array(2.0 * square))
    P.eliminate_zeros()
    return Structure(
        P=P,
        A=sparse(vstack(rows)),
        integer=integer,
        columns=layout.columns,
        rows=blocks,
        owner=_owners(layout),
        on_off=pairs,
        caps=(Cap(name=CAP, square=square),) if layout.shape.capped else (),
    )


def parameters_of(layout: Layout, problem: Problem) -> Parameters:
    """The numbers of one account."""
    sides = [clause(layout, problem) for clause in clauses(layout).values()]
    lower, upper = _bounds(layout, problem)
    risk, constant = _risk(layout, problem)
    mandate = problem.account.mandate
    hold = problem.weight_upper[layout.tradable] * PERCENT
    floor = problem.weight_lower[layout.tradable] * PERCENT
    # What may not be held has its binary at zero: any limit will do there, and one
    # that does not depend on what is excluded lets accounts share rows.
    switched = np.where(hold > 0, hold, PERCENT * mandate.max_weight)
    smallest = PERCENT * problem.smallest_position
    counted, cap = layout.shape.counted, mandate.tracking_error_cap
    none = np.zeros(0)
    return Parameters(
        q=risk + costs(layout, problem),
        r=constant,
        row_lower=np.concatenate([rows.lower for rows in sides]),
        row_upper=np.concatenate([rows.upper for rows in sides]),
        lower=lower,
        upper=upper,
        on_lower=np.minimum(np.maximum(floor, smallest), switched) if counted else none,
        on_upper=switched if counted else none,
        cap_linear=risk[None, :] if cap is not None else np.zeros((0, 0)),
        cap_limit=none if cap is None else np.array([(PERCENT * cap) ** 2 - constant]),
    )


def build(
    problem: Problem, layout: Layout, structure: Structure | None = None
) -> Program:
    """The program of one account, on a structure that it may share."""
    if structure is None:
        structure = structure_of(layout, problem)
    return Program(
        problem=problem,
        layout=layout,
        structure=structure,
        parameters=parameters_of(layout, problem),
    )


def _squares(layout: Layout) -> Vector:
    """Coefficients of the squares in percent squared of tracking error."""
    market, columns = layout.market, layout.columns
    specific, square = market.risk_model.s**2, np.zeros(layout.size)
    if layout.looks_through:
        square[columns["active"]] = specific[layout.seen]
    else:
        square[columns["hold"]] = specific[layout.tradable]
    square[columns["hold"]] += market.residual_risk[layout.tradable] ** 2
    if "factor" in columns:
        square[columns["factor"]] = 1.0
    return square


def _risk(layout: Layout, problem: Problem) -> tuple[Vector, float]:
    """Linear part and constant of the squared tracking error."""
    linear = np.zeros(layout.size)
    benchmark = PERCENT * problem.benchmark
    specific = layout.market.risk_model.s**2
    shown = np.ones(benchmark.size, dtype=np.bool_)
    if layout.looks_through:
        shown[layout.seen] = False
        return linear, float((specific * benchmark**2)[shown].sum())
    own = (specific * benchmark)[layout.tradable]
    linear[layout.columns["hold"]] = -2.0 * own
    return linear, float((specific * benchmark**2).sum())


def _bounds(layout: Layout, problem: Problem) -> tuple[Vector, Vector]:
    columns, mandate = layout.columns, problem.account.mandate
    lower, upper = np.full(layout.size, -np.inf), np.full(layout.size, np.inf)
    most = PERCENT * problem.weight_upper[layout.tradable]
    least = PERCENT * problem.weight_lower[layout.tradable]
    # What may not be sold stays: a name is taken whatever the rounding would like.
    kept = PERCENT * problem.kept[layout.tradable]
    lower[columns["hold"]] = np.maximum(least, np.minimum(kept, most))
    upper[columns["hold"]] = most
    tax_bounds(layout, problem, lower, upper)
    cash = columns["cash"]
    lower[cash], upper[cash] = PERCENT * mandate.min_cash, PERCENT * mandate.max_cash
    if layout.looks_through:
        benchmark = problem.benchmark[layout.seen]
        limit = mandate.look_through_limit
        inside = np.ones(benchmark.size)
        if limit is not None:
            inside[problem.restricted[layout.seen]] = limit
        # A bound that cannot bind: one that can would share its price with the row.
        lower[columns["active"]] = -PERCENT * (benchmark + SLACK)
        upper[columns["active"]] = PERCENT * (inside - benchmark)
    if layout.shape.counted:
        small = most < PERCENT * problem.smallest_position
        lower[columns["on"]] = np.where(least > 0, 1.0, 0.0)
        upper[columns["on"]] = np.where((most > 0) & ~small, 1.0, 0.0)
        upper[columns["hold"]] = np.where(small, 0.0, most)
    return lower, upper


def _owners(layout: Layout) -> Index:
    owner = np.full(layout.size, -1, dtype=np.intp)
    columns = layout.columns
    owner[columns["hold"]] = layout.tradable
    if layout.slotted.size:
        owner[columns["buy"]] = layout.tradable[layout.slotted]
        owner[columns["sell"]] = layout.tradable[layout.slotted][layout.slot_owner]
    if layout.looks_through:
        owner[columns["active"]] = layout.seen
    if layout.shape.counted:
        owner[columns["on"]] = layout.tradable
    return owner
