"""The demonstration clients are as announced, on large and small markets."""

import numpy as np
import pytest

from sma_research.errors import DataError
from sma_research.markets.clients import demo_accounts, demo_book, excluded_list
from sma_research.markets.synthetic import synthetic_market
from sma_research.portfolio.account import check_book
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.problem import Problem


@pytest.fixture(scope="module")
def market() -> Market:
    return synthetic_market()


def test_the_book_is_nine_accounts_that_fit_the_market(market: Market) -> None:
    book = demo_book(market)
    check_book(book)
    assert [account.account_id for account in book] == [
        f"{client}-{kind}" for kind in ("stocks", "etfs", "both") for client in "ABC"
    ]
    for account in book:
        problem = Problem(market=market, account=account)
        assert problem.value == 1_000_000
        assert np.sort(problem.weight_upper)[-200:].sum() >= 1.0
        assert account.tax_rates.short_term == 0.37


def test_wishes_of_the_clients(market: Market) -> None:
    a, b, c = (Problem(market=market, account=x) for x in demo_accounts(market))
    position = market.universe.position
    assert np.flatnonzero(a.restricted).tolist() == [position["MSFT"]]
    assert b.restricted.sum() == 200
    industry = np.array(market.universe.industry)
    screened = {"Tobacco", "Brewers", "Distillers & Vintners"}
    assert set(industry[c.restricted]) == screened


def test_funds_may_fill_an_account_stocks_may_not(market: Market) -> None:
    problem = Problem(market=market, account=demo_accounts(market, kinds="both")[0])
    etf = market.universe.is_kind("etf")
    assert (problem.weight_upper[etf] == 1.0).all()
    assert problem.weight_upper[~etf].max() == 0.05
    stocks = Problem(market=market, account=demo_accounts(market)[0])
    assert not stocks.weight_upper[etf].any()


def test_the_list_mixes_large_and_random_names(market: Market) -> None:
    listed = excluded_list(market)
    rank = [market.universe.position[name] for name in listed]
    assert len(set(listed)) == 200
    assert 0 not in rank
    assert 30 <= sum(r < 100 for r in rank) <= 60
    assert sum(r > 500 for r in rank) > 80
    assert listed == excluded_list(market)
    assert listed != excluded_list(market, seed=1)


@pytest.mark.parametrize("n", [2, 10, 40, 600])
def test_small_markets_exclude_fewer(n: int) -> None:
    market = synthetic_market(n, 3, 2)
    listed = excluded_list(market)
    assert len(listed) == max(1, min(200, n // 15))
    assert len(demo_book(market)) == 9


def test_refusals(market: Market) -> None:
    with pytest.raises(DataError, match="kinds is 'bonds', expected one of stock"):
        demo_accounts(market, kinds="bonds")
    bare = Market(
        as_of=market.as_of,
        universe=market.universe,
        risk_model=market.risk_model,
        benchmarks={"broad": market.benchmarks["broad"]},
    )
    with pytest.raises(DataError, match="no benchmark 'large'"):
        demo_accounts(bare)
