"""Programs around programs: tangents below their squares, columns taken out for good."""

from dataclasses import replace

import numpy as np
import pytest

from sma_research.arrays import Mask, Vector, sparse
from sma_research.formulations.name_sets import (
    exchanges,
    fitting,
    forced_pairs,
    liked,
    name_limits,
)
from sma_research.formulations.reshape import take_out
from sma_research.formulations.switches import limits_of
from sma_research.formulations.tangents import STEEPEST, Squares, outer
from sma_research.program.form import (
    Cap,
    OnOff,
    Parameters,
    Structure,
    cap_values,
    objective,
)

SEEDS = range(5)
PAIRS, REST = 6, 3  # switched columns, others, then the binaries


def program(seed: int) -> tuple[Structure, Parameters, np.random.Generator]:
    """Six switched columns, three others, a row that counts, two rows, a cap."""
    rng = np.random.default_rng(seed)
    p = 2 * PAIRS + REST
    square = np.append(rng.uniform(0.5, 2.0, PAIRS + REST), np.zeros(PAIRS))
    own = np.where(rng.random(p) < 0.5, square, 0.0)  # some squares in the cap alone
    counts = np.append(np.zeros(PAIRS + REST), np.ones(PAIRS))
    rows = np.vstack([counts, *rng.normal(size=(2, p)) * (1 - counts)])
    binary = np.arange(PAIRS + REST, p)
    s = Structure(
        P=sparse(np.diag(own)),
        A=sparse(rows),
        integer=counts.astype(bool),
        columns={"x": slice(0, PAIRS), "rest": slice(PAIRS, 9), "on": slice(9, p)},
        rows={"names": slice(0, 1), "other": slice(1, 3)},
        on_off=OnOff(binary=binary, column=np.arange(PAIRS)),
        caps=(Cap(name="risk", square=square),),
    )
    d = Parameters(
        q=np.where(counts > 0, 0.0, rng.normal(size=p)),
        row_lower=np.array([1.0, -9.0, -9.0]),
        row_upper=np.array([3.0, 9.0, 9.0]),
        lower=np.where(counts > 0, 0.0, -1.0),
        upper=np.ones(p),
        r=0.7,
        on_lower=np.full(PAIRS, -1.0),
        on_upper=np.ones(PAIRS),
        cap_linear=rng.normal(size=(1, p)) * (1 - counts),
        cap_limit=np.array([5.0]),
    )
    return s, d, rng


def point(s: Structure, rng: np.random.Generator) -> Vector:
    x = rng.uniform(-1, 1, s.integer.size)
    on = rng.random(PAIRS) < 0.6
    x[s.on_off.binary] = on
    x[s.on_off.column] *= on
    return x


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lifted_point_has_the_same_value_and_cap(seed: int) -> None:
    s, d, rng = program(seed)
    around = outer(s, d.cap_linear, limits_of(s, d))
    linear, x = around.forward(d), point(s, rng)
    full = around.full(x)
    assert linear.q @ full + linear.r == pytest.approx(objective(s, d, x))
    found = (around.structure.A.toarray() @ full)[around.cap_rows]
    np.testing.assert_allclose(found, cap_values(s, d, x))
    np.testing.assert_allclose(linear.row_upper[around.cap_rows], d.cap_limit)
    assert not around.structure.P.count_nonzero()


