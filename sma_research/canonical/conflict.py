r"""Why an account has no portfolio, in the client's words, and proof that it has none.

Every limit is given a price to break it; the least total price is zero exactly when
the account can be built (names counted by their relaxation). A positive lower bound
on it, from the certificate, proves that there is no portfolio.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy.sparse import csc_array, hstack, vstack

from sma_research.arrays import Index, Matrix, Vector, sparse
from sma_research.canonical.build import Program
from sma_research.canonical.conflict_words import LEAST, WINDOWS, WORDS, in_words
from sma_research.canonical.layout import PERCENT
from sma_research.formulations.switches import limits_of, switch_rows
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.tax_wishes import WashSales
from sma_research.portfolio.windows import purchase_from, sale_from
from sma_research.program.backend import Backend, Settings
from sma_research.program.certificate import certify
from sma_research.program.form import OnOff, Parameters, Structure

CHEAP = 0.01  # price of breaking a window, which is named where it stands in the way
PER_DAY = 1e-5  # more until it opens
MOST = 1e4  # of any other limit, far beyond


@dataclass(frozen=True, eq=False, kw_only=True)
class Conflict:
    """The cheapest way to break limits, and whether breaking some is proven needed."""

    proven: bool
    words: tuple[str, ...]
    price: float = 0.0  # of what is broken, certified from below
    point: Vector | None = None  # (p,) the program's columns, without what is broken


@dataclass(frozen=True, eq=False, kw_only=True)
class Break:
    """Columns that break a limit."""

    name: str
    matrix: Matrix  # (r, j) what they add to the structure's rows
    item: Index  # (j,) what each is about: an asset, a lot, or a side of a row
    most: Vector | float = MOST  # (j,)
    price: Vector | float = 1.0  # (j,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Broken:
    """The cheapest way to break limits."""

    amount: dict[str, Vector]  # (j,) of each item of a `Break`
    price: float  # certified from below
    point: Vector  # (p,)

    def names(self) -> list[str]:
        """Limits that are broken, windows first."""
        total = {name: float(amount.sum()) for name, amount in self.amount.items()}
        return [name for name in WORDS if total.get(name, 0.0) > LEAST]


def conflict(program: Program, backend: Backend, settings: Settings) -> Conflict:
    """Which limits cannot hold together; the risk cap is not among them.

    Where windows stand in the way, they are named, and what breaks if they stay closed.
    """
    plain = replace(settings, native={})
    breaks = _breaks(program)
    found = _cheapest(program, breaks, backend, plain)
    if found is None:
        return Conflict(proven=False, words=())
    items = {one.name: one.item for one in breaks}

    def told(way: Broken) -> list[str]:
        return [in_words(program, k, items[k], way.amount[k]) for k in way.names()]

    words = told(found)
    if words and {*found.names()} <= {*WINDOWS}:
        closed = [one for one in breaks if one.name not in WINDOWS]
        other = _cheapest(program, closed, backend, plain)
        words += [f"otherwise {one}" for one in told(other)] if other else []
    return Conflict(
        proven=found.price > LEAST,
        words=tuple(words),
        price=found.price,
        point=found.point,
    )


def _cheapest(
    program: Program, breaks: list[Break], backend: Backend, settings: Settings
) -> Broken | None:
    structure, parameters = _elastic(program, breaks)
    answer = backend.compile(structure, settings).solve(parameters)
    if answer.x is None:
        return None
    width = program.structure.integer.size
    ends = width + np.cumsum([one.item.size for one in breaks])
    parts = np.split(answer.x, [width, *ends[:-1]])
    names = [one.name for one in breaks]
    return Broken(
        amount=dict(zip(names, parts[1:], strict=True)),
        price=certify(structure, parameters, answer.y).bound,
        point=parts[0],
    )


def _elastic(program: Program, breaks: list[Break]) -> tuple[Structure, Parameters]:
    """The linear program of broken limits: priced copies of columns, and slacks."""
    s, d = program.structure, program.parameters
    A, low, high = s.A, d.row_lower, d.row_upper
    if s.on_off.size:
        rows, row_low, row_high = switch_rows(s, limits_of(s, d))
        A = sparse(vstack([A, rows]))
        low, high = np.append(low, row_low), np.append(high, row_high)
    added = hstack([one.matrix for one in breaks])
    # A copy of a column stands outside its switch: it is no part of those rows.
    switches = csc_array((A.shape[0] - s.A.shape[0], added.shape[1]))
    price = np.concatenate(
        [np.broadcast_to(one.price, one.item.size) for one in breaks]
    )
    most = np.concatenate([np.broadcast_to(one.most, one.item.size) for one in breaks])
    width = A.shape[1] + price.size
    structure = Structure(
        P=sparse((width, width)),
        A=sparse(hstack([A, vstack([added, switches])])),
        integer=np.zeros(width, dtype=np.bool_),
        columns={"all": slice(0, width)},
        rows={"all": slice(0, A.shape[0])},
        on_off=OnOff(),
    )
    parameters = Parameters(
        q=np.append(np.zeros(A.shape[1]), price),
        row_lower=low,
        row_upper=high,
        lower=np.append(_boxed(program, d.lower, -1.0), np.zeros(price.size)),
        upper=np.append(_boxed(program, d.upper, 1.0), most),
    )
    return structure, parameters


def _boxed(program: Program, bound: Vector, sign: float) -> Vector:
    """Factor columns are free; a box far beyond any portfolio keeps bounds finite.

    Columns that a person added to the model keep what they were given.
    """
    own = np.arange(bound.size) < program.layout.size
    return np.where(np.isfinite(bound) | ~own, bound, sign * 1e6)


def _breaks(program: Program) -> list[Break]:
    """What can be broken."""
    s = program.structure
    A, height = s.A, s.A.shape[0]
    out = [*_sales(program, A), *_purchases(program, A), *_columns(program, A)]
    for name in WORDS:
        if name in s.rows:
            rows = np.arange(s.rows[name].start, s.rows[name].stop)
            slacks, sides = _slacks(height, rows), np.arange(2 * rows.size)
            out.append(Break(name=name, matrix=slacks, item=sides))
    return [one for one in out if one.item.size]


def _sales(program: Program, A: Matrix) -> list[Break]:
    """Sales of lots that have to be kept, no more than there is."""
    kept = np.flatnonzero(program.problem.no_sell)
    if not kept.size:
        return []
    sales = A[:, program.layout.columns["sell"].start + program.slot[kept]]
    room = PERCENT * program.problem.lot_weight[kept]
    price = _price(program, [sale_from(program.problem, int(j)) for j in kept])
    return [Break(name="sales", matrix=sales, item=kept, most=room, price=price)]


def _price(program: Program, opens: list[date]) -> Vector:
    """Prices of windows ``(j,)``: the less the sooner one opens."""
    today = program.problem.market.as_of
    return CHEAP + PER_DAY * np.array([(day - today).days for day in opens], float)


def _purchases(program: Program, A: Matrix) -> list[Break]:
    """Purchases that would undo a loss, within the other limits of the asset."""
    problem, layout, columns = program.problem, program.layout, program.layout.columns
    tradable, slotted = layout.tradable, layout.slotted
    room = PERCENT * (_unbarred(problem) - problem.weight_upper)
    barred = problem.wash.no_buy & ~problem.forbidden & (room > 0.0)
    bought = np.flatnonzero(barred[tradable])
    if not bought.size:
        return []
    # What is bought is held: one column does both.
    both = np.flatnonzero(np.isin(slotted, bought))
    copied, at = columns["hold"].start + bought, np.arange(bought.size)
    if both.size:
        copied = np.append(copied, columns["buy"].start + both)
        at = np.append(at, np.searchsorted(bought, slotted[both]))
    entry = (np.ones(at.size), (copied, at))
    copies = sparse(A @ csc_array(entry, shape=(A.shape[1], bought.size)))
    assets = tradable[bought]
    price = _price(program, [purchase_from(problem, int(i)) for i in assets])
    most = room[assets]
    return [Break(name="purchases", matrix=copies, item=assets, most=most, price=price)]


def _unbarred(problem: Problem) -> Vector:
    """Largest weights ``(n,)`` if nothing had been sold at a loss."""
    account = problem.account
    mandate = replace(account.mandate, wash_sales=WashSales.IGNORE)
    free = replace(problem, account=replace(account, mandate=mandate))
    return free.weight_upper


def _columns(program: Program, A: Matrix) -> list[Break]:
    """Holdings and cash beyond the limits of their columns."""
    problem, layout = program.problem, program.layout
    columns, tradable = program.structure.columns, layout.tradable
    hold = np.arange(columns["hold"].start, columns["hold"].stop)
    # What is barred and not held is bought in full, beyond its window.
    bought = problem.wash.no_buy[tradable] & layout.plain
    allowed = ~problem.forbidden[tradable] & ~bought
    floors = program.parameters.lower[hold] > 0
    cash = np.array([columns["cash"].start])
    out = [
        ("weights", A[:, hold[allowed]], tradable[allowed]),
        ("floors", -A[:, hold[floors]], tradable[floors]),
        ("max_cash", A[:, cash], cash),
        ("min_cash", -A[:, cash], cash),
    ]
    if "active" in columns:
        inside = np.arange(columns["active"].start, columns["active"].stop)
        restricted = inside[problem.restricted[layout.seen]]
        out.append(("look_through_limit", A[:, restricted], restricted))
    return [Break(name=name, matrix=sparse(a), item=item) for name, a, item in out]


def _slacks(height: int, rows: Index) -> Matrix:
    both = np.concatenate([rows, rows])
    value = np.concatenate([np.ones(rows.size), -np.ones(rows.size)])
    entry = (value, (both, np.arange(both.size)))
    return sparse(csc_array(entry, shape=(height, both.size)))
