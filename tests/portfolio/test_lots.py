"""Lots as columns, and the day on which each becomes long-term."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sma_research as sma


def one(acquired: date) -> sma.Lots:
    return sma.Lots(
        asset=["A"], shares=[1.0], cost_per_share=[1.0], acquired=[acquired]
    )


@pytest.mark.parametrize(
    ("acquired", "first"),
    [
        (date(2024, 3, 15), date(2025, 3, 16)),
        (date(2023, 3, 15), date(2024, 3, 16)),  # across 29 February
        (date(2024, 1, 31), date(2025, 2, 1)),
        (date(2024, 4, 30), date(2025, 5, 1)),  # the last day of a short month
        (date(2024, 4, 29), date(2025, 4, 30)),
        (date(2024, 12, 31), date(2026, 1, 1)),
        (date(2024, 2, 28), date(2025, 3, 1)),  # held from the 29th, which 2025 lacks
        (date(2024, 2, 29), date(2025, 3, 1)),  # the last day of February
        (date(2023, 2, 28), date(2024, 3, 1)),  # the last day, too
        (date(2023, 2, 27), date(2024, 2, 28)),
    ],
)
def test_long_term_starts_the_day_after_the_anniversary(
    acquired: date, first: date
) -> None:
    lots = one(acquired)
    assert not lots.is_long_term(first - timedelta(days=1))[0]
    assert lots.is_long_term(first)[0]


@given(
    acquired=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    days=st.integers(-3, 400),
)
def test_long_term_by_the_calendar(acquired: date, days: int) -> None:
    on = acquired + timedelta(days=days)
    start = acquired + timedelta(days=1)
    # Twelve months from the day after; 29 February has its twelfth on 1 March.
    leap = (start.month, start.day) == (2, 29)
    over = date(start.year + 1, *((3, 1) if leap else (start.month, start.day)))
    assert one(acquired).is_long_term(on)[0] == (on >= over)


def test_no_lots_are_lots_too(account: sma.Account) -> None:
    assert account.lots.size == 3
    assert sma.Lots().size == 0
    assert sma.Lots().is_long_term(date(2025, 1, 1)).tolist() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shares": [-5.0]}, r"shares of lot 0 \(A\) is -5, expected above 0"),
        ({"shares": [0.0]}, r"shares of lot 0 \(A\) is 0, expected above 0"),
        ({"shares": [np.nan]}, r"shares of lot 0 \(A\) is nan, expected a number"),
        ({"shares": [np.inf]}, r"shares of lot 0 \(A\) is inf, expected a number"),
        ({"shares": [1.0, 2.0]}, r"shares has shape \(2,\), expected \(1,\)"),
        ({"cost_per_share": [-1.0]}, "cost_per_share of lot 0 .* expected 0 or more"),
        ({"cost_per_share": [np.nan]}, "cost_per_share of lot 0 .* is nan"),
        ({"acquired": []}, "acquired has 0 dates for 1 lots"),
        ({"acquired": ["2024-01-02"]}, "acquired of lot 0 is '2024-01-02', expected"),
        ({"acquired": [datetime(2024, 1, 2)]}, "expected a date .* without a time"),  # noqa: DTZ001
        ({"acquired": [None]}, "acquired of lot 0 is None, expected a date"),
    ],
)
def test_lots_are_refused(change: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {
        "asset": ["A"],
        "shares": [1.0],
        "cost_per_share": [1.0],
        "acquired": [date(2024, 1, 2)],
    }
    with pytest.raises(sma.SmaError, match=words) as refusal:
        sma.Lots(**{**good, **change})
    assert "\n" not in str(refusal.value)
