"""Exact netting: two convex functions against a literal Schedule D, and its optima."""

import json
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.portfolio.metrics import objective
from sma_research.portfolio.netting import netted_tax, pieces
from sma_research.portfolio.tax import value_of_loss

Told = Callable[..., sma.Problem]


def schedule_d(short: float, long: float, rates: sma.TaxRates, limit: float) -> float:
    """Tax by the lines of the form, one after the other, USD.

    Lines 7 and 15 are the net results, 16 their sum, 21 what a loss deducts; the
    worksheet for the carryover keeps what is left.
    """
    line16 = short + long
    if line16 >= 0:
        if short >= 0 and long >= 0:
            return rates.short * short + rates.long * long
        rate = rates.short if short > 0 else rates.long
        return rate * line16
    line21 = min(-line16, limit)
    carried = -line16 - line21
    return -rates.against_ordinary * line21 - rates.carried_loss * carried


def largest(case: tuple[Any, ...], s: Vector, v: Vector) -> Vector:
    values = [p.short * s + p.long * v + p.constant for p in case]
    return np.asarray(np.max(values, axis=0), dtype=np.float64)


def some_rates(rng: np.random.Generator) -> sma.TaxRates:
    """Ordered rates: short-term the highest, a carried loss the least."""
    top = rng.uniform(0.1, 0.6)
    long, other = rng.uniform(0.0, top, 2)
    worth = rng.uniform(0.0, min(long, other))
    return sma.TaxRates(
        short_term=top, long_term=long, ordinary=other, carried_loss=worth
    )


def test_the_least_of_two_convex_functions_is_the_tax_of_the_form() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        rates, limit = some_rates(rng), float(rng.choice([0.0, 1500.0, 3000.0]))
        s, v = rng.normal(size=(2, 1000)) * rng.choice([500.0, 5000.0, 50_000.0])
        s[::10], v[5::10] = 0.0, 0.0
        v[3::20] = -s[3::20]
        form = [schedule_d(a, b, rates, limit) for a, b in zip(s, v, strict=True)]
        one, other = (largest(case, s, v) for case in pieces(rates, limit))
        np.testing.assert_allclose(np.minimum(one, other), form, atol=1e-7)
        np.testing.assert_allclose(netted_tax(s, v, rates, limit), form, atol=1e-7)


def cases(folder: Path, kind: str) -> list[dict[str, Any]]:
    text = (folder / "tax_cases" / "tax_cases.json").read_text(encoding="utf-8")
    found = json.loads(text)["cases"]
    return [case for case in found if case["kind"] == kind and case["certain"]]


@pytest.mark.data
def test_published_years(shared_data: Path) -> None:
    found = [c for c in cases(shared_data, "netting") if "tax" in c["expected"]]
    assert len(found) >= 10
    for case in found:
        (year,), rates = case["transactions"], case["rates"]
        priced = sma.TaxRates(
            short_term=rates.get("short", 0.28), long_term=rates.get("long", 0.15),
            ordinary=rates["ordinary"],
        )  # fmt: skip
        tax = netted_tax(
            year["net_st"] - year.get("carry_in_st", 0.0),
            year["net_lt"] - year.get("carry_in_lt", 0.0),
            priced, year.get("cap", 3000.0),
        )  # fmt: skip
        assert float(tax) == pytest.approx(case["expected"]["tax"]), case["id"]


@pytest.mark.data
def test_published_functions_and_values(shared_data: Path) -> None:
    found = {c["id"]: c for c in cases(shared_data, "optimizer_property")}
    rates = sma.TaxRates(short_term=0.408, long_term=0.238, ordinary=0.37)
    net, expected = found["OP-06"]["transactions"][0], found["OP-06"]["expected"]
    s, v = np.array([float(net["net_st"])]), np.array([float(net["net_lt"])])
    # The published pair is called the other way around, and knows no other income.
    convex, exact = (float(largest(c, s, v)[0]) for c in reversed(pieces(rates, 0.0)))
    assert convex == pytest.approx(expected["H1"])
    assert exact == pytest.approx(expected["H2"])
    assert min(convex, exact) == pytest.approx(expected["T"])
    for name in ("OP-07", "OP-09"):
        (given,) = found[name]["transactions"]
        value = value_of_loss(
            given["rate_now"], given["rate_later"],
            discount=given["discount"], years=given["years"],
        )  # fmt: skip
        assert value == pytest.approx(found[name]["expected"]["value"], abs=5e-5)


