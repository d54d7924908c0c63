"""What cannot matter: order, units, the cut of lots, and who else is in the book."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sma_research as sma
from sma_research.arrays import Index, Vector

Draw = Callable[..., sma.Problem]
SOLVERS = ("clarabel", "osqp")


def solved(problem: sma.Problem, solver: str = "clarabel") -> sma.Report:
    report = sma.solve(problem, solver, settings=sma.Settings(tolerance=1e-8))
    assert report.solved, report.message
    assert report.findings == ()
    return report


def value(report: sma.Report) -> float:
    assert report.metrics is not None
    return report.metrics.objective


def weights(report: sma.Report) -> Vector:
    assert report.rebalance is not None
    assert report.problem is not None
    return report.rebalance.weight(report.problem)


def same(one: float, other: float) -> None:
    assert one == pytest.approx(other, rel=1e-5, abs=1e-7)


def with_lots(problem: sma.Problem, lots: sma.Lots, cash: float) -> sma.Problem:
    account = replace(problem.account, lots=lots, cash=cash)
    return sma.Problem(market=problem.market, account=account)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 8),
    share=st.floats(0.05, 0.95),
    losses=st.booleans(),
    label=st.sampled_from(["", "7"]),
)
def test_splitting_a_lot_changes_nothing(
    draw: Draw, seed: int, count: int, share: float, *, losses: bool, label: str
) -> None:
    """A lot of the last days, so that its halves could replace each other.

    Their costs are equal, or both carry its label, and one differs in its last digits.
    """
    problem = draw(seed, 8, count=count, losses=losses)
    lots, which = problem.account.lots, seed % count
    acquired = list(lots.acquired)
    acquired[which] = problem.market.as_of - timedelta(days=9)
    labels = [label if j == which else "" for j in range(count)]
    lots = replace(lots, acquired=acquired, purchase=labels)
    problem = with_lots(problem, lots, problem.account.cash)
    shares = [*lots.quantity, (1 - share) * lots.quantity[which]]
    shares[which] = share * lots.quantity[which]
    cost = lots.cost[which] * (1 + 1e-12 if label else 1)
    split = sma.Lots(
        asset=[*lots.asset, lots.asset[which]],
        shares=shares,
        cost_per_share=[*lots.cost, cost],
        acquired=[*lots.acquired, lots.acquired[which]],
        purchase=[*labels, label],
    )
    whole = solved(problem)
    halves = solved(with_lots(problem, split, problem.account.cash))
    same(value(halves), value(whole))
    np.testing.assert_allclose(weights(halves), weights(whole), atol=2e-4)


def permuted(problem: sma.Problem, order: Index) -> sma.Problem:
    """The same account in a market whose assets stand in another order."""
    market, risk = problem.market, problem.market.risk_model
    universe = market.universe
    shuffled = sma.Universe(
        asset=[universe.asset[i] for i in order],
        price=np.asarray(universe.price)[order],
        sector=[universe.sector[i] for i in order],
        industry=[universe.industry[i] for i in order],
        kind=[universe.kind[i] for i in order],
        spread=np.asarray(universe.spread)[order],
    )
    through = market.look_through
    if through is not None:
        through = replace(through, constituents=through.baskets.toarray()[:, order])
    where = sma.Market(
        as_of=market.as_of,
        universe=shuffled,
        risk_model=sma.RiskModel(
            factor_exposure=risk.X[order],
            factor_covariance=risk.F,
            specific_risk=risk.s[order],
        ),
        benchmarks={k: np.asarray(b)[order] for k, b in market.benchmarks.items()},
        look_through=through,
    )
    return sma.Problem(market=where, account=problem.account)


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6), n=st.integers(6, 11), losses=st.booleans())
def test_the_order_of_assets_is_irrelevant(
    draw: Draw, seed: int, n: int, *, losses: bool
) -> None:
    problem = draw(seed, n, funds=1, count=6, losses=losses)
    order = np.random.default_rng(seed).permutation(n + 1)
    plain, shuffled = solved(problem), solved(permuted(problem, order))
    same(value(shuffled), value(plain))
    np.testing.assert_allclose(weights(shuffled), weights(plain)[order], atol=2e-4)


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6), n=st.integers(6, 8))
def test_the_order_of_assets_is_irrelevant_to_names(
    draw: Draw, seed: int, n: int
) -> None:
    problem = draw(seed, n, count=3, max_names=3)
    order = np.random.default_rng(seed).permutation(n)
    tight = sma.Settings(relative_gap=1e-6, time_limit_s=30)
    plain, shuffled = (
        sma.solve(p, "highs", settings=tight)
        for p in (problem, permuted(problem, order))
    )
    same(value(shuffled), value(plain))


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=12)
@given(
    seed=st.integers(0, 10**6),
    power=st.integers(-4, 7),
    losses=st.booleans(),
)
def test_the_size_of_the_account_is_irrelevant(
    draw: Draw, solver: str, seed: int, power: int, *, losses: bool
) -> None:
    problem = draw(seed, 8, count=6, losses=losses)
    account, factor = problem.account, 10.0**power
    bigger = replace(
        account,
        lots=replace(account.lots, shares=factor * account.lots.quantity),
        cash=factor * account.cash,
        # The law states what losses save in USD: it grows with the account here.
        year_to_date=sma.YearToDate(ordinary_limit=factor * 3000.0),
    )
    large = solved(sma.Problem(market=problem.market, account=bigger), solver)
    small = solved(problem, solver)
    same(value(large), value(small))
    np.testing.assert_allclose(weights(large), weights(small), atol=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), order=st.permutations(range(4)))
def test_an_account_is_answered_alike_in_any_book(
    draw: Draw, solver: str, seed: int, order: list[int]
) -> None:
    """Four accounts of one shape but for their lots, in a book and alone."""
    first = draw(seed, 8, count=5, losses=True)
    book = [replace(first.account, account_id="0")]
    for i in range(1, 4):
        lots = draw(seed + i, 8, count=2 * i, losses=i % 2 == 0).account.lots
        book.append(replace(first.account, account_id=str(i), lots=lots))
    mixed = sma.solve_book(
        first.market,
        [book[i] for i in order],
        solver,
        settings=sma.Settings(tolerance=1e-8),
    )
    for report in mixed:
        account = book[int(report.account_id)]
        alone = solved(sma.Problem(market=first.market, account=account), solver)
        assert report.status is alone.status
        assert report.findings == ()
        same(value(report), value(alone))
        np.testing.assert_allclose(weights(report), weights(alone), atol=2e-4)
