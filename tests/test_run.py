"""Accounts from end to end: what must hold whichever solver answers."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

import sma_research as sma

TIGHT = sma.Settings(relative_gap=1e-6, time_limit_s=30)
EXACT = ("highs", "pyomo")
HEURISTIC = (
    ("clarabel", None),
    ("osqp", None),
    ("clarabel", "relax+round_and_polish"),
    ("clarabel", "perspective+relax+round_and_polish"),
)


@pytest.fixture(scope="module")
def market() -> sma.Market:
    return sma.synthetic_market(n_assets=40, n_factors=6, n_etfs=4)


@pytest.fixture(scope="module")
def small() -> sma.Market:
    return sma.synthetic_market(n_assets=14, n_factors=4, n_etfs=2)


@pytest.fixture(scope="module")
def best(small: sma.Market) -> float:
    return objective(sma.solve(named(small), "highs", settings=TIGHT))


def mandate() -> sma.Mandate:
    return sma.Mandate(
        target={"broad": 1.0},
        max_weight=0.3,
        exclude=frozenset({"MSFT"}),
        kinds=frozenset({"stock"}),
    )


def account(cash: float = 1e6, name: str = "x") -> sma.Account:
    return sma.Account(account_id=name, mandate=mandate(), cash=cash)


def named(market: sma.Market, *exclude: str) -> sma.Problem:
    wishes = replace(mandate(), max_names=6, exclude=frozenset(exclude))
    return sma.Problem(market=market, account=replace(account(), mandate=wishes))


def objective(report: sma.Report) -> float:
    assert report.solved, report.message
    assert report.metrics is not None
    return report.metrics.objective


def taxed(market: sma.Market, seed: int = 0, name: str = "x") -> sma.Account:
    rng = np.random.default_rng(seed)
    stocks = [a for a in market.universe.asset[:40] if a != "MSFT"]
    asset = [str(a) for a in rng.choice(stocks, size=24)]
    price = np.asarray(market.universe.price)[market.universe.positions("lots", asset)]
    days = rng.integers(5, 900, size=24)
    lots = sma.Lots(
        asset=asset,
        shares=rng.uniform(1e4, 6e4, 24) / price,
        cost_per_share=price * rng.uniform(0.5, 1.4, 24),
        acquired=[market.as_of - timedelta(days=int(day)) for day in days],
    )
    return replace(account(cash=5e4, name=name), lots=lots)


def test_continuous_solvers_agree(market: sma.Market) -> None:
    problem = sma.Problem(market=market, account=account())
    first, second = (objective(sma.solve(problem, s)) for s in ("clarabel", "osqp"))
    assert first == pytest.approx(second, rel=1e-6)


def test_continuous_solvers_agree_on_lots(market: sma.Market) -> None:
    problem = sma.Problem(market=market, account=taxed(market))
    reports = [sma.solve(problem, solver) for solver in ("clarabel", "osqp")]
    first, second = (objective(report) for report in reports)
    assert first == pytest.approx(second, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("solver", EXACT)
def test_exact_solvers_agree(small: sma.Market, best: float, solver: str) -> None:
    report = sma.solve(named(small), solver, settings=TIGHT)
    assert report.status is sma.Status.OPTIMAL
    assert objective(report) == pytest.approx(best, rel=1e-5)
    assert report.certified_bound is not None
    assert report.certified_bound <= best * (1 + 1e-5)


def test_scip_agrees(small: sma.Market, best: float) -> None:
    pytest.importorskip("pyscipopt")
    report = sma.solve(named(small), "pyomo:scip", settings=TIGHT)
    assert report.status is sma.Status.OPTIMAL
    assert objective(report) == pytest.approx(best, rel=1e-5)
    assert report.certified_bound is not None
    assert report.certified_bound <= best * (1 + 1e-5)


@pytest.mark.parametrize(("solver", "formulation"), HEURISTIC)
def test_heuristics_stay_on_their_side(
    small: sma.Market, best: float, solver: str, formulation: str | None
) -> None:
    report = sma.solve(named(small), solver, formulation, settings=TIGHT)
    assert objective(report) >= best * (1 - 1e-5)
    assert report.metrics is not None
    assert report.metrics.names <= 6
    assert report.certified_bound is not None
    assert report.certified_bound <= best * (1 + 1e-5)


@pytest.mark.parametrize("asset", ["MSFT", "AAPL", "XOM"])
def test_an_exclusion_never_helps(small: sma.Market, best: float, asset: str) -> None:
    report = sma.solve(named(small, asset), "highs", settings=TIGHT)
    assert objective(report) >= best * (1 - 2e-6)
    assert asset not in report.weights.index


@pytest.mark.parametrize("solver", ["clarabel", "osqp"])
@pytest.mark.parametrize("seed", range(4))
def test_lots_are_sold_cleanly(market: sma.Market, solver: str, seed: int) -> None:
    report = sma.solve(sma.Problem(market=market, account=taxed(market, seed)), solver)
    assert report.solved, report.message
    assert not report.findings
    problem, rebalance = report.problem, report.rebalance
    assert problem is not None
    assert rebalance is not None
    quantity = problem.account.lots.quantity
    assert (rebalance.sell >= 0).all()
    assert (rebalance.sell <= quantity * (1 + 1e-9)).all()
    assert rebalance.sell.max() > 0
    at_loss = (problem.gain_rate < 0) & (rebalance.sell_weight(problem) > 1e-5)
    bought = rebalance.buy_weight(problem)[problem.lot_asset] > 1e-5
    assert not (at_loss & bought).any()


def test_a_bad_account_stops_nothing(market: sma.Market) -> None:
    wishes = replace(mandate(), exclude=frozenset({"NOSUCH"}))
    bad = replace(account(name="bad"), mandate=wishes)
    first, second = sma.solve_book(market, [bad, account()])
    assert first.status is sma.Status.BAD_INPUT
    assert "NOSUCH" in first.message
    assert second.status is sma.Status.OPTIMAL


def test_a_search_proves_continuous_accounts_without_multipliers(
    market: sma.Market,
) -> None:
    mandate = sma.Mandate(target={"broad": 1.0}, kinds={"stock"})
    account = sma.Account(account_id="A", cash=1e6, mandate=mandate)
    report = sma.solve(sma.Problem(market=market, account=account), "pyomo:scip")
    assert report.status == "OPTIMAL", (report.gap, report.message)
    assert report.proof == "search"


def test_a_gap_that_no_client_has_is_none(market: sma.Market) -> None:
    """A target that can be held exactly: any bound is far below in percent."""
    mandate = sma.Mandate(target={"broad": 1.0}, kinds={"stock"}, cost_aversion=0.0)
    account = sma.Account(account_id="A", cash=1e6, mandate=mandate)
    report = sma.solve(
        sma.Problem(market=market, account=account),
        settings=sma.Settings(relative_gap=0.0),
    )
    assert report.metrics is not None
    assert report.metrics.tracking_error < 1e-4
    assert report.status == "OPTIMAL", report.gap
