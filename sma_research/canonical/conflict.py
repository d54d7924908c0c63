r"""Why an account has no portfolio, in the client's words, and proof that it has none.

Every limit is given a price to break it; the least total price is zero exactly when
the account can be built (names counted by their relaxation). A positive lower bound
on it, from the certificate, proves that there is no portfolio.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array, hstack, vstack

from sma_research.arrays import Index, Matrix, Vector, sparse
from sma_research.canonical.build import Program
from sma_research.formulations.switches import limits_of, switch_rows
from sma_research.program.backend import Backend, Settings
from sma_research.program.certificate import certify
from sma_research.program.form import OnOff, Parameters, Structure

LEAST = 1e-6  # percent of account value, or names
USER = "user"  # rows that a person added to the account's model
WORDS = {
    "weights": "weights would pass their limits by {:.4g} % of the account in all",
    "floors": "weights would miss their lower bounds by {:.4g} % of the account in all",
    "max_cash": "cash would pass max_cash by {:.4g} % of the account",
    "min_cash": "cash would miss min_cash by {:.4g} % of the account",
    "look_through_limit": "restricted names inside funds would pass their limit by {:.4g} %",
    "names": "the number of names would miss its limits by {:.4g}",
    "turnover": "one-way turnover would pass max_turnover by {:.4g} % of the account",
    "sector_bands": "sector bands would be missed by {:.4g} % of the account in all",
    "factor_bands": "factor bands would be missed by {:.4g} in all",
    "purchases": "what was lately sold at a loss would be bought, {:.4g} % of the account",
    "sales": "lots that may not be sold would be, {:.4g} % of the account in all",
    "gain_limits": "gains and losses would miss their limits by {:.4g} % in all",
    "tax_budget": "tax would pass tax_budget by {:.4g} % of the account",
    "equivalents": "equivalents would miss their weights by {:.4g} % of the account",
    USER: "the constraints added to the model would be missed by {:.4g} in all",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Conflict:
    """The cheapest way to break limits, and whether breaking some is proven needed."""

    proven: bool
    words: tuple[str, ...]


def conflict(program: Program, backend: Backend, settings: Settings) -> Conflict:
    """Which limits cannot hold together; the risk cap is not among them."""
    structure, parameters, parts = _elastic(program)
    plain = replace(settings, native={})
    answer = backend.compile(structure, plain).solve(parameters)
    if answer.x is None:
        return Conflict(proven=False, words=())
    proof = certify(structure, parameters, answer.y)
    total = {name: float(answer.x[columns].sum()) for name, columns in parts.items()}
    total["turnover"] = 0.5 * total.get("turnover", 0.0)
    words = tuple(WORDS[name].format(t) for name, t in total.items() if t > LEAST)
    return Conflict(proven=proof.bound > LEAST, words=words)


def _elastic(program: Program) -> tuple[Structure, Parameters, dict[str, Index]]:
    """The linear program of broken limits: priced copies of columns, and slacks."""
    s, d = program.structure, program.parameters
    A, low, high = s.A, d.row_lower, d.row_upper
    if s.on_off.size:
        rows, row_low, row_high = switch_rows(s, limits_of(s, d))
        A = sparse(vstack([A, rows]))
        low, high = np.append(low, row_low), np.append(high, row_high)
    blocks: list[Matrix] = [A]
    parts: dict[str, Index] = {}
    start = A.shape[1]
    for name, matrix in _breaks(program, A.shape[0]):
        parts[name] = np.arange(start, start + matrix.shape[1])
        blocks.append(matrix)
        start += matrix.shape[1]
    extra = start - A.shape[1]
    structure = Structure(
        P=sparse((start, start)),
        A=sparse(hstack(blocks)),
        integer=np.zeros(start, dtype=np.bool_),
        columns={"all": slice(0, start)},
        rows={"all": slice(0, A.shape[0])},
        on_off=OnOff(),
    )
    parameters = Parameters(
        q=np.append(np.zeros(A.shape[1]), np.ones(extra)),
        row_lower=low,
        row_upper=high,
        lower=np.append(_boxed(program, d.lower, -1.0), np.zeros(extra)),
        upper=np.append(_boxed(program, d.upper, 1.0), np.full(extra, 1e4)),
    )
    return structure, parameters, parts


def _boxed(program: Program, bound: Vector, sign: float) -> Vector:
    """Factor columns are free; a box far beyond any portfolio keeps bounds finite.

    Columns that a person added to the model keep what they were given.
    """
    own = np.arange(bound.size) < program.layout.size
    return np.where(np.isfinite(bound) | ~own, bound, sign * 1e6)


def _breaks(program: Program, height: int) -> list[tuple[str, Matrix]]:
    """What each limit's breaking adds to the rows, of which there are `height`.

    A copy of a column stands outside its switch: it is no part of those rows.
    """
    s, problem, layout = program.structure, program.problem, program.layout
    columns = s.columns
    switches = csc_array((height - s.A.shape[0], s.A.shape[1]))
    A = sparse(vstack([s.A, switches]))
    hold = np.arange(columns["hold"].start, columns["hold"].stop)
    allowed = ~problem.forbidden[layout.tradable]
    floors = program.parameters.lower[hold] > 0
    cash = np.array([columns["cash"].start])
    out = [
        ("weights", sparse(A[:, hold[allowed]])),
        ("floors", sparse(-A[:, hold[floors]])),
        ("max_cash", sparse(A[:, cash])),
        ("min_cash", sparse(-A[:, cash])),
    ]
    if "active" in columns:
        inside = np.arange(columns["active"].start, columns["active"].stop)
        restricted = inside[problem.restricted[layout.seen]]
        out.append(("look_through_limit", sparse(A[:, restricted])))
    out += _barred(program, A)
    for name in WORDS:
        if name in s.rows:
            rows = np.arange(s.rows[name].start, s.rows[name].stop)
            out.append((name, _slacks(height, rows)))
    return [(name, matrix) for name, matrix in out if matrix.shape[1]]


def _barred(program: Program, A: Matrix) -> list[tuple[str, Matrix]]:
    """Purchases that would undo a loss, and sales of lots that have to be kept."""
    problem, layout, columns = program.problem, program.layout, program.layout.columns
    if not layout.slotted.size:
        return []
    barred = problem.wash.no_buy & ~problem.forbidden
    buys = np.flatnonzero(barred[layout.tradable[layout.slotted]])
    sells = program.slot[problem.no_sell]
    return [
        ("purchases", sparse(A[:, columns["buy"].start + buys])),
        ("sales", sparse(A[:, columns["sell"].start + sells])),
    ]


def _slacks(height: int, rows: Index) -> Matrix:
    both = np.concatenate([rows, rows])
    value = np.concatenate([np.ones(rows.size), -np.ones(rows.size)])
    entry = (value, (both, np.arange(both.size)))
    return sparse(csc_array(entry, shape=(height, both.size)))
