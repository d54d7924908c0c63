"""Accounts from end to end: what must hold whichever solver answers."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

import sma_research as sma
from sma_research.arrays import Vector

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


def weights(report: sma.Report) -> Vector:
    assert report.rebalance is not None
    assert report.problem is not None
    return report.rebalance.weight(report.problem)


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
def test_exclusions_in_turn_never_help(market: sma.Market, solver: str) -> None:
    least = -np.inf
    for count in range(4):
        names = frozenset(market.universe.asset[:count])
        wishes = replace(mandate(), exclude=names)
        problem = sma.Problem(market=market, account=replace(account(), mandate=wishes))
        value = objective(sma.solve(problem, solver))
        assert value >= least - 1e-6 * abs(value)
        least = value


@pytest.mark.parametrize("solver", ["clarabel", "osqp"])
def test_scale_of_the_account_does_not_matter(market: sma.Market, solver: str) -> None:
    one, thousand = (
        weights(sma.solve(sma.Problem(market=market, account=account(cash)), solver))
        for cash in (1e6, 1e9)
    )
    np.testing.assert_allclose(one, thousand, rtol=0, atol=1e-7)


@pytest.mark.parametrize("solver", ["clarabel", "osqp"])
def test_order_of_accounts_does_not_matter(market: sma.Market, solver: str) -> None:
    book = [taxed(market, seed, f"a{seed}") for seed in range(4)]
    book.append(account(name="cash"))
    order = np.random.default_rng(0).permutation(len(book))
    plain = {r.account_id: r for r in sma.solve_book(market, book, solver)}
    mixed = list(sma.solve_book(market, [book[i] for i in order], solver))
    assert [r.account_id for r in mixed] == [book[i].account_id for i in order]
    for report in mixed:
        other = plain[report.account_id]
        assert objective(report) == pytest.approx(objective(other), rel=1e-5, abs=1e-9)
        assert report.metrics is not None
        assert other.metrics is not None
        for name in ("tracking_error", "turnover", "tax", "cash_weight"):
            found, expected = (
                getattr(report.metrics, name),
                getattr(other.metrics, name),
            )
            assert found == pytest.approx(expected, abs=1e-5), name


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


def test_unknown_ticker_is_refused(market: sma.Market) -> None:
    wishes = replace(mandate(), exclude=frozenset({"NOSUCH"}))
    with pytest.raises(sma.SmaError, match="NOSUCH"):
        sma.Problem(market=market, account=replace(account(), mandate=wishes))


def test_lot_of_the_future_is_refused(market: sma.Market) -> None:
    lots = sma.Lots(
        asset=["AAPL"],
        shares=[10.0],
        cost_per_share=[100.0],
        acquired=[date(2025, 7, 1)],
    )
    with pytest.raises(sma.SmaError, match="future"):
        sma.Problem(market=market, account=replace(account(), lots=lots))


def test_accounts_of_one_id_are_refused(market: sma.Market) -> None:
    with pytest.raises(sma.SmaError, match="account_id"):
        list(sma.solve_book(market, [account(), account(2e6)]))


def test_a_bad_account_stops_nothing(market: sma.Market) -> None:
    wishes = replace(mandate(), exclude=frozenset({"NOSUCH"}))
    bad = replace(account(name="bad"), mandate=wishes)
    first, second = sma.solve_book(market, [bad, account()])
    assert first.status is sma.Status.BAD_INPUT
    assert "NOSUCH" in first.message
    assert second.status is sma.Status.OPTIMAL
