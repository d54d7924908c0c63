"""What the audit lets pass, and what it is worth: dust, slack and repairs."""

from dataclasses import replace

import numpy as np
import pytest
from sma_benchmarks.answer import Answer
from sma_benchmarks.instances.instance import AccountCase
from sma_benchmarks.judging.account import judge_account
from sma_benchmarks.judging.proposal import accept
from sma_benchmarks.judging.repair import booked, program_of
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.task import Task

import sma_research as sma
from sma_research.portfolio.audit import TOLERANCE, audit
from sma_research.portfolio.metrics import measure
from sma_research.report import Report


def account(market: sma.Market, **more: float) -> sma.Problem:
    mandate = sma.Mandate(target={"broad": 1.0}, kinds={"stock"}, **more)  # type: ignore[arg-type]
    owner = sma.Account(account_id="one", cash=1e6, mandate=mandate)
    return sma.Problem(market=market, account=owner)


def of(report: Report) -> Answer:
    assert report.rebalance is not None
    assert report.problem is not None
    assert report.certificate is not None
    vectors = {
        "weight": report.rebalance.weight(report.problem),
        "y": report.certificate.y,
        "cap_y": report.certificate.cap_y,
    }
    return Answer(status="OPTIMAL", exactness="exact", vectors=vectors)


def test_dust_in_many_names_is_dropped(task: Task) -> None:
    """Below one millionth each, a hundred names are still a tenth of a basis point."""
    market = sma.synthetic_market(n_assets=150, n_factors=5, n_etfs=0, seed=1)
    problem = account(market, max_names=20, max_weight=0.15)
    solved = sma.solve(problem)
    assert solved.rebalance is not None
    weight = solved.rebalance.weight(problem)
    dust = np.where((weight == 0) & (problem.weight_upper > 0), 0.99e-6, 0.0)
    weight = weight * (1.0 - dust.sum() / weight.sum()) + dust
    answer = Answer(status="FEASIBLE", vectors={"weight": weight})
    verdict = judge_account(AccountCase(problem=problem), answer, task, wall_s=1.0)
    assert verdict.outcome is Outcome.REPAIRED
    assert float(verdict.columns["repair_bp"] or 0.0) == pytest.approx(
        1e4 * dust.sum(), rel=0.2
    )


@pytest.fixture(scope="module")
def limited() -> tuple[Report, Report]:
    """One account with its limits, and with all of them wider by the tolerance."""
    market = sma.synthetic_market(n_assets=60, n_factors=5, n_etfs=0, seed=1)
    exact = sma.solve(account(market, max_weight=0.03), "clarabel")
    wide = sma.solve(account(market, max_weight=0.03 + 0.95 * TOLERANCE), "clarabel")
    return exact, wide


def test_a_portfolio_within_the_tolerance_contradicts_no_honest_bound(
    limited: tuple[Report, Report], task: Task
) -> None:
    exact, wide = limited
    assert exact.problem is not None
    case, honest = AccountCase(problem=exact.problem), of(exact)
    sloppy = replace(
        of(wide), vectors={**honest.vectors, "weight": of(wide).vectors["weight"]}
    )
    verdict = judge_account(case, sloppy, task, wall_s=1.0)
    value, bound = verdict.columns["objective"], verdict.columns["bound"]
    slack = verdict.columns["bound_room"]
    assert isinstance(value, float)
    assert isinstance(bound, float)
    assert isinstance(slack, float)
    assert verdict.outcome is Outcome.CERTIFIED_OPTIMAL
    assert 0.9 * (bound - value) < slack < 2.0 * (bound - value)
    assert "within the audit's tolerance" in verdict.message


