"""Wrong types in Python: one line with the field, what was found, what was expected."""

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sma_research as sma
from sma_research.fields import _kinds, shown

Make = Callable[[], object]
from_outside: Any = sma  # a caller without a type checker


def mandate(**wishes: Any) -> sma.Mandate:
    return sma.Mandate(**{"target": {"large": 1.0}, **wishes})


def account(**given: Any) -> sma.Account:
    return sma.Account(**{"account_id": "A", "mandate": mandate(), **given})


def lots(**given: Any) -> sma.Lots:
    return sma.Lots(
        **{"asset": ["X"], "shares": [1.0], "cost_per_share": [1.0], **given}
    )


def universe(**given: Any) -> sma.Universe:
    words = {name: ["X"] for name in ("asset", "sector", "industry")}
    return sma.Universe(**{**words, "kind": ["stock"], "price": [1.0], **given})


def risk(**given: Any) -> sma.RiskModel:
    return sma.RiskModel(**{
        "factor_exposure": [[1.0]], "factor_covariance": [[0.04]], "specific_risk": [0.2],
        **given,
    })  # fmt: skip


@pytest.fixture(scope="module")
def market() -> sma.Market:
    return sma.synthetic_market(40, 3, 2)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"max_weight": "0.05"}, "max_weight is '0.05', expected a number"),
        ({"max_weight": None}, "max_weight is None, expected a number"),
        ({"max_weight": True}, "max_weight is True, expected a number"),
        ({"max_weight": 10**400}, "max_weight is 1000"),
        ({"tracking_error_cap": "0.02"}, "tracking_error_cap is '0.02', expected a number or None"),
        ({"tracking_error_cap": False}, "tracking_error_cap is False, expected a number or None"),
        ({"risk_aversion": "100"}, "risk_aversion is '100', expected a number"),
        ({"risk_aversion": None}, "risk_aversion is None, expected a number"),
        ({"horizon_years": [1.0]}, "horizon_years is [1.0], expected a number"),
        ({"target": {"large": "0.7"}}, "target['large'] is '0.7', expected a number"),
        ({"target": {"large": None}}, "target['large'] is None, expected a number"),
        ({"target": {5: 1.0}}, "a key of target is 5, expected text"),
        ({"target": "large"}, "target is 'large', expected a dict from text to a number"),
        ({"target": None}, "target is None, expected a dict from text to a number"),
        ({"exclude": None}, "exclude is None, expected a set like {'A'}"),
        ({"exclude": 5}, "exclude is 5, expected a set like {'A'}"),
        ({"exclude": "MSFT"}, "exclude is 'MSFT', expected a set like {'MSFT'}"),
        ({"exclude": {5}}, "an element of exclude is 5, expected text"),
        ({"exclude": {"MSFT": True}}, "exclude is {'MSFT': True}, expected a set like"),
        ({"screens": "oil"}, "screens is 'oil', expected a set like {'oil'}"),
        ({"kinds": "stock"}, "kinds is 'stock', expected a set like {'stock'}"),
        ({"kinds": ["stock", None]}, "kinds[1] is None, expected text"),
        ({"max_names": "100"}, "max_names is '100', expected a whole number or None"),
        ({"max_names": True}, "max_names is True, expected a whole number or None"),
        ({"weight_bounds": {"X": 0.1}}, "weight_bounds['X'] is 0.1, expected 2 numbers"),
        ({"weight_bounds": {"X": (0, "1")}}, "weight_bounds['X'][1] is '1', expected a number"),
        ({"sector_bands": {"Tech": 0.1}}, "sector_bands['Tech'] is 0.1, expected sma.Band(...)"),
        ({"factor_bands": {"0": from_outside.Band()}}, "a key of factor_bands is '0', expected a whole"),
        ({"equivalents": [["X", "Y"]]}, "equivalents[0] is ['X', 'Y'], expected sma.Equivalents"),
        ({"wash_sales": 5}, "wash_sales is 5, expected text"),
        ({"min_holding_days": "30"}, "min_holding_days is '30', expected a whole number"),
    ],
)  # fmt: skip
def test_a_mandate_names_the_field(wishes: dict[str, Any], words: str) -> None:
    refused(lambda: mandate(**wishes), words)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: account(cash="1e6"), "cash of A is '1e6', expected a number"),
        (lambda: account(cash=None), "cash of A is None, expected a number"),
        (lambda: account(cash=True), "cash of A is True, expected a number"),
        (lambda: account(cash=np.nan), "cash of A is nan, expected a number"),
        (lambda: account(mandate="m"), "mandate of A is 'm', expected sma.Mandate(...)"),
        (lambda: account(lots=None), "lots of A is None, expected sma.Lots(...)"),
        (
            lambda: account(lots=pd.DataFrame({"a": [1, 2]})),
            "lots of A is a DataFrame, expected sma.Lots(...)",
        ),
        (lambda: account(history="x"), "history of A is 'x', expected sma.TradeHistory(...) or None"),
        (lambda: account(account_id=5), "account_id is 5, expected text"),
        (lambda: from_outside.Band(lower="0"), "lower is '0', expected a number"),
        (lambda: from_outside.Band(relative=1), "relative is 1, expected True or False"),
        (lambda: from_outside.TaxRates(short_term="0.37"), "short_term is '0.37', expected a number"),
        (lambda: from_outside.YearToDate(net_short=None), "net_short is None, expected a number"),
        (lambda: from_outside.Equivalents(assets="XY"), "assets is 'XY', expected a list like ['XY']"),
        (lambda: from_outside.TradeHistory(asset="X"), "asset is 'X', expected a list like ['X']"),
        (lambda: from_outside.TradeHistory(asset=["X"], side=["buy"], shares=["1"]), "shares of the history[0] is '1'"),
        (lambda: lots(shares=["1"]), "shares[0] is '1', expected a number"),
        (lambda: lots(shares=np.array(["1"])), "shares[0] is '1', expected a number"),
        (lambda: lots(shares=[None]), "shares[0] is None, expected a number"),
        (lambda: lots(shares=[True]), "shares[0] is True, expected a number"),
        (lambda: lots(shares=None), "shares is None, expected a list or an array"),
        (lambda: lots(cost_per_share=[1.0, "x"]), "cost_per_share[1] is 'x', expected a number"),
        (lambda: lots(asset="X"), "asset is 'X', expected a list like ['X']"),
        (lambda: lots(asset=[7]), "asset[0] is 7, expected text"),
        (lambda: lots(acquired=5), "acquired is 5, expected a list of a date"),
        (lambda: lots(acquired=["2024-03-15"]), "acquired of lot 0 is '2024-03-15', expected a date"),
        (lambda: universe(asset=None), "asset is None, expected a list like ['A']"),
        (lambda: universe(asset=[None]), "asset[0] is None, expected text"),
        (lambda: universe(asset={"X"}), "asset is {'X'}, expected a list like ['A']"),
        (lambda: universe(price="1"), "price is '1', expected a list or an array"),
        (lambda: universe(price=[[1.0], [1.0, 2.0]]), "price: setting an array element"),
        (lambda: universe(tags=["oil"]), "tags is ['oil'], expected a dict from text to a value"),
        (lambda: universe(tags={"oil": [np.nan]}), "tag 'oil'[0] is nan, expected True or False"),
        (lambda: universe(tags={"oil": [1]}), "tag 'oil'[0] is 1, expected True or False"),
        (lambda: universe(tags={"oil": ["no"]}), "tag 'oil'[0] is 'no', expected True or False"),
        (lambda: universe(spread=["x"]), "spread[0] is 'x', expected a number"),
        (lambda: from_outside.LookThrough(fund=["F"], constituents=None, residual_risk=[0]), "constituents is None, expected a list"),
        (lambda: from_outside.LookThrough(fund=["F"], constituents=[["x"]], residual_risk=[0]), "constituents[0][0] is 'x'"),
        (lambda: risk(factor_exposure=None), "factor_exposure is None, expected a list"),
        (lambda: risk(factor_covariance=[["x"]]), "factor_covariance[0][0] is 'x'"),
        (lambda: risk(specific_risk="low"), "specific_risk is 'low', expected a list"),
        (lambda: from_outside.synthetic_market(seed="x"), "seed is 'x', expected a number"),
        (lambda: from_outside.synthetic_market(n_assets=None), "n_assets is None, expected a number"),
        (lambda: from_outside.synthetic_market(50, as_of="2024"), "as_of is '2024', expected a date"),
    ],
)  # fmt: skip
def test_a_value_names_the_field(make: Make, words: str) -> None:
    refused(make, words)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"time_limit_s": "10"}, "time_limit_s is '10', expected a number"),
        ({"threads": "1"}, "threads is '1', expected a whole number"),
        ({"threads": 1.5}, "threads is 1.5, expected a whole number"),
        ({"relative_gap": None}, "relative_gap is None, expected a number"),
        ({"native": None}, "native is None, expected a dict"),
    ],
)
def test_settings_name_the_field(given: dict[str, Any], words: str) -> None:
    with pytest.raises(sma.SettingError, match=f"^{re.escape(words)}") as refusal:
        from_outside.Settings(**given)
    assert "\n" not in str(refusal.value)


