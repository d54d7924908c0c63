"""The certificate never claims more than the best answer, whatever the multipliers."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sma_research.arrays import Mask, sparse
from sma_research.errors import DataError
from sma_research.program.backend import Session, Settings
from sma_research.program.certificate import certify, pair_costs
from sma_research.program.form import OnOff, Parameters, Structure, objective
from sma_research.program.registry import load_backend
from sma_research.program.solution import Termination

TIGHT = Settings(tolerance=1e-9)
ROWS = 3  # budget, exposure, count


@dataclass(frozen=True, eq=False)
class Drawn:
    structure: Structure
    parameters: Parameters
    names: int


def cardinality(n: int, names: int, seed: int, *, dense: bool = False) -> Drawn:
    rng = np.random.default_rng(seed)
    P = np.zeros((2 * n, 2 * n))
    P[:n, :n] = np.diag(rng.uniform(0.1, 3.0, n) * rng.integers(0, 2, n))
    if dense:
        factor = rng.normal(size=(n, 2))
        P[:n, :n] += factor @ factor.T
    A = np.zeros((ROWS, 2 * n))
    A[0, :n], A[1, :n], A[2, n:] = 1.0, rng.normal(size=n), 1.0
    integer = np.arange(2 * n) >= n
    structure = Structure(
        P=sparse(P),
        A=sparse(A),
        integer=integer,
        columns={"weight": slice(0, n), "hold": slice(n, 2 * n)},
        rows={"budget": slice(0, 1), "exposure": slice(1, 2), "count": slice(2, 3)},
        on_off=OnOff(binary=np.arange(n, 2 * n), column=np.arange(n)),
    )
    # One support at least is feasible: the exposure's band holds a drawn point.
    held = rng.permutation(n)[:names]
    exposure = float(A[1, held].mean())
    q = np.concatenate([rng.normal(size=n), rng.uniform(0.0, 0.2, n)])
    parameters = Parameters(
        q=q,
        r=float(rng.normal()),
        row_lower=np.array([1.0, exposure - 0.2, -np.inf]),
        row_upper=np.array([1.0, np.inf, float(names)]),
        lower=np.zeros(2 * n),
        upper=np.ones(2 * n),
        on_lower=np.full(n, 0.05),
        on_upper=np.ones(n),
    )
    return Drawn(structure, parameters, names)


def best_value(drawn: Drawn) -> float:
    s, d, n = drawn.structure, drawn.parameters, drawn.structure.on_off.size
    free = replace(s, integer=np.zeros(2 * n, dtype=np.bool_), on_off=OnOff())
    session = load_backend("clarabel").compile(free, TIGHT)
    values = [
        _value(session, free, d, np.isin(np.arange(n), support))
        for size in range(1, drawn.names + 1)
        for support in combinations(range(n), size)
    ]
    return min(values)


def _value(session: Session, s: Structure, d: Parameters, on: Mask) -> float:
    z = on.astype(np.float64)
    fixed = replace(
        d,
        lower=np.concatenate([d.on_lower * z, z]),
        upper=np.concatenate([d.on_upper * z, z]),
        on_lower=np.zeros(0),
        on_upper=np.zeros(0),
    )
    solution = session.solve(fixed)
    if solution.termination is not Termination.OPTIMAL or solution.x is None:
        return float("inf")
    return objective(s, d, solution.x)


SIZES = st.integers(2, 7)
NAMES = st.integers(1, 3)
SEEDS = st.integers(0, 10_000)
SCALES = st.sampled_from([0.0, 0.1, 1.0, 10.0])


@hypothesis_settings(max_examples=30)
@given(n=SIZES, names=NAMES, seed=SEEDS, scale=SCALES)
def test_never_above_the_best_support(
    n: int, names: int, seed: int, scale: float
) -> None:
    drawn = cardinality(n, min(n, names), seed)
    best = best_value(drawn)
    assert np.isfinite(best)
    rng = np.random.default_rng(seed + 1)
    for _ in range(10):
        y = scale * rng.normal(size=ROWS)
        found = certify(drawn.structure, drawn.parameters, y)
        assert found.bound <= best + 1e-6 * (1.0 + abs(best))
        assert found.point is None
        assert found.gap(best) >= -1e-5


@hypothesis_settings(max_examples=20)
@given(n=SIZES, names=NAMES, seed=SEEDS, scale=SCALES)
def test_never_above_with_a_dense_p_and_any_point(
    n: int, names: int, seed: int, scale: float
) -> None:
    drawn = cardinality(n, min(n, names), seed, dense=True)
    best = best_value(drawn)
    assert np.isfinite(best)
    rng = np.random.default_rng(seed + 1)
    for _ in range(10):
        y, point = scale * rng.normal(size=ROWS), rng.normal(size=2 * n)
        found = certify(drawn.structure, drawn.parameters, y, point=point)
        assert found.bound <= best + 1e-6 * (1.0 + abs(best))


def test_one_name_is_bounded_exactly() -> None:
    n = 2
    drawn = cardinality(n, 1, seed=5)
    d = replace(
        drawn.parameters,
        row_lower=np.array([-np.inf, -np.inf, 1.0]),
        row_upper=np.array([np.inf, np.inf, 1.0]),
    )
    costs = pair_costs(drawn.structure, d, np.zeros(ROWS))
    found = certify(drawn.structure, d)
    assert found.bound == pytest.approx(d.r + costs.min(), abs=1e-10)


def test_nan_multipliers_count_as_zero() -> None:
    drawn = cardinality(5, 2, seed=3)
    s, d = drawn.structure, drawn.parameters
    broken = certify(s, d, np.array([np.nan, np.inf, -np.inf]))
    assert broken.bound == certify(s, d, np.zeros(ROWS)).bound
    assert np.isfinite(broken.bound)
    assert np.isfinite(broken.y).all()


def test_multipliers_of_missing_sides_are_cut() -> None:
    drawn = cardinality(5, 2, seed=3)
    found = certify(drawn.structure, drawn.parameters, np.array([0.0, 4.0, -4.0]))
    np.testing.assert_array_equal(found.y, 0.0)
    assert np.isfinite(found.bound)


@pytest.mark.parametrize("size", [0, ROWS - 1, ROWS + 1])
def test_multipliers_of_the_wrong_length_are_refused(size: int) -> None:
    drawn = cardinality(4, 2, seed=1)
    with pytest.raises(DataError, match="y is"):
        certify(drawn.structure, drawn.parameters, np.zeros(size))


def test_cap_multipliers_and_points_of_the_wrong_length_are_refused() -> None:
    drawn = cardinality(4, 2, seed=1, dense=True)
    s, d = drawn.structure, drawn.parameters
    with pytest.raises(DataError, match="cap_y is"):
        certify(s, d, cap_y=np.zeros(1))
    with pytest.raises(DataError, match="point is"):
        certify(s, d, point=np.zeros(3))
