"""From one rebalance to the next: the year's results, the losses, the windows."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from sma_benchmarks.instances.carry import carried, next_problem, next_year
from sma_benchmarks.instances.instance import PathCase, Period

import sma_research as sma

MARKET = sma.synthetic_market(n_assets=60, n_factors=5, n_etfs=0, seed=3)


def owner() -> sma.Problem:
    """An account with six lots, half of them at a loss."""
    price = np.asarray(MARKET.universe.price)[:6]
    account = sma.Account(
        account_id="owner",
        cash=20_000.0,
        mandate=sma.Mandate(target={"broad": 1.0}, max_weight=0.2),
        lots=sma.Lots(
            asset=MARKET.universe.asset[:6],
            shares=20_000.0 / price,
            cost_per_share=price * np.array([1.3, 0.7, 1.2, 0.8, 1.4, 0.9]),
            acquired=[MARKET.as_of - timedelta(days=d) for d in (400, 90) * 3],
        ),
    )
    return sma.Problem(market=MARKET, account=account)


def period(day: date) -> Period:
    return Period(
        market=replace(MARKET, as_of=day),
        returns=np.zeros((60, 0)),
        benchmark_returns=np.zeros(0),
        date=day,
    )


def traded() -> tuple[sma.Problem, sma.Rebalance, sma.Account]:
    """The owner's rebalance, and the account after it."""
    problem = owner()
    report = sma.solve(problem)
    assert report.rebalance is not None
    return problem, report.rebalance, carried(problem, report.rebalance)


def test_the_year_goes_on_with_what_the_ledger_found() -> None:
    problem, rebalance, after = traded()
    price = problem.price[problem.lot_asset]
    gain = rebalance.sell * (price - problem.account.lots.cost)
    year = after.year_to_date
    assert gain.sum() != 0.0
    assert year.net_short == pytest.approx(gain[~problem.long_term].sum())
    assert year.net_long == pytest.approx(gain[problem.long_term].sum())


@pytest.mark.parametrize(("days", "barred"), [(30, True), (31, False)])
def test_what_was_sold_at_a_loss_may_not_be_bought_for_30_days(
    days: int, *, barred: bool
) -> None:
    problem, rebalance, after = traded()
    lost = problem.lot_asset[problem.at_loss & (rebalance.sell > 0)]
    assert lost.size
    day = MARKET.as_of + timedelta(days=days)
    later = sma.Problem(market=replace(MARKET, as_of=day), account=after)
    assert later.wash.no_buy[lost].all() == barred
    assert later.wash.no_buy.sum() == (np.unique(lost).size if barred else 0)


def test_a_new_year_starts_with_the_losses_that_are_left() -> None:
    year = sma.YearToDate(net_short=-9_000.0, net_long=1_000.0, carry_long=500.0)
    begun = next_year(year)
    assert begun == sma.YearToDate(carry_short=5_500.0)
    account = replace(owner().account, year_to_date=year)
    days = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 2)]
    case = PathCase(account=account, periods=[period(day) for day in days])
    found = [next_problem(case, k, account).account.year_to_date for k in range(3)]
    assert found == [year, year, begun]
