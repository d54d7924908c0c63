"""The objective, the cap and the bounds of a program are those of the account."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.program.form import cap_values, objective

Drawn = Callable[..., Any]
SEEDS = range(4)


def variance(problem: sma.Problem, weight: Vector) -> float:
    """By the dense covariance."""
    model, residual = problem.market.risk_model, [0.0] * 8 + [0.003, 0.002]
    dense = model.X @ model.F @ model.X.T + np.diag(model.s**2)
    active = problem.market.baskets.toarray().T @ weight - problem.benchmark
    return float(active @ dense @ active + np.sum((np.array(residual) * weight) ** 2))


def lot_by_lot(case: Any) -> float:
    """Rate of the term times gain, of account value."""
    problem = case.problem
    price = problem.price[problem.lot_asset]
    rate = np.where(problem.long_term, 0.20, 0.37)
    return float(np.sum(case.sell * rate * (price - problem.account.lots.cost) / price))


def by_the_year(case: Any) -> float:
    """Of net results of a year without others, of account value."""
    problem = case.problem
    price = problem.price[problem.lot_asset]
    gain = case.sell * (price - problem.account.lots.cost) / price * problem.value
    short, long = (gain[mask].sum() for mask in (~problem.long_term, problem.long_term))
    if short + long <= 0:
        return float(0.37 * max(short + long, -3000.0) / problem.value)
    kept = min(max(short, 0.0), short + long)  # what is left of the short-term gain
    return float((0.37 * kept + 0.20 * (short + long - kept)) / problem.value)


TAXES = {"linear": lot_by_lot, "netted": by_the_year}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kinds", [{"stock", "etf"}, {"stock"}, {"etf"}])
@pytest.mark.parametrize("model", TAXES)
def test_objective(drawn: Drawn, seed: int, kinds: set[str], model: str) -> None:
    case = drawn(seed, kinds=kinds, tax_model=model)
    problem, tax = case.problem, TAXES[model](case)
    half = 0.5 * np.asarray(problem.market.universe.spread)
    cost = float(case.buy @ half + case.sell @ half[problem.lot_asset])
    by_hand = 40.0 * variance(problem, case.weight) + (0.7 * tax + 1.5 * cost) / 2.0
    program = case.program
    found = program.scale * objective(program.structure, program.parameters, case.x)
    assert found == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cap_is_squared_tracking_error_in_percent(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    s, d = case.program.structure, case.program.parameters
    (over,) = cap_values(s, d, case.x) - d.cap_limit
    by_hand = 1e4 * (variance(case.problem, case.weight) - 0.05**2)
    assert over == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    problem, columns = case.problem, case.program.structure.columns
    d = case.program.parameters
    forbidden = np.array([asset == "A3" for asset in problem.market.universe.asset])
    most = np.where(forbidden, 0.0, 60.0)
    np.testing.assert_allclose(d.upper[columns["hold"]], most)
    np.testing.assert_allclose(d.lower[columns["hold"]], 0.0)
    # The limits of a pair do not depend on what is excluded: its binary does.
    np.testing.assert_allclose(d.on_upper, 60.0)
    np.testing.assert_allclose(d.on_lower, 1.0)
    np.testing.assert_allclose(d.upper[columns["on"]], ~forbidden)
    assert (d.lower[columns["cash"]], d.upper[columns["cash"]]) == (0.5, 3.0)
    value = problem.account.lots.quantity * problem.price[problem.lot_asset]
    room = np.sort(d.upper[columns["sell"]])
    np.testing.assert_allclose(room, np.sort(100 * value / problem.value))
    seen = case.program.layout.seen
    inside = np.where(forbidden[seen], 0.02, 1.0)  # look_through_limit
    benchmark = problem.benchmark[seen]
    np.testing.assert_allclose(d.upper[columns["active"]], 100 * (inside - benchmark))
    # A percent below what can be reached: it never binds.
    np.testing.assert_allclose(d.lower[columns["active"]], -100 * benchmark - 1)


def test_a_floor_is_a_bound_of_the_name_and_of_its_switch(drawn: Drawn) -> None:
    case = drawn(0, weight_bounds={"A1": (0.07, 0.2)})
    columns, d = case.program.structure.columns, case.program.parameters
    hold, on = columns["hold"].start + 1, columns["on"].start + 1
    assert (d.lower[hold], d.upper[hold]) == pytest.approx((7.0, 20.0))
    assert (d.lower[on], d.upper[on]) == (1.0, 1.0)
    assert (d.on_lower[1], d.on_upper[1]) == pytest.approx((7.0, 20.0))


def test_a_name_that_cannot_reach_the_smallest_position_is_off(drawn: Drawn) -> None:
    case = drawn(0, min_position=0.05, weight_bounds={"A1": (0.0, 0.04)})
    columns, d = case.program.structure.columns, case.program.parameters
    assert d.upper[columns["on"].start + 1] == 0.0
    assert d.upper[columns["hold"].start + 1] == 0.0


def test_owners_are_assets(drawn: Drawn) -> None:
    case = drawn(1)
    structure, problem = case.program.structure, case.problem
    owner, columns = structure.owner, structure.columns
    assert owner is not None
    n = problem.market.universe.size
    owned = sorted(set(problem.lot_asset.tolist()))
    assert owner[columns["hold"]].tolist() == list(range(n))
    assert owner[columns["on"]].tolist() == list(range(n))
    assert owner[columns["buy"]].tolist() == owned
    assert owner[columns["sell"]].tolist() == sorted(problem.lot_asset.tolist())
    assert set(owner[columns["cash"]]) | set(owner[columns["factor"]]) == {-1}
    pairs = structure.on_off
    assert (owner[pairs.binary] == owner[pairs.column]).all()
    assert structure.is_separable
