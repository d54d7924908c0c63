"""Rows of each clause at a random portfolio are the finance formula, in percent."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sma_research.canonical.netting_cases import case_at, netting_cases

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


@pytest.mark.parametrize("seed", SEEDS)
def test_netting(drawn: Drawn, seed: int) -> None:
    """Net results are those of the lots sold; no year has others."""
    case = drawn(seed)
    problem = case.problem
    cost, price = problem.account.lots.cost, problem.price[problem.lot_asset]
    gain = 100 * case.sell * (price - cost) / price
    net = [gain[~problem.long_term].sum(), gain[problem.long_term].sum()]
    np.testing.assert_allclose(case.block("netted")[:2], net)
    np.testing.assert_allclose(case.rows("netting"), 0.0, atol=1e-12)
    assert [side.tolist() for side in case.sides("netting")] == [[0.0] * 2] * 2


@pytest.mark.parametrize("seed", SEEDS)
def test_tax_pieces(drawn: Drawn, seed: int) -> None:
    """Tax touches the rows of the case that it is, and is never above the other's."""
    case = drawn(seed)
    program, at = case.program, case.program.structure.rows["tax_pieces"]
    assert (case.sides("tax_pieces")[0] == -np.inf).all()
    assert (case.sides("tax_pieces")[1] == np.inf).all()
    both = netting_cases(program)
    room = [
        float((case.rows("tax_pieces") - one.parameters.row_lower[at]).min())
        for one in both
    ]
    assert max(room) == pytest.approx(0.0, abs=1e-10)
    closed = np.sum([one.parameters.row_lower[at] > -np.inf for one in both], axis=0)
    np.testing.assert_array_equal(closed, 1)  # every row in one case
    short, long, _ = case.block("netted") / 100
    chosen = case_at(program, short, long).parameters.row_lower[at]
    least = float((case.rows("tax_pieces") - chosen).min())
    assert least == pytest.approx(0.0, abs=1e-10)


LOTS = {"budget", "position", "factor", "active"}


@pytest.mark.parametrize(
    ("tax", "rows"),
    [
        ({}, {*LOTS, "netting", "tax_pieces"}),
        ({"tax_model": "linear"}, LOTS),
        ({"tax_aversion": 0.0}, LOTS),
        ({"tax_aversion": 0.0, "tax_budget": 0.0},
         {*LOTS, "netting", "tax_pieces", "tax_budget"}),
        ({"tax_model": "linear", "tax_budget": 0.0}, {*LOTS, "tax_budget"}),
    ],
)  # fmt: skip
def test_what_is_not_asked_has_no_rows(
    drawn: Drawn, tax: dict[str, Any], rows: set[str]
) -> None:
    bare = drawn(
        0, max_names=None, min_names=None, min_position=0.0, sector_bands={},
        factor_bands={}, max_turnover=None, tracking_error_cap=None, **tax,
    )  # fmt: skip
    structure = bare.program.structure
    assert set(structure.rows) == rows
    assert structure.caps == ()
    assert not structure.integer.any()
    assert structure.on_off.size == 0