@pytest.mark.parametrize("seed", SEEDS)
def test_tangents_touch_at_their_point_and_stay_below_elsewhere(seed: int) -> None:
    s, d, rng = program(seed)
    around = outer(s, d.cap_linear, limits_of(s, d))
    squares = around.squares
    which = np.arange(squares.column.size)
    here = around.full(point(s, rng))
    tangents, least = squares.tangents(here, which, here.size)
    rows = tangents.toarray()
    np.testing.assert_allclose(rows @ here, least, atol=1e-9)
    for _ in range(20):
        there = around.full(point(s, rng))
        assert (rows @ there >= least - 1e-9).all()
    here[squares.epigraph] -= 1e-3
    assert (rows @ here < least).all()
    np.testing.assert_allclose(squares.missing(here), 1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_taken_out_leave_every_value_as_it_was(seed: int) -> None:
    s, d, rng = program(seed)
    x = point(s, rng)
    fixed: Mask = rng.random(x.size) < 0.4
    fixed[s.on_off.binary] = True
    reduced = take_out(s, d, fixed, x)
    rest = x[reduced.kept]
    np.testing.assert_array_equal(reduced.point(rest), x)
    small, numbers = reduced.structure, reduced.parameters
    assert objective(small, numbers, rest) == pytest.approx(objective(s, d, x))
    over = cap_values(small, numbers, rest) - numbers.cap_limit
    np.testing.assert_allclose(over, cap_values(s, d, x) - d.cap_limit)
    for side, own in (("row_lower", d.row_lower), ("row_upper", d.row_upper)):
        ours = small.A @ rest - getattr(numbers, side)
        np.testing.assert_allclose(ours, (s.A @ x - own)[reduced.kept_rows])


def test_a_pair_that_is_off_is_fixed_at_zero() -> None:
    s, d, _ = program(0)
    fixed = np.zeros(s.integer.size, dtype=bool)
    fixed[s.on_off.binary] = True
    on = np.zeros(s.integer.size)
    on[s.on_off.binary[:2]] = 1.0
    numbers = take_out(s, d, fixed, on).parameters
    assert numbers.upper[:PAIRS].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert numbers.lower[:PAIRS].tolist() == [-1.0, -1.0, 0.0, 0.0, 0.0, 0.0]


def test_a_row_that_nothing_is_left_of_must_hold() -> None:
    s, d, _ = program(0)
    fixed = np.zeros(s.integer.size, dtype=bool)
    fixed[s.on_off.binary] = True
    on = np.zeros(s.integer.size)
    assert not take_out(s, d, fixed, on).consistent  # at least one name
    on[s.on_off.binary[:3]] = 1.0
    assert take_out(s, d, fixed, on).consistent
    on[s.on_off.binary[:4]] = 1.0
    assert not take_out(s, d, fixed, on).consistent  # at most three


def test_sets_of_names() -> None:
    s, d, _ = program(0)
    assert name_limits(s, d) == (1, 3)
    d.lower[s.on_off.binary[5]] = 1.0  # must be on
    d.upper[s.on_off.binary[0]] = 0.0  # cannot be
    liking = np.array([9.0, 5.0, 4.0, 3.0, 2.0, -1.0])
    assert np.flatnonzero(forced_pairs(s, d)).tolist() == [5]
    held = liked(s, d, liking, 3)
    assert np.flatnonzero(held).tolist() == [1, 2, 5]
    start = np.array([False, False, False, True, True, True])
    sets = [np.flatnonzero(found).tolist() for found in exchanges(s, d, start, liking)]
    assert sets[0] == [1, 2, 5]
    assert all(5 in found and 0 not in found for found in sets)
    assert [1, 3, 5] in sets  # one at a time: the best in, the worst out
    assert all(len(found) <= 3 for found in sets)
    assert [3, 5] in sets  # none in, the worst out
    assert len({*map(tuple, sets[2:])}) == len(sets[2:])


def test_smallest_positions_that_do_not_fit_are_passed_over() -> None:
    """Weights of 0.4, 0.5, 0.3 and 0.2 at least, in the order of liking, fill one."""
    s, d, _ = program(0)
    rows = np.zeros((3, s.integer.size))
    rows[0], rows[1, :PAIRS] = s.A.toarray()[0], 1.0
    s = replace(s, A=sparse(rows))
    least = np.array([0.4, 0.5, 0.3, 0.2, 0.1, 0.0])
    d = replace(
        d, on_lower=least, row_upper=np.array([5.0, 1.0, 9.0]), lower=0.0 * d.lower
    )
    liking = np.array([9.0, 8.0, 7.0, 6.0, -np.inf, 5.0])
    held = fitting(s, d, liking, 6)
    assert np.flatnonzero(held).tolist() == [0, 1, 5]
    held = fitting(s, d, liking, 1)
    assert np.flatnonzero(held).tolist() == [0]
    d.row_upper[1] = 0.75
    held = fitting(s, d, liking, 6)
    assert np.flatnonzero(held).tolist() == [0, 2, 5]


def test_a_tangent_at_a_vanishing_scale_is_not_too_steep() -> None:
    """One with x / z = 1e9 would have coefficients that engines refuse."""
    squares = Squares(
        column=np.array([0]), epigraph=np.array([1]), scale=np.array([2]),
        weight=np.array([3.0]),
    )  # fmt: skip
    nowhere = np.array([1e3, 0.0, 0.0])
    row, lower = squares.tangents(nowhere, np.array([0]), 3)
    assert np.abs(row.data).max() <= 1.01 * STEEPEST
    assert float((row @ nowhere)[0]) < float(lower[0])
    for x, z in ((1e3, 1.0), (-2.0, 0.1), (0.0, 0.0)):
        reached = np.array([x, 3.0 * x**2 / (z or 1.0), z])
        assert float((row @ reached)[0]) >= float(lower[0]) - 1e-6
