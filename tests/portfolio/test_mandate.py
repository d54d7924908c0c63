"""What a client may ask, and what no client can mean."""

from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.portfolio.screens import restricted, restrictions, wrong_kind


def mandate(**wishes: Any) -> sma.Mandate:
    return sma.Mandate(**{"target": {"one": 1.0}, **wishes})


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"target": {}}, "target is empty"),
        ({"target": {"one": -0.1}}, "target share of one is -0.1"),
        ({"kinds": {"bond"}}, "kinds: 'bond' unknown; expected one of etf, stock"),
        ({"kinds": set()}, "kinds is empty"),
        ({"max_weight": 5}, r"max_weight is 5, expected a decimal .*\(5 % is 0.05\)"),
        ({"max_weight": np.nan}, "max_weight is nan"),
        ({"max_etf_weight": -0.1}, "max_etf_weight is -0.1"),
        ({"max_active_weight": 2}, "max_active_weight is 2"),
        ({"look_through_limit": np.inf}, "look_through_limit is inf"),
        ({"tracking_error_cap": 2}, "tracking_error_cap is 2"),
        ({"max_turnover": 2.1}, "max_turnover is 2.1, expected a decimal from 0 to 2"),
        ({"risk_aversion": 0}, "risk_aversion is 0, expected above 0"),
        ({"risk_aversion": np.nan}, "risk_aversion is nan"),
        ({"horizon_years": np.inf}, "horizon_years is inf"),
        ({"tax_aversion": -1}, "tax_aversion is -1, expected 0 or more"),
        ({"cost_aversion": np.nan}, "cost_aversion is nan, expected 0 or more"),
        ({"max_names": 0}, "max_names is 0, expected a whole number from 1"),
        ({"max_names": 2.5}, "max_names is 2.5, expected a whole number"),
        ({"max_names": np.nan}, "max_names is nan, expected a whole number"),
        ({"min_names": np.inf}, "min_names is inf, expected a whole number"),
        ({"max_names": "20"}, "max_names is '20', expected a whole number"),
        ({"min_cash": 0.05}, "min_cash 0.05 is above max_cash 0.02, expected no"),
        (
            {"min_position": 0.2, "max_weight": 0.1},
            "min_position 0.2 is above max_weight 0.1",
        ),
        ({"min_names": 9, "max_names": 8}, "min_names 9 is above max_names 8"),
        (
            {"weight_bounds": {"ALPHA": (0.3, 0.2)}},
            "weight_bounds of ALPHA: lower 0.3 is above upper 0.2",
        ),
        ({"weight_bounds": {"ALPHA": (-0.1, 0.2)}}, "weight_bounds of ALPHA is -0.1"),
        ({"weight_bounds": {"ALPHA": (0.1, np.nan)}}, "weight_bounds of ALPHA"),
    ],
)
def test_a_mandate_is_refused(wishes: dict[str, Any], words: str) -> None:
    with pytest.raises(sma.SmaError, match=words) as refusal:
        mandate(**wishes)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("sides", [(0.2, 0.1), (np.nan, 1.0), (0.0, np.nan)])
def test_a_band_is_refused(sides: tuple[float, float]) -> None:
    with pytest.raises(sma.SmaError, match="expected lower <= upper"):
        sma.Band(lower=sides[0], upper=sides[1])


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ({"short_term": 37}, "short_term is 37"),
        ({"long_term": -0.1}, "long_term is -0.1"),
        ({"long_term": np.nan}, "long_term is nan"),
    ],
)
def test_tax_rates_are_refused(rates: dict[str, float], words: str) -> None:
    with pytest.raises(sma.SmaError, match=words):
        sma.TaxRates(**rates)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"account_id": ""}, "account_id is empty, expected a name"),
        ({"cash": np.nan}, "cash of x is nan"),
        ({"cash": np.inf}, "cash of x is inf"),
        ({"cash": -1.0}, "cash of x is -1.0, expected 0 or more"),
        ({"contribution": np.nan}, "contribution of x is nan"),
    ],
)
def test_an_account_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(sma.SmaError, match=words):
        sma.Account(**{"account_id": "x", "mandate": mandate(), **change})


def test_screens_and_exclusions_add_up(market: sma.Market) -> None:
    wishes = mandate(exclude={"BRAVO"}, screens={"oil"}, kinds={"stock"})
    found = {
        why: mask.tolist()
        for why, mask in restrictions(market.universe, wishes).items()
    }
    assert found == {
        "excluded by name": [False, True, False, False, False],
        "screened: oil": [False, False, True, False, False],
    }
    assert restricted(market.universe, wishes).tolist() == [
        False, True, True, False, False,
    ]  # fmt: skip
    assert wrong_kind(market.universe, wishes).tolist() == [
        False, False, False, False, True,
    ]  # fmt: skip


def test_no_restriction_forbids_nothing(market: sma.Market) -> None:
    assert not restricted(market.universe, mandate()).any()


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"exclude": {"NOSUCH"}}, "exclude: 'NOSUCH' unknown"),
        ({"screens": {"wine"}}, "screens: 'wine' unknown; expected one of oil"),
    ],
)
def test_unknown_restrictions_are_named(
    market: sma.Market, wishes: dict[str, Any], words: str
) -> None:
    with pytest.raises(sma.SmaError, match=words):
        restricted(market.universe, mandate(**wishes))


def test_a_book_has_accounts_of_different_names(market: sma.Market) -> None:
    account = sma.Account(account_id="x", mandate=mandate(), cash=1.0)
    with pytest.raises(sma.SmaError, match="account_id 'x' appears more than once"):
        list(sma.solve_book(market, [account, account]))
    with pytest.raises(sma.SmaError, match="holds no account, expected at least one"):
        list(sma.solve_book(market, []))
