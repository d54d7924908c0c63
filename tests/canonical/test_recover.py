"""From a point back to trades by lot, clean of a solver's dust."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sma_research.canonical.recover import recover

Drawn = Callable[..., Any]
FREE = {"max_names": None, "min_names": None, "min_position": 0.0, "max_weight": 1.0}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("counted", [False, True])
def test_trades_come_back(drawn: Drawn, seed: int, *, counted: bool) -> None:
    case = drawn(seed, **({} if counted else FREE))
    found = recover(case.program, case.x)
    problem = case.problem
    np.testing.assert_allclose(found.buy_weight(problem), case.buy, atol=1e-8)
    np.testing.assert_allclose(found.sell_weight(problem), case.sell, atol=1e-8)
    np.testing.assert_allclose(found.weight(problem), case.weight, atol=1e-8)
    half = 0.5 * np.asarray(problem.market.universe.spread)
    lot = problem.lot_asset
    cash = 2000.0 - found.buy @ (problem.price * (1 + half))
    cash += found.sell @ (problem.price * (1 - half))[lot]
    if case.cash >= 0.005:
        assert found.cash == pytest.approx(cash, abs=1e-9 * problem.value)


def noisy(case: Any, seed: int) -> Any:
    """Trades of the point as a solver would return it, off by 4e-9 of the account."""
    noise = np.random.default_rng(seed).uniform(-4e-7, 4e-7, case.x.size)  # percent
    return recover(case.program, case.x + noise)


@pytest.mark.parametrize("seed", range(6))
def test_dust_buys_nothing(drawn: Drawn, seed: int) -> None:
    case = drawn(seed, **FREE)
    found = noisy(case, seed)
    plain = np.bincount(case.problem.lot_asset, minlength=case.buy.size) == 0
    assert (found.buy[plain & (case.buy == 0.0)] == 0.0).all()
    assert (found.buy >= 0).all()
    quantity = case.problem.account.lots.quantity
    assert ((found.sell >= 0) & (found.sell <= quantity)).all()
    np.testing.assert_allclose(found.sell_weight(case.problem), case.sell, atol=2e-8)


@pytest.mark.parametrize("seed", [2, 3])
def test_dust_sells_nothing(drawn: Drawn, seed: int) -> None:
    case = drawn(seed, **FREE)
    assert (noisy(case, seed).sell[case.sell == 0.0] == 0.0).all()


@pytest.mark.parametrize("seed", [0, 1, 3, 4])
def test_a_lot_sold_whole_leaves_no_sliver(drawn: Drawn, seed: int) -> None:
    """Slivers of 1e-16 shares would stay in the books, and hide a full exit."""
    case = drawn(seed, **FREE)
    whole = case.sell == case.problem.lot_weight
    quantity = case.problem.account.lots.quantity
    np.testing.assert_array_equal(noisy(case, seed).sell[whole], quantity[whole])


def test_what_is_off_is_sold_whole(drawn: Drawn) -> None:
    case = drawn(0)
    x, columns = case.x.copy(), case.program.structure.columns
    owned = int(case.problem.lot_asset[0])
    x[columns["on"].start + owned] = 0.0
    found = recover(case.program, x)
    lots = case.problem.lot_asset == owned
    quantity = case.problem.account.lots.quantity
    np.testing.assert_allclose(found.sell[lots], quantity[lots], rtol=1e-12)
    assert found.buy[owned] == 0.0
    assert found.weight(case.problem)[owned] == pytest.approx(0.0, abs=1e-12)


def test_a_holding_short_of_what_is_kept_sells_the_cheapest_lot(drawn: Drawn) -> None:
    case = drawn(0, **FREE)
    problem, x = case.problem, case.x.copy()
    columns = case.program.structure.columns
    owned = sorted(set(problem.lot_asset.tolist()))[0]
    lots = np.flatnonzero(problem.lot_asset == owned)
    x[columns["sell"]] = 0.0
    x[columns["buy"]] = 0.0
    x[columns["hold"]] = 100 * problem.held
    # A solver that holds a little less than it sold for: one basis point.
    x[columns["hold"].start + owned] -= 0.01
    sold = recover(case.program, x).sell_weight(problem)
    cheapest = lots[np.argmin(problem.tax_rate[lots])]
    assert sold[cheapest] == pytest.approx(1e-4, rel=1e-6)
    assert sold.sum() - sold[problem.restricted[problem.lot_asset]].sum() == (
        pytest.approx(1e-4, rel=1e-6)
    )


def test_purchases_shrink_by_what_cash_would_fall_short(drawn: Drawn) -> None:
    """Cash ends at `min_cash`, not a hair below, where trades are a hair too large."""
    case = drawn(1, **FREE)
    problem, x = case.problem, case.x.copy()
    columns = case.program.structure.columns
    short = case.cash - 0.005 + 5e-5  # of the account value, to be bought too much
    plain = next(i for i in range(10) if i not in problem.lot_asset and i != 3)
    rate = 1 + 0.5 * np.asarray(problem.market.universe.spread)[plain]
    x[columns["hold"].start + plain] += 100 * short / rate
    assert x[columns["hold"].start + plain] > 0
    found = recover(case.program, x)
    assert found.cash / problem.value == pytest.approx(0.005, abs=1e-12)
