"""A cap on tracking error by bisection, against a solver that takes it as a cone."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.canonical.netting_cases import netting_cases
from sma_research.formulations.risk_bisection import RiskBisection
from sma_research.program.backend import (
    Availability,
    Observer,
    Service,
    Session,
    Settings,
)
from sma_research.program.form import Parameters, Structure
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution

SHARES = {"AAPL": 3e5, "NVDA": 2.5e5, "XOM": 2e5, "LLY": 1.5e5}  # USD by asset


@pytest.fixture(scope="module")
def market() -> sma.Market:
    return sma.synthetic_market(n_assets=40, n_factors=6, n_etfs=4)


def gains(market: sma.Market, cap: float | None) -> sma.Problem:
    asset = list(SHARES)
    price = np.asarray(market.universe.price)[market.universe.positions("lots", asset)]
    lots = sma.Lots(
        asset=asset,
        shares=np.array(list(SHARES.values())) / price,
        cost_per_share=0.1 * price,
        acquired=[market.as_of - timedelta(days=800)] * len(asset),
    )
    wishes = sma.Mandate(
        target={"broad": 1.0},
        risk_aversion=0.5,
        kinds=frozenset({"stock"}),
        tracking_error_cap=cap,
    )
    account = sma.Account(account_id="x", mandate=wishes, lots=lots, cash=1e5)
    return sma.Problem(market=market, account=account)


def metrics(report: sma.Report) -> sma.Metrics:
    assert report.solved, report.message
    assert report.metrics is not None
    return report.metrics


@pytest.mark.parametrize("share", [0.9, 0.6, 0.3])
def test_bisection_meets_the_cone(market: sma.Market, share: float) -> None:
    free = metrics(sma.solve(gains(market, None), "clarabel"))
    cap = share * free.tracking_error
    problem = gains(market, cap)
    cone = metrics(sma.solve(problem, "clarabel"))
    report = sma.solve(problem, "osqp")
    found = metrics(report)
    assert report.formulation == "risk_bisection"
    assert found.objective == pytest.approx(cone.objective, rel=1e-5)
    assert found.tracking_error <= cap + 1e-6
    assert cone.tracking_error <= cap + 1e-6
    assert found.tracking_error == pytest.approx(cap, rel=1e-3)  # it binds
    assert found.tax > free.tax


def test_a_slack_cap_changes_nothing(market: sma.Market) -> None:
    free = metrics(sma.solve(gains(market, None), "osqp"))
    problem = gains(market, min(2 * free.tracking_error, 1.0))
    slack = metrics(sma.solve(problem, "osqp"))
    assert slack.objective == pytest.approx(free.objective, rel=1e-5)


def test_bounds_stay_below_the_cone(market: sma.Market) -> None:
    free = metrics(sma.solve(gains(market, None), "clarabel"))
    problem = gains(market, 0.5 * free.tracking_error)
    cone = metrics(sma.solve(problem, "clarabel"))
    report = sma.solve(problem, "osqp")
    assert report.certified_bound is not None
    assert report.certified_bound <= cone.objective * (1 + 1e-5)


def test_an_impossible_cap_gives_no_portfolio(market: sma.Market) -> None:
    problem = gains(market, 1e-6)
    wishes = replace(problem.account.mandate, max_weight=0.03)
    tight = sma.Problem(market=market, account=replace(problem.account, mandate=wishes))
    assert not sma.solve(tight, "osqp").solved


class WithoutStart:
    """OSQP, if it could not start from a point; being asked to is a failure."""

    def __init__(self) -> None:
        self._inner = load_backend("osqp")
        info = self._inner.info
        self.info = replace(info, services=info.services - {Service.PRIMAL_START})

    def probe(self) -> tuple[Availability, ...]:
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> Session:
        return StrictSession(self._inner.compile(structure, settings))


class StrictSession:
    def __init__(self, inner: Session) -> None:
        self._inner = inner

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        assert start is None
        return self._inner.solve(parameters, observe=observe)


def test_an_engine_that_cannot_start_from_a_point_is_not_asked_to(
    market: sma.Market,
) -> None:
    free = metrics(sma.solve(gains(market, None), "osqp"))
    problem = gains(market, 0.6 * free.tracking_error)
    program = build(problem, Layout(market=market, shape=shape_of(problem)))
    case = netting_cases(program)[0]
    session = RiskBisection(WithoutStart()).compile(case.structure, Settings())
    answer = session.solve(case.parameters)
    assert answer.x is not None
    assert answer.counters["price_steps"] > 2
