"""Small continuous programs whose answer is known by construction."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from sma_research.arrays import Index, Mask, Vector, sparse
from sma_research.program.form import Cap, Cones, OnOff, Parameters, Structure


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """A program with the answer beside it."""

    structure: Structure
    parameters: Parameters
    objective: float  # NaN where only feasibility is known
    x: Vector | None = None  # (p,) where it is unique
    y: Vector | None = None  # (r,) where they are unique
    cap_y: Vector | None = None  # (g,) where they are unique


def structure(
    P: ArrayLike,
    A: ArrayLike,
    *,
    integer: Mask | None = None,
    on_off: OnOff | None = None,
    caps: tuple[Cap, ...] = (),
    cones: Cones | None = None,
) -> Structure:
    """Structure from dense matrices, all columns in one block."""
    hessian, rows = sparse(np.asarray(P, float)), sparse(np.asarray(A, float))
    r, p = rows.shape
    return Structure(
        P=hessian,
        A=rows,
        integer=np.zeros(p, dtype=bool) if integer is None else integer,
        columns={"x": slice(0, p)},
        rows={"rows": slice(0, r)},
        on_off=on_off or OnOff(),
        caps=caps,
        cones=cones or Cones(),
    )


def bounds(
    q: ArrayLike,
    *,
    rows: tuple[ArrayLike, ArrayLike],
    columns: tuple[ArrayLike, ArrayLike],
) -> Parameters:
    """Parameters from a cost and two pairs of sides, numbers spread over rows."""
    cost = np.array(q, dtype=np.float64)
    low, high = (np.atleast_1d(np.array(side, dtype=np.float64)) for side in rows)
    lower, upper = (np.array(side, dtype=np.float64) for side in columns)
    return Parameters(
        q=cost,
        row_lower=low,
        row_upper=high,
        lower=np.broadcast_to(lower, cost.shape).copy(),
        upper=np.broadcast_to(upper, cost.shape).copy(),
    )


@dataclass(frozen=True, eq=False)
class _Corner:
    """A point with its multipliers, and sides that make both true."""

    x: Vector
    y: Vector
    pull: Vector  # (p,) slope the column bounds take up, positive at a lower bound
    rows: tuple[Vector, Vector]
    columns: tuple[Vector, Vector]


def _corner(rng: np.random.Generator, A: Vector, *, held: int) -> _Corner:
    """Pick a point, hold `held` columns at a bound; no row is inactive."""
    r, p = A.shape
    x = np.asarray(rng.normal(size=p))
    y: Vector = rng.choice([-1.0, 1.0], r) * rng.uniform(0.2, 1.5, r)
    place = rng.permutation(p)[:held]
    pull = np.zeros(p)
    pull[place] = rng.choice([-1.0, 1.0], held) * rng.uniform(0.1, 1.0, held)
    room = rng.uniform(0.5, 1.5, p)
    Ax = A @ x
    equal = rng.random(r) < 0.2
    return _Corner(
        x=x,
        y=y,
        pull=pull,
        rows=(
            np.where((y > 0) & ~equal, -np.inf, Ax),
            np.where((y < 0) & ~equal, Ax + 1.0, Ax),
        ),
        columns=(
            np.where(pull > 0, x, x - room),
            np.where(pull < 0, x, x + room),
        ),
    )


def kkt_qp(seed: int, p: int = 6, r: int = 3) -> Case:
    """A strictly convex QP built backwards from its optimum and multipliers."""
    rng = np.random.default_rng(seed)
    G, A = rng.normal(size=(p, p)), rng.normal(size=(r, p))
    P = G @ G.T + 0.1 * np.eye(p)
    at = _corner(rng, A, held=(p - r) // 2)
    q = at.pull - P @ at.x - A.T @ at.y
    return Case(
        structure=structure(P, A),
        parameters=bounds(q, rows=at.rows, columns=at.columns),
        objective=float(0.5 * at.x @ P @ at.x + q @ at.x),
        x=at.x,
        y=at.y,
    )


def kkt_lp(seed: int, p: int = 6, r: int = 3) -> Case:
    """An LP with one optimal vertex, built backwards from it."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(r, p))
    at = _corner(rng, A, held=p - r)
    q = at.pull - A.T @ at.y
    return Case(
        structure=structure(np.zeros((p, p)), A),
        parameters=bounds(q, rows=at.rows, columns=at.columns),
        objective=float(q @ at.x),
        x=at.x,
        y=at.y,
    )


