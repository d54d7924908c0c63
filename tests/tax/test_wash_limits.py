"""What the household's last 30 days forbid, by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

import sma_research as sma
from sma_research.errors import DataError

Told = Callable[..., sma.Problem]
OLD = ("GOOG", 30.0, 150.0, 400)  # a loss of 50 a share, long-term
AS_OF = date(2025, 6, 30)


@pytest.mark.parametrize(("days", "barred"), [(0, True), (30, True), (31, False)])
def test_nothing_is_bought_for_thirty_days_after_a_loss(
    told: Told, *, days: int, barred: bool
) -> None:
    problem = told([OLD], [("GOOGL", "loss", 5.0, days, "spouse")])
    # Both share classes are barred, and the one held may stay.
    assert problem.wash.no_buy.tolist() == [barred, barred, False, False, False]
    held = problem.held[0] if barred else 1.0
    assert problem.weight_upper[:2].tolist() == [held, 0.0 if barred else 1.0]


@pytest.mark.parametrize(("days", "washed"), [(0, True), (30, True), (31, False)])
@pytest.mark.parametrize("kind", ["taxable", "ira", "spouse"])
def test_a_purchase_anywhere_in_the_household_taints_a_loss(
    told: Told, *, days: int, kind: str, washed: bool
) -> None:
    problem = told([OLD])
    history = sma.TradeHistory(
        asset=["GOOGL"],
        side=["buy"],
        shares=[4.0],
        date=[AS_OF - timedelta(days=days)],
        account_kind=[kind],
    )
    account = replace(problem.account, history=history)
    problem = sma.Problem(market=problem.market, account=account)
    assert problem.washed.tolist() == problem.no_sell.tolist() == [washed]
    assert problem.wash.replaced.tolist() == [4.0 if washed else 0.0]


def test_shares_of_one_purchase_never_replace_each_other(told: Told) -> None:
    recent = ("GOOG", 10.0, 120.0, 10)
    assert told([recent]).washed.tolist() == [False]
    # Two records of one purchase are one purchase; another day or cost is another.
    half = ("GOOG", 5.0, 120.0, 10)
    assert told([half, half]).washed.tolist() == [False, False]
    other = ("GOOG", 5.0, 120.0, 11)
    assert told([half, other]).washed.tolist() == [True, True]
    assert told([OLD, recent]).washed.tolist() == [True, False]


def test_a_gain_is_never_washed(told: Told) -> None:
    gain = ("GOOG", 30.0, 50.0, 400)
    problem = told([gain], [("GOOG", "buy", 5.0, 3, "spouse")])
    assert problem.wash.tainted.tolist() == [True]
    assert problem.washed.tolist() == [False]


def test_what_others_bought_counts_although_it_may_have_replaced_a_loss(
    told: Told,
) -> None:
    bought = ("GOOG", "buy", 5.0, 20, "spouse")
    sold = ("GOOGL", "loss", 4.0, 40, "spouse")
    assert told([OLD], [bought, sold]).wash.replaced.tolist() == [5.0]


def test_a_lot_that_is_a_replacement_has_two_dates(told: Told) -> None:
    problem = told([OLD, ("GOOG", 10.0, 150.0, 300)])
    lots = replace(
        problem.account.lots,
        purchased=[problem.account.lots.acquired[0], AS_OF - timedelta(days=10)],
    )
    account = replace(problem.account, lots=lots)
    assert not sma.Problem(market=problem.market, account=account).washed.any()


def test_own_purchases_are_read_from_lots_and_own_losses_from_the_history(
    told: Told,
) -> None:
    own = [("GOOG", "buy", 9.0, 5, "mine"), ("OIL", "loss", 9.0, 5, "mine")]
    problem = told([OLD], own)
    assert problem.washed.tolist() == [False]
    assert problem.wash.no_buy.tolist() == [False, False, True, False, False]


def test_what_must_go_entirely_has_no_replacement_left(told: Told) -> None:
    recent = ("GOOG", 10.0, 90.0, 10)
    out = {"exclude": {"GOOG", "GOOGL"}}
    assert told([OLD, recent], **out).washed.tolist() == [False, False]
    bought = [("GOOG", "buy", 1.0, 3, "spouse")]
    assert told([OLD, recent], bought, **out).washed.tolist() == [True, False]


def test_ignored_history_has_no_consequence(told: Told) -> None:
    trades = [("GOOG", "buy", 5.0, 3, "x"), ("OIL", "loss", 5.0, 3, "x")]
    problem = told([OLD], trades, wash_sales="ignore")
    assert not problem.wash.no_buy.any()
    assert not problem.no_sell.any()


def test_no_credit_counts_a_washed_loss_as_none(told: Told) -> None:
    trades = [("GOOG", "buy", 5.0, 3, "x")]
    problem = told([OLD], trades, wash_sales="no_credit")
    assert not problem.no_sell.any()
    assert problem.tax_rate.tolist() == [0.0]


def test_young_lots_are_kept(told: Told) -> None:
    lots = [("OIL", 1.0, 40.0, 29), ("OIL", 1.0, 40.0, 30)]
    assert told(lots, min_holding_days=30).no_sell.tolist() == [True, False]


@pytest.mark.parametrize(
    ("trade", "expected"),
    [
        (("GOGO", "buy", 1.0, 3, "x"), "history trades 'GOGO', which the universe"),
        (("GOOG", "buy", 1.0, -1, "x"), "after 2025-06-30, the date of the market"),
        (("GOOG", "sell", 1.0, 1, "x"), "side of the history: 'sell' unknown"),
        (("GOOG", "buy", 0.0, 1, "x"), "shares of trade 0 (GOOG) is 0, expected above"),
    ],
)
def test_histories_that_make_no_sense_are_refused(
    told: Told, trade: tuple[str, str, float, int, str], expected: str
) -> None:
    with pytest.raises(
        DataError, match=expected.replace("(", r"\(").replace(")", r"\)")
    ):
        told([OLD], [trade])


def test_more_history_forbids_more(told: Told) -> None:
    rng = np.random.default_rng(4)
    assets = ["GOOG", "GOOGL", "OIL", "BANK"]
    for _ in range(50):
        lots = [
            (str(rng.choice(assets)), 10.0, float(rng.uniform(5, 200)), int(d))
            for d in rng.integers(0, 500, size=6)
        ]
        buys = [
            (str(rng.choice(assets)), "buy", 5.0, int(d), "x")
            for d in rng.integers(0, 60, size=4)
        ]
        sales = [(str(rng.choice(assets)), "loss", 5.0, int(rng.integers(0, 60)), "x")]
        # A further purchase taints more, a further loss bars more.
        few, many = told(lots, buys[:3]), told(lots, buys)
        assert np.all(few.no_sell <= many.no_sell)
        assert np.all(few.wash.no_buy <= told(lots, buys[:3] + sales).wash.no_buy)
