"""An account against its market: values, rates and limits by hand, and refusals."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

import sma_research as sma

Stated = Callable[..., sma.Problem]


def test_values_and_weights(stated: Stated) -> None:
    problem = stated()
    assert problem.value == 4000.0
    assert problem.lot_value.tolist() == [1000.0, 500.0, 1000.0]
    assert problem.lot_weight.tolist() == [0.25, 0.125, 0.25]
    assert problem.held.tolist() == [0.375, 0.0, 0.25, 0.0, 0.0]
    assert problem.cash_before == 0.375
    assert problem.lot_asset.tolist() == [0, 0, 2]


def test_tax_by_lot(stated: Stated) -> None:
    problem = stated()
    # The third lot turns long-term the day after 30 June 2025, the market's date.
    assert problem.long_term.tolist() == [True, False, False]
    np.testing.assert_allclose(problem.gain_rate, [0.2, -0.2, -0.25])
    np.testing.assert_allclose(problem.tax_rate, [0.25 * 0.2, 0.4 * -0.2, 0.4 * -0.25])


def test_active_weight_looks_through_funds(stated: Stated) -> None:
    held = np.array([0.1, 0.2, 0.3, 0.0, 0.4])
    by_hand = [0.1 + 0.2 - 0.4, 0.2 + 0.16 - 0.3, 0.3 - 0.2, -0.1, 0.04]
    np.testing.assert_allclose(stated().active(held), by_hand, atol=1e-15)


@pytest.mark.parametrize(
    ("wishes", "upper"),
    [
        ({}, [1, 1, 1, 1, 1]),
        ({"max_weight": 0.3}, [0.3] * 5),
        ({"max_weight": 0.3, "max_etf_weight": 0.9}, [0.3, 0.3, 0.3, 0.3, 0.9]),
        ({"max_active_weight": 0.05}, [0.45, 0.35, 0.25, 0.15, 1]),
        ({"weight_bounds": {"BRAVO": (0.1, 0.2)}}, [1, 0.2, 1, 1, 1]),
        ({"max_weight": 0.1, "weight_bounds": {"BRAVO": (0, 0.2)}}, [0.1] * 5),
        ({"exclude": {"BRAVO"}, "screens": {"oil"}}, [1, 0, 0, 1, 1]),
        ({"kinds": {"stock"}}, [1, 1, 1, 1, 0]),
        ({"kinds": {"etf"}}, [0, 0, 0, 0, 1]),
    ],
)
def test_upper_limits(
    stated: Stated, wishes: dict[str, Any], upper: list[float]
) -> None:
    np.testing.assert_allclose(stated(**wishes).weight_upper, upper, atol=1e-15)


@pytest.mark.parametrize(
    ("wishes", "lower"),
    [
        ({}, [0, 0, 0, 0, 0]),
        ({"max_active_weight": 0.15}, [0.25, 0.15, 0.05, 0, 0]),
        ({"max_active_weight": 0.15, "exclude": {"ALPHA"}}, [0, 0.15, 0.05, 0, 0]),
        ({"weight_bounds": {"FUND": (0.1, 0.2)}}, [0, 0, 0, 0, 0.1]),
    ],
)
def test_lower_limits(
    stated: Stated, wishes: dict[str, Any], lower: list[float]
) -> None:
    np.testing.assert_allclose(stated(**wishes).weight_lower, lower, atol=1e-15)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        (
            {"max_weight": 0.3, "weight_bounds": {"ALPHA": (0.4, 0.5)}},
            "weight of ALPHA must be at least 0.4 and at most 0.3; expected no crossing",
        ),
        (
            {"exclude": {"ALPHA"}, "weight_bounds": {"ALPHA": (0.1, 0.5)}},
            "weight of ALPHA must be at least 0.1 and at most 0: it may not be held",
        ),
        (
            {"kinds": {"stock"}, "weight_bounds": {"FUND": (0.1, 0.5)}},
            "weight of FUND must be at least 0.1 and at most 0: it may not be held",
        ),
        (
            {"min_position": 0.2, "weight_bounds": {"ALPHA": (0.1, 0.15)}},
            "weight of ALPHA must be at least 0.2 and at most 0.15",
        ),
        (
            {"max_weight": 0.2, "max_active_weight": 0.1},
            "weight of ALPHA must be at least 0.3 and at most 0.2",
        ),
        ({"weight_bounds": {"X": (0, 1)}}, "hand, weight_bounds: 'X' unknown"),
        ({"sector_bands": {"Oil": sma.Band()}}, "hand, sector_bands: 'Oil' unknown"),
        (
            {"factor_bands": {2: sma.Band()}},
            "factor 2, expected a position from 0 to 1",
        ),
        (
            {"factor_bands": {0.5: sma.Band()}},
            "factor_bands is 0.5, expected a whole number",
        ),
        ({"exclude": {"X"}}, "exclude: 'X' unknown"),
        ({"target": {"x": 1.0}}, "target: 'x' unknown"),
    ],
)
def test_a_mandate_that_does_not_fit_is_refused(
    stated: Stated, wishes: dict[str, Any], words: str
) -> None:
    with pytest.raises(sma.SmaError, match=words) as refusal:
        stated(**wishes)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contribution": -3500.0}, "hand is worth -500.00 USD after a contribution"),
        ({"contribution": -3000.0}, "worth 0.00 USD .* expected above 0 and finite"),
        ({"cash": 1e308, "contribution": 1e308}, "hand is worth inf USD"),
    ],
)
def test_an_account_without_a_value_is_refused(
    market: sma.Market, account: sma.Account, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(sma.SmaError, match=words):
        sma.Problem(market=market, account=replace(account, **change))


@pytest.mark.parametrize(
    ("asset", "acquired", "words"),
    [
        ("NOSUCH", date(2024, 1, 1), "account hand, lots: 'NOSUCH' unknown"),
        ("ALPHA", date(2025, 7, 1), "lot of ALPHA on 2025-07-01 is acquired after"),
    ],
)
def test_lots_that_do_not_fit_are_refused(
    market: sma.Market, account: sma.Account, asset: str, acquired: date, words: str
) -> None:
    lots = sma.Lots(
        asset=[asset], shares=[1.0], cost_per_share=[1.0], acquired=[acquired]
    )
    with pytest.raises(sma.SmaError, match=words):
        sma.Problem(market=market, account=replace(account, lots=lots))


def test_a_lot_of_today_is_no_mistake(market: sma.Market, account: sma.Account) -> None:
    lots = sma.Lots(
        asset=["ALPHA"], shares=[1.0], cost_per_share=[1.0], acquired=[market.as_of]
    )
    problem = sma.Problem(market=market, account=replace(account, lots=lots))
    assert not problem.long_term.any()