@pytest.mark.parametrize(
    "rates",
    [
        {"short_term": 0.1, "long_term": 0.2},
        {"ordinary": 0.5},
        {"carried_loss": 0.3},
    ],
)
def test_rates_out_of_order_are_refused(told: Told, rates: dict[str, float]) -> None:
    account = {"tax_rates": sma.TaxRates(**rates)}
    told([], account=account, tax_model="linear")
    with pytest.raises(
        DataError, match="netting expects short-term at least long-term"
    ):
        told([], account=account)


LOTS = [("GOOG", 30.0, 60.0, 100), ("OIL", 60.0, 70.0, 500), ("BANK", 150.0, 12.0, 600),
        ("DRUG", 100.0, 25.0, 50)]  # fmt: skip
YEARS = {
    "nothing yet": {},
    "gains elsewhere": {"held_away_short": 900.0, "held_away_long": 300.0},
    "long-term gains elsewhere": {"held_away_long": 5000.0},
    "losses carried in": {
        "carry_short": 500.0,
        "carry_long": 400.0,
        "ordinary_limit": 0.0,
    },
    "little against income": {"net_long": 800.0, "ordinary_limit": 200.0},
}


def grid(problem: sma.Problem, steps: int) -> Iterator[sma.Rebalance]:
    """Every way to sell lots in equal steps, buying nothing."""
    cash = problem.account.cash
    share = [np.linspace(0.0, held, steps) for held in problem.account.lots.quantity]
    price = problem.price[problem.lot_asset] * (1 - 0.0002)
    for sold in product(*share):
        sell = np.array(sold)
        yield sma.Rebalance(buy=np.zeros(5), sell=sell, cash=cash + float(sell @ price))


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("solver", ["clarabel", "highs", "osqp"])
def test_nothing_on_a_grid_is_better(told: Told, year: str, solver: str) -> None:
    so_far = sma.YearToDate(**YEARS[year])
    # A loss elsewhere bars every purchase, so that sales are all there is to choose.
    barred = [(asset, "loss", 1.0, 9, "x") for asset in ("GOOG", "OIL", "BANK", "DRUG")]
    problem = told(
        LOTS,
        barred,
        tax_model="netted",
        max_cash=1.0,
        risk_aversion=2.0,
        cash=2000.0,
        account={"year_to_date": so_far},
    )
    report = sma.solve(problem, solver=solver)
    assert report.solved, report.message
    assert report.metrics is not None
    assert report.bound is not None
    assert report.metrics.tax_error == pytest.approx(0.0, abs=1e-12)
    best = min(objective(problem, trade) for trade in grid(problem, 5))
    found = report.metrics.objective
    assert report.bound <= found + 1e-9
    assert found <= best + 1e-9
    assert report.status == "OPTIMAL", (report.gap, report.counters)


def test_the_better_case_depends_on_the_year(told: Told) -> None:
    chosen = set()
    for so_far in YEARS.values():
        account = {"year_to_date": sma.YearToDate(**so_far)}
        report = sma.solve(told(LOTS, tax_model="netted", account=account))
        chosen.add(report.counters["netting_case"])
    assert chosen == {1.0, 2.0}


def test_the_linear_model_reports_its_error(told: Told) -> None:
    account = {"year_to_date": sma.YearToDate(held_away_long=5000.0)}
    report = sma.solve(told(LOTS, account=account, tax_model="linear"))
    metrics = report.metrics
    assert metrics is not None
    assert metrics.tax_error == metrics.tax - metrics.netted_tax
    assert abs(metrics.tax_error) > 1e-4
    exact = sma.solve(told(LOTS, account=account)).metrics
    assert exact is not None
    assert exact.tax_error == 0.0


@pytest.mark.parametrize("budget", [0.0, -0.01])
def test_a_budget_holds_for_the_netted_tax(told: Told, budget: float) -> None:
    report = sma.solve(told(LOTS, tax_model="netted", tax_budget=budget))
    assert report.solved, report.message
    assert report.metrics is not None
    assert report.metrics.tax <= budget + 1e-6


def test_a_budget_that_nothing_meets_is_proven(told: Told) -> None:
    report = sma.solve(told(LOTS, tax_model="netted", tax_budget=-0.5))
    assert report.status == "INFEASIBLE"
    assert "tax would pass tax_budget" in report.conflict[0]