def test_a_problem_names_its_parts(market: sma.Market) -> None:
    parts: dict[str, Any] = {"market": market, "account": account()}
    wrong: Any = {"market": None, "account": {}}
    refused(lambda: sma.Problem(**{**parts, "market": None}), "market is None, expected sma.Market(...)")  # fmt: skip
    refused(lambda: sma.Problem(**{**parts, "account": {}}), "account is {}, expected sma.Account(...)")  # fmt: skip
    refused(lambda: sma.Problem(**wrong), "market is None, expected sma.Market(...)")


def test_what_solves_names_its_arguments(market: sma.Market) -> None:
    problem = sma.Problem(market=market, account=account(cash=1e6))
    solve: Any = sma.solve
    build: Any = sma.build_model
    book: Any = sma.solve_book
    stated = "problem is {}, expected sma.Problem(...)"
    refused(lambda: solve(None), stated.format("None"))
    refused(lambda: solve(problem.account), stated.format("an Account"))
    refused(lambda: build(None), stated.format("None"))
    refused(lambda: solve(problem, solver=5), "solver is 5, expected text")
    refused(
        lambda: solve(problem, formulation=5), "formulation is 5, expected text or None"
    )
    refused(lambda: build(problem, solver=5), "solver is 5, expected text")
    refused(
        lambda: book(None, [problem.account]),
        "market is None, expected sma.Market(...)",
    )
    refused(
        lambda: book(market, problem.account),
        "accounts is an Account, expected a list of",
    )
    refused(
        lambda: book(market, [None]), "accounts[0] is None, expected sma.Account(...)"
    )
    for call in (solve, build):
        with pytest.raises(
            sma.SettingError, match=r"settings is \{'time_limit_s': 1\}, "
        ):
            call(problem, settings={"time_limit_s": 1})


