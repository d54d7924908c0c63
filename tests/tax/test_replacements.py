"""Priced wash sales are exact: what replaces is kept, and what counts is what is allowed."""

from collections.abc import Callable

import numpy as np
import pytest

import sma_research as sma
from sma_research.errors import DataError
from sma_research.portfolio.realized import counted_gains, sums_of_gains
from sma_research.portfolio.replacements import kept_replacements

Told = Callable[..., sma.Problem]
OLD, FIRST, SECOND = ("OIL", 40.0, 80.0, 500), ("OIL", 50.0, 60.0, 20), ("OIL", 20.0, 70.0, 10)  # fmt: skip


def kept(told: Told, *lots: tuple[str, float, float, int]) -> list[bool]:
    return [bool(one) for one in told(list(lots), wash_sales="price").no_sell]


def test_older_lots_are_priced_and_recent_ones_kept(told: Told) -> None:
    assert kept(told, OLD, FIRST, SECOND) == [False, True, True]
    gain = ("OIL", 20.0, 30.0, 10)
    assert kept(told, OLD, gain) == [False, True]
    assert kept(told, ("OIL", 40.0, 30.0, 500), gain) == [False, False]


def test_of_recent_purchases_the_one_that_lost_most_is_priced(told: Told) -> None:
    assert kept(told, FIRST, SECOND) == [False, True]  # 500 USD, and 400
    larger = ("OIL", 30.0, 70.0, 10)
    assert kept(told, FIRST, larger) == [True, False]


def test_share_classes_replace_each_other(told: Told) -> None:
    problem = told(
        [("GOOG", 5.0, 150.0, 400), ("GOOGL", 5.0, 120.0, 9)], wash_sales="price"
    )
    assert problem.no_sell.tolist() == [False, True]


def test_what_may_not_be_held_is_not_kept(told: Told) -> None:
    problem = told(
        [("GOOG", 5.0, 150.0, 400), ("GOOGL", 5.0, 120.0, 9)],
        wash_sales="price", exclude={"GOOGL"},
    )  # fmt: skip
    assert problem.no_sell.tolist() == [False, False]


def test_two_recent_lots_at_a_loss_are_priced_as_the_ledger_does(told: Told) -> None:
    account = {"year_to_date": sma.YearToDate(net_short=5000.0)}
    problem = told([FIRST, SECOND], wash_sales="price", account=account, max_cash=1.0)
    report = sma.solve(problem, "highs")
    assert report.solved, report.message
    assert report.ledger is not None
    assert report.rebalance is not None
    assert report.rebalance.sell[0] > 20.0
    assert not report.ledger.differences
    assert report.ledger.disallowed == pytest.approx(200.0)  # 20 shares, 10 USD each
    assert report.ledger.tax == pytest.approx(report.ledger.model_tax, abs=0.01)


@pytest.mark.parametrize("seed", range(25))
def test_no_price_differs_from_the_ledger(told: Told, seed: int) -> None:
    rng = np.random.default_rng(seed)
    lots = [
        (str(rng.choice(["GOOG", "GOOGL", "OIL"])), float(rng.integers(5, 60)),
         float(rng.integers(30, 160)), int(rng.choice([5, 12, 25, 60, 400, 800])))
        for _ in range(6)
    ]  # fmt: skip
    trades = [("OIL", "buy", float(rng.integers(1, 30)), 7, "spouse")]
    problem = told(
        lots, trades if seed % 2 else None, wash_sales="price", max_cash=1.0,
        account={"year_to_date": sma.YearToDate(net_short=4000.0, net_long=1000.0)},
    )  # fmt: skip
    report = sma.solve(problem, "highs")
    assert report.solved, report.message
    assert report.ledger is not None
    assert report.ledger.differences == ()


def test_the_earliest_loss_is_disallowed_though_a_later_is_smaller(told: Told) -> None:
    """One binary for the group would disallow the smaller: the claim tells."""
    account = {"year_to_date": sma.YearToDate(net_short=9000.0, net_long=9000.0)}
    lots = [("OIL", 40.0, 90.0, 500), ("OIL", 40.0, 55.0, 300)]
    problem = told(
        lots, [("OIL", "buy", 40.0, 7, "spouse")], wash_sales="price", max_cash=1.0,
        account=account,
    )  # fmt: skip
    report = sma.solve(problem, "highs")
    assert report.metrics is not None
    assert report.claimed_objective == pytest.approx(report.metrics.objective, rel=1e-5)
    assert report.ledger is not None
    assert report.ledger.differences == ()


def kept_by_hand(
    group: list[int], purchase: list[int], recent: list[bool],
    washed: list[bool], loss: list[float],
) -> list[bool]:  # fmt: skip
    found = kept_replacements(
        group=np.array(group), purchase=np.array(purchase), recent=np.array(recent),
        washed=np.array(washed), loss=np.array(loss),
    )  # fmt: skip
    return [bool(one) for one in found]


def test_groups_without_losses_to_price_keep_nothing() -> None:
    yes, no = True, False
    assert kept_by_hand([0, 0, 1], [0, 1, 2], [yes, yes, yes], [no, no, no],
                        [0.0, 0.0, 0.0]) == [no, no, no]  # fmt: skip
    assert kept_by_hand([0, 0, 1], [0, 1, 2], [no, yes, yes], [yes, no, no],
                        [9.0, 0.0, 0.0]) == [no, yes, no]  # fmt: skip


@pytest.mark.parametrize("mode", ["no_credit", "price"])
def test_a_harvest_is_of_losses_that_count(told: Told, mode: str) -> None:
    spouse = [("OIL", "buy", 500.0, 4, "spouse")]
    lots = [("OIL", 40.0, 70.0, 300), ("GOOG", 10.0, 60.0, 300)]
    problem = told(lots, spouse, wash_sales=mode, min_harvest=0.05, max_cash=1.0)
    assert sma.solve(problem, "highs").status == "INFEASIBLE"
    without = told(lots, wash_sales=mode, min_harvest=0.05, max_cash=1.0)
    report = sma.solve(without, "highs")
    assert report.solved, report.message
    assert report.ledger is not None
    allowed = report.ledger.short_term_gain + report.ledger.long_term_gain
    assert allowed <= -0.05 * without.value + 0.01


def test_sums_of_gains_are_those_of_the_tax(told: Told) -> None:
    spouse = [("OIL", "buy", 10.0, 4, "spouse")]
    problem = told([("OIL", 40.0, 70.0, 300)], spouse, wash_sales="price", max_cash=1.0)
    sell = sma.Rebalance(buy=np.zeros(5), sell=np.array([40.0]), cash=2100.0)
    loss = 30 * 20.0 / problem.value
    sold = sell.sell_weight(problem)
    sums = sums_of_gains(problem, sold)
    assert sums["short_loss"] == pytest.approx(loss)
    assert sums["total_net"] == pytest.approx(-loss)
    assert counted_gains(problem, sold) == pytest.approx((-loss, 0.0))


def test_a_harvest_above_its_own_limit_is_refused(told: Told) -> None:
    with pytest.raises(DataError, match=r"min_harvest is 0\.03, above the upper limit"):
        told([OLD], min_harvest=0.03, gain_limits={"total_loss": (0.0, 0.02)})
