"""Benchmarks, blends, and funds seen as baskets."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

import sma_research as sma

W = np.array([  # every asset as a basket, by hand
    [1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 1.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 1.0, 0.0],
    [0.5, 0.4, 0.0, 0.0, 0.1],
])  # fmt: skip


def test_baskets_keep_what_they_do_not_cover(market: sma.Market) -> None:
    np.testing.assert_allclose(market.baskets.toarray(), W, atol=1e-15)
    assert market.is_fund.tolist() == [False, False, False, False, True]
    assert market.residual_risk.tolist() == [0.0, 0.0, 0.0, 0.0, 0.004]


def test_exposure_of_a_fund_is_that_of_its_basket(market: sma.Market) -> None:
    X = np.array([[1.0, 0.2], [1.0, -0.1], [1.0, 0.5], [1.0, 0.0], [0.9, 0.06]])
    np.testing.assert_allclose(market.basket_exposure, W @ X, atol=1e-15)
    by_hand = [0.5 + 0.4 + 0.1 * 0.9, 0.5 * 0.2 - 0.4 * 0.1 + 0.1 * 0.06]
    np.testing.assert_allclose(market.basket_exposure[4], by_hand)


def test_without_funds_every_asset_is_itself(market: sma.Market) -> None:
    plain = replace(market, look_through=None)
    np.testing.assert_array_equal(plain.baskets.toarray(), np.eye(5))
    assert not plain.is_fund.any()
    assert not plain.residual_risk.any()


def test_a_blend_is_the_weighted_sum(market: sma.Market) -> None:
    blend = market.blend({"one": 0.75, "two": 0.25})
    np.testing.assert_allclose(blend, [0.325, 0.25, 0.225, 0.2, 0.0], atol=1e-15)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"three": 1.0}, "target: 'three' unknown; expected one of one, two"),
        ({"one": 0.7}, "target shares sum to 0.7, expected 1"),
        ({"one": np.nan}, "target shares sum to nan, expected 1"),
    ],
)
def test_a_target_is_refused(
    market: sma.Market, target: dict[str, float], words: str
) -> None:
    with pytest.raises(sma.SmaError, match=words):
        market.blend(target)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"benchmarks": {}}, "no benchmark, expected at least one"),
        (
            {"benchmarks": {"b": [0.5, 0.4, 0, 0, 0]}},
            "benchmark 'b' sums to 0.90000000, expected 1",
        ),
        ({"benchmarks": {"b": [1.5, -0.5, 0, 0, 0]}}, "weight of BRAVO is -0.5"),
        ({"benchmarks": {"b": [np.nan, 1, 0, 0, 0]}}, "weight of ALPHA is nan"),
        ({"benchmarks": {"b": [1.0]}}, r"has shape \(1,\), expected \(5,\)"),
        ({"as_of": "2025-06-30"}, "as_of is '2025-06-30', expected a date like"),
        ({"as_of": datetime(2025, 6, 30)}, "expected a date .* without a time"),  # noqa: DTZ001
    ],
)
def test_a_market_is_refused(
    market: sma.Market, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(sma.SmaError, match=words):
        replace(market, **change)


def test_a_risk_model_of_other_assets_is_refused(market: sma.Market) -> None:
    model = sma.RiskModel(
        factor_exposure=np.ones((2, 1)), factor_covariance=[[1]], specific_risk=[0, 0]
    )
    with pytest.raises(sma.SmaError, match=r"specific_risk has shape \(2,\)"):
        replace(market, risk_model=model)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"constituents": [[0.9, 0.2, 0, 0, 0]]}, "basket of FUND sums to 1.100000"),
        ({"constituents": [[-0.1, 0.2, 0, 0, 0]]}, "is -0.1, expected 0 or more"),
        ({"constituents": [[np.nan, 0.2, 0, 0, 0]]}, "is nan, expected a number"),
        ({"constituents": np.zeros((2, 5))}, "2 baskets for 1 funds"),
        ({"fund": ["X", "X"]}, "fund 'X' appears more than once"),
        ({"residual_risk": [-0.1]}, "residual_risk of FUND is -0.1"),
        ({"residual_risk": [0.1, 0.1]}, r"has shape \(2,\), expected \(1,\)"),
    ],
)
def test_baskets_are_refused(change: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {
        "fund": ["FUND"],
        "constituents": [[0.5, 0.4, 0.0, 0.0, 0.0]],
        "residual_risk": [0.004],
    }
    with pytest.raises(sma.SmaError, match=words):
        sma.LookThrough(**{**good, **change})


@pytest.mark.parametrize(
    ("fund", "width", "words"),
    [
        ("NOSUCH", 5, "look-through fund: 'NOSUCH' unknown"),
        ("FUND", 4, "baskets cover 4 assets, the universe has 5"),
    ],
)
def test_baskets_of_another_universe_are_refused(
    market: sma.Market, fund: str, width: int, words: str
) -> None:
    baskets = sma.LookThrough(
        fund=[fund], constituents=np.zeros((1, width)), residual_risk=[0.0]
    )
    with pytest.raises(sma.SmaError, match=words):
        replace(market, look_through=baskets)
