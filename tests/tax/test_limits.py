"""Gain limits, harvests, holding periods, lot orders and equivalents, as proposed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

import sma_research as sma
from sma_research.errors import DataError
from sma_research.portfolio.audit import audit
from sma_research.portfolio.realized import sums_of_gains
from sma_research.portfolio.tax_wishes import GAINS
from tests.tax.enumeration import enumerated

Told = Callable[..., sma.Problem]
LOTS = [("GOOG", 30.0, 60.0, 100), ("GOOG", 20.0, 140.0, 500), ("OIL", 60.0, 70.0, 500),
        ("BANK", 150.0, 12.0, 600), ("BANK", 50.0, 25.0, 80), ("DRUG", 100.0, 25.0, 50)]  # fmt: skip


def solved(problem: sma.Problem, solver: str = "clarabel") -> sma.Report:
    report = sma.solve(problem, solver=solver)
    assert report.solved, report.message
    assert report.metrics is not None
    return report


def gains(report: sma.Report) -> dict[str, float]:
    assert report.problem is not None
    assert report.rebalance is not None
    problem = report.problem
    return sums_of_gains(problem, report.rebalance.sell_weight(problem))


@pytest.mark.parametrize("key", GAINS)
def test_every_sum_of_gains_can_be_limited_from_both_sides(
    told: Told, key: str
) -> None:
    free = gains(solved(told(LOTS)))[key]
    for limit in ((-np.inf, free - 0.001), (free + 0.001, np.inf)):
        if limit[1] < 0 and not key.endswith("net"):
            continue
        problem = told(LOTS, gain_limits={key: limit})
        report = sma.solve(problem)
        if "no choice of sides" in report.message:  # tried, which proves nothing
            report = sma.solve(problem, "highs", "trade_sides+netting_switch")
        if report.rebalance is None:
            assert report.status == "INFEASIBLE"
            continue
        assert limit[0] - 1e-6 <= gains(report)[key] <= limit[1] + 1e-6
        assert report.findings == ()


def test_a_harvest_is_forced(told: Told) -> None:
    least = gains(solved(told(LOTS)))["total_loss"] + 0.01
    report = solved(told(LOTS, min_harvest=least, max_cash=0.5))
    assert gains(report)["total_loss"] >= least - 1e-6


def test_more_than_can_be_lost_is_proven_impossible(told: Told) -> None:
    report = sma.solve(told(LOTS, min_harvest=0.9))
    assert report.status == "INFEASIBLE"
    assert "gains and losses would miss their limits" in report.message


def test_what_must_go_and_is_too_young_is_a_conflict(told: Told) -> None:
    report = sma.solve(told(LOTS, exclude={"DRUG"}, min_holding_days=60))
    assert report.status == "INFEASIBLE"
    assert "lots that may not be sold would be" in report.message


def test_waiting_for_the_long_term_has_its_price(told: Told) -> None:
    soon = [("GOOG", 60.0, 60.0, 350), ("OIL", 20.0, 40.0, 350)]  # gains
    free = solved(told(soon, risk_aversion=50.0))
    price = {"long_term_soon_price": 0.3, "risk_aversion": 50.0}
    waits = solved(told(soon, long_term_soon_days=20, **price))
    assert free.metrics is not None
    assert waits.metrics is not None
    assert waits.metrics.short_term_gain < free.metrics.short_term_gain - 1e-4
    # Nothing turns long-term within ten days: 350 days are 16 too few.
    early = solved(told(soon, long_term_soon_days=10, **price))
    assert early.metrics is not None
    assert early.metrics.waiting_cost == 0.0
    assert waits.metrics.objective >= free.metrics.objective - 1e-9


@pytest.mark.parametrize("order", ["fifo", "hifo"])
@pytest.mark.parametrize("solver", ["highs", "pyomo:scip"])
def test_the_custodians_order_is_kept(told: Told, order: str, solver: str) -> None:
    problem = told(LOTS, lot_order=order, exclude={"OIL"}, max_cash=0.3)
    report = sma.solve(problem, solver=solver)
    assert report.solved, report.message
    assert report.metrics is not None
    assert report.findings == ()
    free = solved(told(LOTS, exclude={"OIL"}, max_cash=0.3), solver)
    assert free.metrics is not None
    assert free.metrics.objective <= report.metrics.objective + 1e-6


def test_an_order_needs_integers_unless_nothing_is_ordered(told: Told) -> None:
    report = sma.solve(told(LOTS, lot_order="fifo"))
    assert report.status == "UNSUPPORTED"
    assert "integer" in report.message
    assert sma.solve(told(LOTS[2:4], lot_order="fifo")).solved


def test_a_lot_out_of_order_is_found(told: Told) -> None:
    problem = told(LOTS, lot_order="fifo", max_cash=1.0)
    second = np.array([1.0, 0, 0, 0, 0, 0])
    cash = problem.account.cash + 100.0 * (1 - 0.0002)
    trade = sma.Rebalance(buy=np.zeros(5), sell=second, cash=cash)
    (finding,) = audit(problem, trade)
    assert finding.clause == "fifo order of GOOG before lot 0"


GROUP = ["OIL", "BANK", "DRUG"]


def test_equivalents_share_a_weight_and_step_down_at_a_price(told: Told) -> None:
    def weights(**wishes: object) -> tuple[float, ...]:
        report = solved(told([], cash=10_000.0, **wishes))
        return tuple(float(report.weights.get(asset, 0.0)) for asset in GROUP)

    free = weights()
    cheap = [sma.Equivalents(assets=GROUP, step_price=0.02)]
    priced = weights(equivalents=cheap)
    assert priced[0] > free[0]
    assert priced[2] < free[2]
    half = [sma.Equivalents(assets=GROUP, lower=0.7, upper=0.7)]
    assert sum(weights(equivalents=half)) == pytest.approx(0.7, abs=1e-6)
    # What a restriction takes from the first goes to the next.
    moved = weights(equivalents=half, exclude={"OIL"})
    assert moved[0] == 0.0
    assert sum(moved) == pytest.approx(0.7, abs=1e-6)


def test_what_cannot_be_bought_is_replaced_by_its_equivalent(told: Told) -> None:
    sold = [("OIL", "loss", 5.0, 5, "x")]
    group = [sma.Equivalents(assets=["OIL", "BANK"], lower=0.4)]
    report = solved(told([], sold, cash=10_000.0, equivalents=group))
    assert report.weights.get("OIL", 0.0) == 0.0
    assert report.weights["BANK"] >= 0.4 - 1e-6


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"wash_sales": "forbit"}, "wash_sales: 'forbit' unknown"),
        ({"tax_model": "exact"}, "tax_model: 'exact' unknown"),
        ({"lot_order": "lifo"}, "lot_order: 'lifo' unknown"),
        ({"gain_limits": {"net": (0, 1)}}, "gain_limits: 'net' unknown"),
        ({"gain_limits": {"total_net": (1, 0)}}, "expected lower <= upper"),
        ({"gain_limits": {"long_loss": (-1, -0.1)}}, "is -0.1, expected 0 or more"),
        ({"tax_budget": float("nan")}, "tax_budget is nan, expected a fraction"),
        ({"tax_budget": 10_000.0}, "tax_budget is 10000.0, expected a fraction of"),
        ({"gain_limits": {"total_net": (0, 1e4)}}, "expected fractions of account"),
        ({"min_harvest": -0.1}, "min_harvest is -0.1, expected 0 or more"),
        ({"min_holding_days": 1.5}, "min_holding_days is 1.5, expected a whole number"),
    ],
)
def test_wishes_out_of_range_are_refused(
    told: Told, wishes: dict[str, object], expected: str
) -> None:
    with pytest.raises(DataError, match=expected):
        told([], **wishes)


def test_equivalents_out_of_range_are_refused(told: Told) -> None:
    with pytest.raises(DataError, match="expected two or more assets"):
        sma.Equivalents(assets=["OIL"])
    with pytest.raises(DataError, match="expected 0 <= lower <= upper"):
        sma.Equivalents(assets=GROUP, lower=0.5, upper=0.4)
    pair = sma.Equivalents(assets=["OIL", "BANK"])
    with pytest.raises(DataError, match="appears more than once"):
        told([], equivalents=[pair, pair])
    with pytest.raises(DataError, match="equivalents: 'COAL' unknown"):
        told([], equivalents=[sma.Equivalents(assets=["OIL", "COAL"])])


def divided(
    problem: sma.Problem, rng: np.random.Generator, *, labels: bool
) -> sma.Problem:
    """The same account with every lot in two records of one purchase.

    With labels, costs need not be equal to the last digit.
    """
    lots = problem.account.lots
    share = rng.uniform(0.2, 0.8, lots.size)
    twice = sma.Lots(
        asset=[*lots.asset, *lots.asset],
        shares=np.concatenate([lots.quantity * share, lots.quantity * (1 - share)]),
        cost_per_share=np.concatenate([lots.cost, lots.cost + 1e-12 * labels]),
        acquired=[*lots.acquired, *lots.acquired],
        purchase=[*map(str, range(lots.size))] * 2 if labels else (),
    )
    account = replace(problem.account, lots=twice)
    return sma.Problem(market=problem.market, account=account)


MODES = [
    {}, {"tax_model": "netted"}, {"gain_limits": {"total_net": (-0.02, 0.01)}},
    {"wash_sales": "no_credit"}, {"min_holding_days": 90},
]  # fmt: skip


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("wishes", MODES, ids=str)
def test_splitting_a_lot_changes_nothing(
    told: Told, wishes: dict[str, object], *, labels: bool
) -> None:
    rng = np.random.default_rng(2)
    bought = [("BANK", "buy", 5.0, 20, "x")]
    lots = [*LOTS, ("GOOG", 5.0, 120.0, 15)]
    for count in range(2, len(lots) + 1):
        problem = told(lots[:count], bought, **wishes)
        one, two = solved(problem), solved(divided(problem, rng, labels=labels))
        assert one.metrics is not None
        assert two.metrics is not None
        found, again = one.metrics.objective, two.metrics.objective
        assert found == pytest.approx(again, abs=1e-7)
        assert one.ledger is not None
        assert two.ledger is not None
        assert one.ledger.tax == pytest.approx(two.ledger.tax, abs=0.02)


def test_more_history_never_helps(told: Told) -> None:
    rng = np.random.default_rng(5)
    tighter = 0
    for _ in range(40):
        trades = [
            (str(rng.choice(["GOOG", "OIL", "BANK", "DRUG"])), side, 3.0, int(day), "x")
            for side, day in zip(
                rng.choice(["buy", "loss"], 3), rng.integers(0, 40, 3), strict=True
            )
        ]
        # Answers with chosen sides need be no optima; the best of all choices is one.
        few, many = (enumerated(told(LOTS, trades[:k])) for k in (1, 3))
        assert few <= many + 1e-7
        tighter += many > few + 1e-4
    assert tighter > 5


def test_days_count_from_the_purchase_not_from_what_it_replaced(told: Told) -> None:
    problem = told([("OIL", 10.0, 60.0, 400)], min_holding_days=60)
    recent = [problem.market.as_of - timedelta(days=40)]
    lots = replace(problem.account.lots, purchased=recent)
    account = replace(problem.account, lots=lots)
    assert sma.Problem(market=problem.market, account=account).no_sell.tolist() == [
        True
    ]
