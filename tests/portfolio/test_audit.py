"""The finance referee: each clause broken alone by a hand-made rebalance, and at its limit."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.portfolio.audit import CLAUSES, TOLERANCE, audit

Stated = Callable[..., sma.Problem]

# Figures of the rebalance, by hand; see `test_metrics` for the weights.
X = np.array([[1.0, 0.2], [1.0, -0.1], [1.0, 0.5], [1.0, 0.0], [0.9, 0.06]])
ONE = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
SEEN = np.array([0.275 + 0.0875, 0.25 + 0.07, 0.15, 0.125, 0.0175])
F = np.array([[0.04, 0.002], [0.002, 0.01]])
COVARIANCE = X @ F @ X.T + np.diag(np.array([0.2, 0.25, 0.3, 0.15, 0.1]) ** 2)
RISK = float(np.sqrt((SEEN - ONE) @ COVARIANCE @ (SEEN - ONE) + (0.004 * 0.175) ** 2))
TECH = 0.275 + 0.25 + 0.9 * 0.175
STYLE = X[:, 1] @ SEEN
CASH = 97.025 / 4000


def upper(name: str) -> Callable[[float], dict[str, Any]]:
    return lambda limit: {name: limit}


def sector(*, above: bool, relative: bool) -> Callable[[float], dict[str, Any]]:
    def wishes(limit: float) -> dict[str, Any]:
        side = {"upper": limit} if above else {"lower": limit}
        return {"sector_bands": {"Tech": sma.Band(relative=relative, **side)}}

    return wishes


def factor(*, above: bool, relative: bool) -> Callable[[float], dict[str, Any]]:
    def wishes(limit: float) -> dict[str, Any]:
        side = {"upper": limit} if above else {"lower": limit}
        return {"factor_bands": {1: sma.Band(relative=relative, **side)}}

    return wishes


# clause -> (mandate with a limit, the rebalance's figure, a limit it breaks)
LIMITS: dict[str, tuple[Callable[[float], dict[str, Any]], float, float]] = {
    "weight of ALPHA, at most": (upper("max_weight"), 0.275, 0.274),
    "weight of FUND, at most": (upper("max_etf_weight"), 0.175, 0.174),
    "weight of BRAVO, at most": (
        lambda limit: {"weight_bounds": {"BRAVO": (0.0, limit)}}, 0.25, 0.249,
    ),
    "weight of BRAVO, at least": (
        lambda limit: {"weight_bounds": {"BRAVO": (limit, 1.0)}}, 0.25, 0.251,
    ),
    "weight of ALPHA, active": (
        lambda least: {"max_active_weight": 0.4 - least}, 0.275, 0.276,
    ),
    "min_position of DELTA": (upper("min_position"), 0.125, 0.126),
    "number of names, at most": (upper("max_names"), 5, 4),
    "number of names, at least": (upper("min_names"), 5, 6),
    "cash, at most": (upper("max_cash"), CASH, CASH - 1e-4),
    "cash, at least": (upper("min_cash"), CASH, CASH + 1e-4),
    "turnover": (upper("max_turnover"), 0.375, 0.374),
    "tracking error": (upper("tracking_error_cap"), RISK, RISK - 1e-4),
    "sector band of Tech, at most": (
        sector(above=True, relative=False), TECH, TECH - 1e-4,
    ),
    "sector band of Tech, at least": (
        sector(above=False, relative=False), TECH, TECH + 1e-4,
    ),
    "sector band of Tech, active at most": (
        sector(above=True, relative=True), TECH - 0.7, TECH - 0.7001,
    ),
    "sector band of Tech, active at least": (
        sector(above=False, relative=True), TECH - 0.7, TECH - 0.6999,
    ),
    "factor band of 1, at most": (
        factor(above=True, relative=False), STYLE, STYLE - 1e-4,
    ),
    "factor band of 1, at least": (
        factor(above=False, relative=False), STYLE, STYLE + 1e-4,
    ),
    "factor band of 1, active at most": (
        factor(above=True, relative=True), STYLE - X[:, 1] @ ONE,
        STYLE - X[:, 1] @ ONE - 1e-4,
    ),
    "factor band of 1, active at least": (
        factor(above=False, relative=True), STYLE - X[:, 1] @ ONE,
        STYLE - X[:, 1] @ ONE + 1e-4,
    ),
    # 400 USD of ALPHA gain 80 long-term, 400 USD of CARGO lose 100 short-term.
    "gain limit of total_net, at most": (
        lambda most: {"gain_limits": {"total_net": (-1.0, most)}}, -0.005, -0.006,
    ),
    "gain limit of short_loss, at least": (
        lambda least: {"gain_limits": {"short_loss": (least, 1.0)}}, 0.025, 0.026,
    ),
    "min_harvest": (upper("min_harvest"), 0.025, 0.026),
    # Less 20 in all, against other income.
    "tax": (upper("tax_budget"), -0.4 * 0.005, -0.003),
    "tax, lot by lot": (
        lambda most: {"tax_model": "linear", "tax_budget": most},
        0.25 * 0.02 - 0.4 * 0.025, -0.006,
    ),
    "equivalents of ALPHA, at most": (
        lambda most: {
            "equivalents": [sma.Equivalents(assets=["ALPHA", "FUND"], upper=most)]
        }, 0.45, 0.449,
    ),
}  # fmt: skip


def test_the_rebalance_breaks_nothing(stated: Stated, rebalance: sma.Rebalance) -> None:
    assert audit(stated(), rebalance) == ()


@pytest.mark.parametrize("clause", LIMITS)
def test_a_limit_holds_where_it_is_met(
    stated: Stated, rebalance: sma.Rebalance, clause: str
) -> None:
    wishes, figure, _ = LIMITS[clause]
    assert audit(stated(**wishes(figure)), rebalance) == ()


@pytest.mark.parametrize("clause", LIMITS)
def test_a_limit_that_is_broken_is_the_one_found(
    stated: Stated, rebalance: sma.Rebalance, clause: str
) -> None:
    wishes, figure, limit = LIMITS[clause]
    (finding,) = audit(stated(**wishes(limit)), rebalance)
    named = f"{finding.clause} of {finding.subject}".removesuffix(" of ")
    assert named == clause.partition(",")[0]
    assert finding.value == pytest.approx(figure)
    assert finding.excess == pytest.approx(abs(figure - limit), rel=1e-6)
    assert str(finding).startswith(f"{named} is ")


@pytest.mark.parametrize(
    ("wishes", "found"),
    [
        ({"exclude": {"BRAVO"}}, "exclusion of BRAVO is 0.25, the limit is 0"),
        ({"screens": {"oil"}}, "exclusion of CARGO is 0.15, the limit is 0"),
        ({"kinds": {"stock"}}, "kind of FUND is 0.175, the limit is 0"),
    ],
)
def test_what_may_not_be_held(
    stated: Stated, rebalance: sma.Rebalance, wishes: dict[str, Any], found: str
) -> None:
    (finding,) = audit(stated(**wishes), rebalance)
    assert str(finding) == found


@pytest.mark.parametrize(("limit", "broken"), [(0.0875, False), (0.087, True)])
def test_what_may_not_be_held_inside_funds(
    stated: Stated, limit: float, *, broken: bool
) -> None:
    """ALPHA is gone from the holdings, and 8.75 % of it is left inside the fund."""
    problem = stated(exclude={"ALPHA"}, look_through_limit=limit, max_cash=1.0)
    cash = 1500.0 + 1500.0 * (1 - 0.0005) - 700.0 * (1 + 0.00025)
    proposal = sma.Rebalance(
        buy=np.array([0.0, 0.0, 0.0, 0.0, 7.0]),
        sell=np.array([100.0, 50.0, 0.0]),
        cash=cash,
    )
    found = [f"{f.clause} of {f.subject}" for f in audit(problem, proposal)]
    assert found == (["look_through_limit of ALPHA"] if broken else [])


def moved(rebalance: sma.Rebalance, **change: Any) -> sma.Rebalance:
    """The rebalance with other trades, and the cash that these leave."""
    other = replace(rebalance, **change)
    price = np.array([10.0, 20.0, 40.0, 50.0, 100.0])
    half = np.array([0.0005, 0.001, 0.0015, 0.002, 0.00025])
    lot = np.array([0, 0, 2])
    bought = float(other.buy @ (price * (1 + half)))
    sold = float(other.sell @ (price * (1 - half))[lot])
    return replace(other, cash=1500.0 - bought + sold)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"sell": np.array([101.0, 0.0, 10.0])}, "shares sold of ALPHA (lot 0) is 101"),
        ({"sell": np.array([40.0, -1.0, 10.0])}, "shares sold of ALPHA (lot 1) is -1"),
        (
            {"buy": np.array([0.0, 50.0, -1.0, 10.0, 7.0])},
            "shares bought of CARGO is -1, the limit is 0",
        ),
    ],
)
def test_trades_that_cannot_be(
    stated: Stated, rebalance: sma.Rebalance, change: dict[str, Any], found: str
) -> None:
    (finding,) = audit(stated(max_cash=1.0), moved(rebalance, **change))
    assert str(finding).startswith(found)


def test_a_lot_may_be_sold_whole(stated: Stated, rebalance: sma.Rebalance) -> None:
    whole = moved(rebalance, sell=np.array([100.0, 0.0, 10.0]))
    assert audit(stated(max_cash=1.0), whole) == ()


@pytest.mark.parametrize(
    ("off", "broken"), [(0.003, False), (0.005, True), (-1.0, True)]
)
def test_cash_adds_up_to_a_hundredth_of_a_basis_point(
    stated: Stated, rebalance: sma.Rebalance, off: float, *, broken: bool
) -> None:
    """The tolerance is a millionth of 4,000 USD."""
    proposal = replace(rebalance, cash=rebalance.cash + off)
    found = [finding.clause for finding in audit(stated(), proposal)]
    assert found == (["cash that adds up"] if broken else [])


@pytest.mark.parametrize("field", ["buy", "sell", "cash"])
def test_what_is_no_number_never_passes(
    stated: Stated, rebalance: sma.Rebalance, field: str
) -> None:
    bad: dict[str, Any] = {
        "buy": np.full(5, np.nan), "sell": np.full(3, np.nan), "cash": np.nan,
    }  # fmt: skip
    assert audit(stated(), replace(rebalance, **{field: bad[field]}))


def test_the_tolerance_is_the_callers_to_choose(
    stated: Stated, rebalance: sma.Rebalance
) -> None:
    problem = stated(max_weight=0.2749)
    assert audit(problem, rebalance)
    assert audit(problem, rebalance, tolerance=2e-4) == ()
    assert TOLERANCE == 1e-6


def test_every_clause_that_limits_has_its_case(
    stated: Stated, rebalance: sma.Rebalance
) -> None:
    broken = {
        clause.__name__
        for wishes, _, limit in LIMITS.values()
        for clause in CLAUSES
        if any(f.excess > TOLERANCE for f in clause(stated(**wishes(limit)), rebalance))
    }
    laws = {  # with their own tests, those of taxes in tests/tax
        "trades", "same_day", "forbidden", "inside_funds", "purchases", "sales",
        "lot_order", "ledger",
    }  # fmt: skip
    assert {clause.__name__ for clause in CLAUSES} - laws == broken
