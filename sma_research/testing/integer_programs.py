"""Small integer programs, their answers found by trying every choice."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np

from sma_research.arrays import Vector
from sma_research.program.form import OnOff
from sma_research.testing.programs import Case, bounds, structure


def knapsack(items: int = 12, seed: int = 0) -> Case:
    """A small knapsack, every subset tried."""
    rng = np.random.default_rng(seed)
    value, weight = rng.uniform(1, 10, items), rng.uniform(1, 10, items)
    room = float(weight.sum() / 3)
    subsets = np.indices((2,) * items).reshape(items, -1)
    best = (value @ subsets)[weight @ subsets <= room].max()
    return Case(
        structure=structure(
            np.zeros((items, items)), weight[None, :], integer=np.ones(items, bool)
        ),
        parameters=bounds(-value, rows=(-np.inf, room), columns=(0.0, 1.0)),
        objective=-float(best),
    )


def market_split(columns: int = 200, rows: int = 20, seed: int = 0) -> Case:
    """Many knapsacks at once: a good point is easy, the best takes for ever."""
    rng = np.random.default_rng(seed)
    weight, value = rng.uniform(1, 10, (rows, columns)), rng.uniform(1, 10, columns)
    return Case(
        structure=structure(
            np.zeros((columns, columns)), weight, integer=np.ones(columns, bool)
        ),
        parameters=bounds(
            -value,
            rows=(np.full(rows, -np.inf), weight.sum(axis=1) / 3),
            columns=(0.0, 1.0),
        ),
        objective=np.nan,
    )


LOW, HIGH = 0.1, 0.6  # weights of a name that is held


def cardinality(
    n: int = 12, names: int = 3, *, seed: int = 0, pairs: bool = True
) -> Case:
    r"""Track a target with at most `names` of `n` assets, weights 0.1 to 0.6.

    Columns: weight (n), hold (n), exposure (2). On/off pairs switch the
    weights, or, without pairs, the rows :math:`0.1 z \le w \le 0.6 z`.
    """
    rng = np.random.default_rng(seed)
    X, k = rng.normal(size=(n, 2)), 2
    specific, target = rng.uniform(0.2, 1.0, n), rng.dirichlet(np.ones(n))
    sides = bounds(
        np.concatenate([-2 * specific * target, np.zeros(n + k)]),
        rows=(
            np.concatenate([[1.0, -np.inf], X.T @ target]),
            np.concatenate([[1.0, float(names)], X.T @ target]),
        ),
        columns=(
            np.repeat([0.0, -10.0], [2 * n, k]),
            np.repeat([1.0, 10.0], [2 * n, k]),
        ),
    )
    column = np.arange(n)
    case = Case(
        structure=structure(
            np.diag(np.concatenate([2 * specific, np.zeros(n), np.full(k, 2.0)])),
            _tracking_rows(X),
            integer=np.repeat([False, True, False], [n, n, k]),
            on_off=OnOff(binary=column + n, column=column),
        ),
        parameters=replace(
            sides,
            r=float(specific @ target**2),
            on_lower=np.full(n, LOW),
            on_upper=np.full(n, HIGH),
        ),
        objective=_best_subset(2 * (np.diag(specific) + X @ X.T), target, names),
    )
    return case if pairs else rows_for_pairs(case)


def _tracking_rows(X: Vector) -> Vector:
    """Rows of the budget, the names and the exposures over all columns."""
    n, k = X.shape
    return np.vstack(
        [
            np.repeat([1.0, 0.0], [n, n + k]),
            np.repeat([0.0, 1.0, 0.0], [n, n, k]),
            np.hstack([X.T, np.zeros((k, n)), -np.eye(k)]),
        ]
    )


def rows_for_pairs(case: Case) -> Case:
    """The same program with two rows in the place of each on/off pair."""
    s, d = case.structure, case.parameters
    size, p = s.on_off.size, s.integer.size
    switch, column = np.eye(p)[s.on_off.binary], np.eye(p)[s.on_off.column]
    below = column - d.on_upper[:, None] * switch
    above = d.on_lower[:, None] * switch - column
    return replace(
        case,
        structure=structure(
            s.P.toarray(), np.vstack([s.A.toarray(), below, above]), integer=s.integer
        ),
        parameters=replace(
            d,
            row_lower=np.concatenate([d.row_lower, np.full(2 * size, -np.inf)]),
            row_upper=np.concatenate([d.row_upper, np.zeros(2 * size)]),
            on_lower=np.zeros(0),
            on_upper=np.zeros(0),
        ),
    )


def _best_subset(H: Vector, target: Vector, names: int) -> float:
    r"""Least :math:`\tfrac12 (w-b)^T H (w-b)` over every support and active set."""
    best = np.inf
    for size in range(1, names + 1):
        for support in combinations(range(target.size), size):
            for sides in product((LOW, HIGH, np.nan), repeat=size):
                weight = _point(H, target, np.array(support), np.array(sides))
                if weight is not None and _within(weight[list(support)]):
                    active = weight - target
                    best = min(best, 0.5 * float(active @ H @ active))
    return best


def _within(weight: Vector) -> bool:
    return bool((weight >= LOW - 1e-12).all() and (weight <= HIGH + 1e-12).all())


def _point(H: Vector, target: Vector, support: Vector, sides: Vector) -> Vector | None:
    """Best full weights of one support with the columns not NaN held."""
    free = support[np.isnan(sides)].astype(np.intp)
    held = support[~np.isnan(sides)].astype(np.intp)
    weight = np.zeros(target.size)
    weight[held] = sides[~np.isnan(sides)]
    rest = 1.0 - weight.sum()
    if not free.size:
        return weight if abs(rest) < 1e-12 else None
    slope = (H @ (weight - target))[free]
    size = free.size
    kkt = np.ones((size + 1, size + 1))
    kkt[:size, :size] = H[np.ix_(free, free)]
    kkt[size, size] = 0.0
    weight[free] = np.linalg.solve(kkt, np.append(-slope, rest))[:size]
    return weight