def kkt_qcp(seed: int, p: int = 6, r: int = 2) -> Case:
    """A QP under one binding and one idle cap, each with a linear part."""
    rng = np.random.default_rng(seed)
    G, A = rng.normal(size=(p, p)), rng.normal(size=(r, p))
    P = G @ G.T + 0.1 * np.eye(p)
    at = _corner(rng, A, held=1)
    square = rng.uniform(0.2, 2.0, (2, p)) * (rng.random((2, p)) < 0.8)
    linear = rng.normal(size=(2, p)) * 0.3
    cap_y = np.array([rng.uniform(0.2, 1.5), 0.0])
    slope = 2.0 * square * at.x + linear
    q = at.pull - P @ at.x - A.T @ at.y - slope.T @ cap_y
    sides = bounds(q, rows=at.rows, columns=at.columns)
    caps = tuple(Cap(name=f"cap {g}", square=square[g]) for g in range(square.shape[0]))
    return Case(
        structure=structure(P, A, caps=caps),
        parameters=replace(
            sides,
            cap_linear=linear,
            cap_limit=square @ at.x**2 + linear @ at.x + np.array([0.0, 1.0]),
        ),
        objective=float(0.5 * at.x @ P @ at.x + q @ at.x),
        x=at.x,
        y=at.y,
        cap_y=cap_y,
    )


def dense_hessian() -> Case:
    """A two column QP whose answer changes if one triangle is dropped."""
    return Case(
        structure=structure([[2.0, 1.0], [1.0, 2.0]], [[1.0, 1.0]]),
        parameters=bounds([-1.0, 0.0], rows=(-np.inf, 10.0), columns=(-10.0, 10.0)),
        objective=-1 / 3,
        x=np.array([2 / 3, -1 / 3]),
    )


def saddle() -> Case:
    """A Hessian with eigenvalues 1 and -1: no convex program."""
    return Case(
        structure=structure([[0.0, 1.0], [1.0, 0.0]], [[1.0, 1.0]]),
        parameters=bounds([0.0, 0.0], rows=(-1.0, 1.0), columns=(-1.0, 1.0)),
        objective=np.nan,
    )


def without_rows() -> Case:
    """Bounds only: one column fixed, one without bounds, one half open."""
    lower, upper = [-np.inf, 3.0, 0.0, -np.inf], [np.inf, 3.0, 1.0, 5.0]
    return Case(
        structure=structure(np.diag([2.0, 2.0, 2.0, 2.0]), np.zeros((0, 4))),
        parameters=bounds(
            [-2.0, 0.0, -8.0, 6.0], rows=([], []), columns=(lower, upper)
        ),
        objective=-1.0 + 9.0 - 7.0 - 9.0,
        x=np.array([1.0, 3.0, 1.0, -3.0]),
    )


def infeasible() -> Case:
    """At least two, in a column that ends at one."""
    return Case(
        structure=structure([[0.0]], [[1.0]]),
        parameters=bounds([1.0], rows=(2.0, np.inf), columns=(0.0, 1.0)),
        objective=np.inf,
    )


def unbounded() -> Case:
    """Two columns that may grow together, and are paid to."""
    return Case(
        structure=structure(np.zeros((2, 2)), [[1.0, -1.0]]),
        parameters=bounds([-1.0, -1.0], rows=(-1.0, 1.0), columns=(0.0, np.inf)),
        objective=-np.inf,
    )


def rotated_cones(need: ArrayLike = (0.3, -1.0, 4.0), price: float = 1.5) -> Case:
    r"""Buy scale :math:`s \le 1` to lower :math:`t \ge x^2 / s`.

    :math:`\min \sum t + a s` at fixed `x` has :math:`s = \min(|x| / \sqrt a, 1)`.
    """
    x = np.array(need, dtype=np.float64)
    n = x.size
    block: Index = np.arange(n)
    s = np.minimum(np.abs(x) / np.sqrt(price), 1.0)
    lower = np.concatenate([np.zeros(2 * n), x])
    upper = np.concatenate([np.full(n, np.inf), np.ones(n), x])
    q = np.concatenate([np.ones(n), np.full(n, price), np.zeros(n)])
    return Case(
        structure=structure(
            np.zeros((3 * n, 3 * n)),
            np.zeros((0, 3 * n)),
            cones=Cones(epigraph=block, scale=block + n, column=block + 2 * n),
        ),
        parameters=bounds(q, rows=([], []), columns=(lower, upper)),
        objective=float(np.sum(x**2 / s + price * s)),
    )
