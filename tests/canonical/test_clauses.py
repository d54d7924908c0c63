"""Rows of each clause at a random portfolio are the finance formula, in percent."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Drawn = Callable[..., Any]
SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_budget(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    before = 2000.0 / case.problem.value
    np.testing.assert_allclose(case.rows("budget"), [100 * before], rtol=1e-12)
    for side in case.sides("budget"):
        np.testing.assert_allclose(side, [100 * before], rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_cash_that_is_missing_breaks_the_budget(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    case.x[case.program.structure.columns["cash"]] += 1.0
    assert case.rows("budget")[0] - case.sides("budget")[1][0] == pytest.approx(1.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_position(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    owned = sorted(set(case.problem.lot_asset.tolist()))
    value = dict.fromkeys(owned, 0.0)
    for i, shares in zip(
        case.problem.lot_asset, case.problem.account.lots.quantity, strict=True
    ):
        value[int(i)] += shares * case.problem.price[i] / case.problem.value
    held = 100 * np.array([value[i] for i in owned])
    np.testing.assert_allclose(case.rows("position"), held, rtol=1e-12)
    for side in case.sides("position"):
        np.testing.assert_allclose(side, held, rtol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_factor(drawn: Drawn, seed: int) -> None:
    """With f the factor columns, f'f is the factor part of the variance."""
    case = drawn(seed)
    lower, upper = case.sides("factor")
    np.testing.assert_allclose(case.rows("factor"), lower, atol=1e-10)
    np.testing.assert_array_equal(lower, upper)
    model, W = case.problem.market.risk_model, case.problem.market.baskets.toarray()
    exposure = model.X.T @ (W.T @ case.weight - case.problem.benchmark)
    variance = exposure @ model.F @ exposure
    assert case.block("factor") @ case.block("factor") == pytest.approx(1e4 * variance)


@pytest.mark.parametrize("seed", SEEDS)
def test_active(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    lower, upper = case.sides("active")
    np.testing.assert_allclose(case.rows("active"), lower, atol=1e-10)
    np.testing.assert_array_equal(lower, upper)
    W = case.problem.market.baskets.toarray()
    by_hand = 100 * (W.T @ case.weight - case.problem.benchmark)
    seen = np.zeros(by_hand.size)
    seen[case.program.layout.seen] = case.block("active")
    np.testing.assert_allclose(seen, by_hand, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_names(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    np.testing.assert_allclose(case.rows("names"), [np.count_nonzero(case.weight)])
    assert [side.tolist() for side in case.sides("names")] == [[2.0], [6.0]]


@pytest.mark.parametrize("seed", SEEDS)
def test_turnover(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    both = 100 * (case.buy.sum() + case.sell.sum())
    np.testing.assert_allclose(case.rows("turnover"), [both], rtol=1e-12)
    assert [side.tolist() for side in case.sides("turnover")] == [[-np.inf], [180.0]]


@pytest.mark.parametrize("seed", SEEDS)
def test_sector_bands(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    sector = np.array(case.problem.market.universe.sector)
    seen = case.problem.market.baskets.toarray().T @ case.weight
    by_hand = [100 * seen[sector == name].sum() for name in ("X", "Z")]
    np.testing.assert_allclose(case.rows("sector_bands"), by_hand, rtol=1e-12)
    inside = case.problem.benchmark[sector == "X"].sum()
    lower, upper = case.sides("sector_bands")
    np.testing.assert_allclose(lower, [100 * (inside - 0.1), -np.inf])
    np.testing.assert_allclose(upper, [100 * (inside + 0.2), 30.0])


@pytest.mark.parametrize("seed", SEEDS)
def test_factor_bands(drawn: Drawn, seed: int) -> None:
    case = drawn(seed)
    X = case.problem.market.risk_model.X
    seen = case.problem.market.baskets.toarray().T @ case.weight
    np.testing.assert_allclose(
        case.rows("factor_bands"), [100 * X[:, 0] @ seen, 100 * X[:, 2] @ seen]
    )
    benchmark = X[:, 2] @ case.problem.benchmark
    lower, upper = case.sides("factor_bands")
    np.testing.assert_allclose(lower, [-200.0, 100 * (benchmark - 0.3)])
    np.testing.assert_allclose(upper, [np.inf, 100 * (benchmark + 0.4)])


def test_what_is_not_asked_has_no_rows(drawn: Drawn) -> None:
    bare = drawn(
        0, max_names=None, min_names=None, min_position=0.0, sector_bands={},
        factor_bands={}, max_turnover=None, tracking_error_cap=None,
    )  # fmt: skip
    structure = bare.program.structure
    assert set(structure.rows) == {"budget", "position", "factor", "active"}
    assert structure.caps == ()
    assert not structure.integer.any()
    assert structure.on_off.size == 0