def test_numbers_of_numpy_are_numbers() -> None:
    found = mandate(
        max_weight=np.float32(0.5), risk_aversion=50, max_names=np.int64(9),
        target={"large": np.float64(1.0)}, weight_bounds={"X": np.array([0.0, 0.5])},
        kinds=["stock"], exclude=np.array(["X"]), min_names=3.0,
    )  # fmt: skip
    assert (found.max_weight, found.max_names, found.min_names) == (0.5, 9, 3)
    assert [type(n) for n in (found.max_weight, found.max_names, found.min_names)] == [
        float, int, int,
    ]  # fmt: skip
    settings = from_outside.Settings(threads=np.int32(1), time_limit_s=np.int64(5))
    assert type(settings.threads) is int
    assert type(settings.time_limit_s) is int
    assert from_outside.Band(relative=np.True_).relative is True


def test_arrays_of_other_numbers_are_arrays() -> None:
    for given in (
        [1],
        np.array([1], dtype=np.int32),
        np.array([1.0], dtype=object),
        pd.Series([1]),
    ):
        assert np.asarray(universe(price=given).price) == [1.0]
    mask = universe(tags={"oil": np.array([True], dtype=object)}).tags["oil"]
    assert np.asarray(mask).dtype == np.bool_


@pytest.mark.parametrize(
    "cls",
    [sma.Mandate, sma.Account, sma.TaxRates, sma.YearToDate, sma.Band, sma.Settings],
)
def test_every_scalar_is_checked(cls: type) -> None:
    """A new field is checked as soon as it is declared."""
    checked = {name for name, _ in _kinds(cls)}
    assert checked == {field.name for field in fields(cls)}


def test_what_was_found_stays_on_one_line() -> None:
    assert shown("a\nb") == r"'a\nb'"
    assert shown(["x"] * 100).endswith("...")
    assert shown(pd.Series([1, 2])) == "a Series"


def refused(make: Make, words: str) -> None:
    with pytest.raises(sma.DataError, match=f"^{re.escape(words)}") as refusal:
        make()
    assert "\n" not in str(refusal.value)
