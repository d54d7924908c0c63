"""Assets as columns, and every way to get them wrong."""

from typing import Any

import numpy as np
import pytest

import sma_research as sma

GOOD: dict[str, Any] = {
    "asset": ["A", "B"],
    "price": [1.0, 2.0],
    "sector": ["S", "T"],
    "industry": ["I", "J"],
    "kind": ["stock", "etf"],
    "spread": [0.01, 0.03],
}


def test_positions_kinds_sectors_and_costs() -> None:
    universe = sma.Universe(**GOOD)
    assert universe.size == 2
    assert universe.positions("x", ["B", "A", "B"]).tolist() == [1, 0, 1]
    assert universe.is_kind("etf").tolist() == [False, True]
    assert universe.in_sector("S").tolist() == [True, False]
    assert universe.cost_rate.tolist() == [0.005, 0.015]
    assert sma.Universe(**{**GOOD, "spread": None}).cost_rate.tolist() == [0.0, 0.0]


def test_columns_are_copies_that_nobody_can_change() -> None:
    price = np.array([1.0, 2.0])
    universe = sma.Universe(**{**GOOD, "price": price})
    price[0] = 9.0
    assert np.asarray(universe.price).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(universe.price)[0] = 3.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"price": [1.0, np.nan]}, "price of B is nan, expected a number"),
        ({"price": [np.inf, 1.0]}, "price of A is inf, expected a number"),
        ({"price": [1.0, -2.0]}, "price of B is -2, expected above 0"),
        ({"price": [0.0, 1.0]}, "price of A is 0, expected above 0"),
        ({"price": [1.0]}, r"price has shape \(1,\), expected \(2,\)"),
        ({"price": ["x", 1.0]}, r"price\[0\] is 'x', expected a number"),
        ({"asset": ["A", "A"]}, "asset 'A' appears more than once"),
        ({"asset": []}, "the universe holds no asset, expected at least one"),
        ({"sector": ["S"]}, "sector has 1 entries, expected 2"),
        ({"identical": ["x"]}, "identical has 1 entries, expected 2"),
        ({"kind": ["stock", "bond"]}, "kind: 'bond' unknown; expected one of cash"),
        ({"tags": {"t": [True]}}, r"tag 't' has shape \(1,\), expected \(2,\)"),
        ({"spread": [0.1, -0.1]}, "spread of B is -0.1, expected 0 or more"),
        ({"adv": [np.nan, 1.0]}, "adv of A is nan, expected a number"),
    ],
)
def test_a_universe_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(sma.SmaError, match=words) as refusal:
        sma.Universe(**{**GOOD, **change})
    assert "\n" not in str(refusal.value)


def test_an_unknown_asset_is_named_with_where_it_stood() -> None:
    with pytest.raises(sma.SmaError, match="lots: 'C' unknown; expected one of A, B"):
        sma.Universe(**GOOD).positions("lots", ["A", "C"])