def test_a_certificate_above_its_own_portfolio_is_the_harness_at_fault(
    limited: tuple[Report, Report], task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, _ = limited
    assert exact.problem is not None
    case, answer = AccountCase(problem=exact.problem), of(exact)
    program = program_of(exact.problem)
    d = program.parameters
    broken = replace(program, parameters=replace(d, r=d.r + 100.0))
    monkeypatch.setattr("sma_benchmarks.judging.account.program_of", lambda _: broken)
    assert (
        judge_account(case, answer, task, wall_s=1.0).outcome is Outcome.HARNESS_ERROR
    )


def test_a_search_without_a_portfolio_ran_out_of_time(
    case: AccountCase, task: Task
) -> None:
    one = np.eye(case.problem.market.universe.size)[10]
    for exactness, expected in (
        ("exact", Outcome.TIMEOUT_NO_SOLUTION),
        ("relaxation", Outcome.UNSUPPORTED),
    ):
        answer = Answer(
            status="NO_SOLUTION", exactness=exactness, vectors={"weight": one}
        )
        assert judge_account(case, answer, task, wall_s=1.0).outcome is expected


@pytest.fixture(scope="module")
def churned() -> tuple[sma.Problem, Report]:
    """Half of each holding is for sale; the rest of the account is cash."""
    market = sma.synthetic_market(n_assets=40, n_factors=4, n_etfs=0, seed=3)
    asset, price = market.universe.asset, np.asarray(market.universe.price)
    held = range(10)
    day = market.as_of.replace(year=market.as_of.year - 3)
    lots = sma.Lots(
        asset=[asset[i] for i in held for _ in "ab"],
        shares=[4e4 / price[i] for i in held for _ in "ab"],
        cost_per_share=[f * price[i] for i in held for f in (0.4, 1.3)],
        acquired=[day for _ in held for _ in "ab"],
    )
    mandate = sma.Mandate(
        target={"broad": 1.0}, kinds={"stock"}, max_weight=0.1, max_cash=0.05,
        exclude={asset[39]},
    )  # fmt: skip
    owner = sma.Account(account_id="c", cash=2e5, lots=lots, mandate=mandate)
    problem = sma.Problem(market=market, account=owner)
    solved = sma.solve(problem, "clarabel")
    assert solved.solved
    return problem, solved


def test_cash_that_is_misstated_is_put_right_and_nothing_else(
    churned: tuple[sma.Problem, Report],
) -> None:
    problem, solved = churned
    assert solved.rebalance is not None
    claimed = replace(
        solved.rebalance, cash=solved.rebalance.cash + 4e-6 * problem.value
    )
    found = accept(problem, claimed)
    assert found is not None
    assert found.repair == pytest.approx(2e-6)
    np.testing.assert_array_equal(found.rebalance.sell, solved.rebalance.sell)
    np.testing.assert_array_equal(found.rebalance.buy, solved.rebalance.buy)
    assert accept(problem, replace(claimed, cash=0.5 * problem.value)) is None


def test_a_repair_keeps_needless_trades_and_their_tax(
    churned: tuple[sma.Problem, Report],
) -> None:
    """Gains realized for nothing, and an excluded name: only the name is put right."""
    problem, solved = churned
    assert solved.rebalance is not None
    buy, sell = solved.rebalance.buy.copy(), solved.rebalance.sell.copy()
    gains = np.flatnonzero((problem.gain_rate > 0) & (sell == 0))
    lost = np.unique(problem.lot_asset[problem.at_loss & (sell > 0)])
    gains = gains[~np.isin(problem.lot_asset[gains], lost)][:4]
    assert gains.size
    sell[gains] = problem.account.lots.quantity[gains]
    buy[problem.lot_asset[gains]] += sell[gains]
    buy[39] = 2e-4 * problem.value / problem.price[39]
    claimed = booked(problem, replace(solved.rebalance, buy=buy, sell=sell))
    assert {f.clause for f in audit(problem, claimed)} >= {"exclusion"}
    found = accept(problem, claimed)
    assert found is not None
    before, after = measure(problem, claimed), measure(problem, found.rebalance)
    assert before.tax > measure(problem, solved.rebalance).tax + 1e-3
    assert after.tax == pytest.approx(before.tax, abs=2e-4)
    assert after.turnover == pytest.approx(before.turnover, abs=4e-4)


def test_a_repair_does_not_buy_back_a_loss(
    churned: tuple[sma.Problem, Report],
) -> None:
    """The larger side of a wash sale stays, the other goes."""
    problem, solved = churned
    assert solved.rebalance is not None
    buy, sell = solved.rebalance.buy.copy(), solved.rebalance.sell.copy()
    lot = int(np.flatnonzero(problem.at_loss & (sell > 0))[0])
    asset = int(problem.lot_asset[lot])
    assert buy[asset] == 0.0
    buy[asset] = 1e-3 * problem.value / problem.price[asset]
    claimed = booked(problem, replace(solved.rebalance, buy=buy, sell=sell))
    assert audit(problem, claimed)
    found = accept(problem, claimed)
    assert found is not None
    assert found.rebalance.buy[asset] == 0.0
    assert found.rebalance.sell[lot] > 0.0
