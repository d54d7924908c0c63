"""What each mode makes of a loss that a recent purchase would disallow."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.portfolio.audit import audit
from sma_research.portfolio.metrics import linear_tax, objective
from sma_research.portfolio.priced import price

Told = Callable[..., sma.Problem]
OLD = ("GOOG", 30.0, 150.0, 400)


@pytest.mark.parametrize("shares", [3.0, 12.0, 40.0])
@pytest.mark.parametrize("tax_model", ["linear", "netted"])
def test_a_priced_wash_sale_is_the_ledgers_to_the_cent(
    told: Told, shares: float, tax_model: str
) -> None:
    lots = [OLD, ("GOOGL", 8.0, 130.0, 380), ("OIL", 20.0, 80.0, 90)]
    bought = [("GOOG", "buy", shares, 12, "other")]
    problem = told(lots, bought, wash_sales="price", tax_model=tax_model)
    report = sma.solve(problem, solver="highs")
    assert report.solved, report.message
    assert report.ledger is not None
    assert report.ledger.differences == ()
    assert report.ledger.tax == pytest.approx(report.ledger.model_tax, abs=0.01)
    # Selling what forbid keeps is worth something, and ignoring the law claims more.
    values = {}
    for mode in ("forbid", "no_credit", "price", "ignore"):
        answer = sma.solve(
            told(lots, bought, wash_sales=mode, tax_model=tax_model), solver="highs"
        )
        assert answer.metrics is not None
        values[mode] = answer.metrics.objective
    slack = 1e-6
    assert values["ignore"] <= values["price"] + slack
    assert values["price"] <= values["no_credit"] + slack
    assert values["no_credit"] <= values["forbid"] + slack


def test_a_priced_sale_beats_every_sale_on_a_grid(told: Told) -> None:
    lots = [OLD, ("GOOG", 8.0, 130.0, 380)]
    barred = [(asset, "loss", 1.0, 45, "x") for asset in ("OIL", "BANK", "DRUG")]
    recent = [(asset, "loss", 1.0, 2, "x") for asset in ("OIL", "BANK", "DRUG")]
    bought = [("GOOG", "buy", 10.0, 20, "other"), ("GOOG", "loss", 1.0, 55, "other")]
    problem = told(
        lots, barred + recent + bought + [("GOOG", "loss", 1.0, 1, "x")],
        wash_sales="price", max_cash=1.0,
    )  # fmt: skip
    report = sma.solve(problem, solver="highs")
    assert report.metrics is not None
    half = 1 - 0.0002
    best = np.inf
    for first in np.linspace(0.0, 30.0, 31):
        for second in np.linspace(0.0, 8.0, 17):
            sell = np.array([first, second])
            cash = problem.account.cash + float(sell.sum()) * 100.0 * half
            trade = sma.Rebalance(buy=np.zeros(5), sell=sell, cash=cash)
            best = min(best, objective(problem, trade))
    assert report.status == "OPTIMAL"
    assert report.metrics.objective <= best + 1e-9


def test_pricing_needs_integers(told: Told) -> None:
    problem = told([OLD], [("GOOG", "buy", 5.0, 3, "x")], wash_sales="price")
    report = sma.solve(problem, solver="clarabel")
    assert report.status == "UNSUPPORTED"
    assert "integer" in report.message
    untouched = told([OLD], wash_sales="price")
    assert sma.solve(untouched, solver="clarabel").solved


def test_a_replacement_sold_the_same_day_is_named(told: Told) -> None:
    lots = [OLD, ("GOOG", 10.0, 90.0, 10)]
    problem = told(lots, exclude={"GOOG", "GOOGL"}, max_cash=1.0)
    sell = np.array([30.0, 10.0])
    trade = sma.Rebalance(buy=np.zeros(5), sell=sell, cash=100.0 + 4000.0 * 0.9998)
    found = price(problem, trade)
    # The loss of ten old shares moves to the recent ones, which become long-term.
    assert {d.cause for d in found.differences} == {"replacement sold"}
    assert found.short_term_gain == 0.0
    assert found.long_term_gain == pytest.approx(30 * -50.0 + 10 * 10.0)
    assert sum(d.usd for d in found.differences) == pytest.approx(0.0, abs=1e-6)


def test_trades_that_break_the_law_are_found(told: Told) -> None:
    problem = told([OLD], [("GOOG", "buy", 5.0, 3, "x"), ("OIL", "loss", 1.0, 3, "x")])
    idle = sma.Rebalance(buy=np.zeros(5), sell=np.zeros(1), cash=100.0)
    assert audit(replace_mandate(problem, max_cash=1.0), idle) == ()
    bought = replace(idle, buy=np.array([0.0, 0.0, 1.0, 0.0, 0.0]))
    assert "purchase within 30 days of a loss" in clauses(problem, bought)
    sold = replace(idle, sell=np.array([1.0]))
    assert "sale of a lot to keep" in clauses(problem, sold)


def replace_mandate(problem: sma.Problem, **wishes: object) -> sma.Problem:
    mandate = replace(problem.account.mandate, **wishes)  # type: ignore[arg-type]
    account = replace(problem.account, mandate=mandate)
    return sma.Problem(market=problem.market, account=account)


def clauses(problem: sma.Problem, trade: sma.Rebalance) -> set[str]:
    return {finding.clause for finding in audit(problem, trade)}


def optimizer_case(folder: Path, name: str) -> dict[str, Any]:
    text = (folder / "tax_cases" / "tax_cases.json").read_text(encoding="utf-8")
    (found,) = [c for c in json.loads(text)["cases"] if c["id"] == name]
    return dict(found)


@pytest.mark.data
@pytest.mark.parametrize("name", ["OP-01", "OP-02"])
def test_published_slopes_of_lots(told: Told, shared_data: Path, name: str) -> None:
    case = optimizer_case(shared_data, name)
    given, expected = case["transactions"][0], case["expected"]
    days = {"short": 100, "long": 500}
    lots = [("GOOG", 10.0, float(one["basis"]), days[one["term"]])
            for one in given["lots"]]  # fmt: skip
    rates = sma.TaxRates(short_term=0.408, long_term=0.238)
    problem = told(lots, account={"tax_rates": rates})
    slopes = problem.tax_rate * given["price"]
    highest_first = slopes[np.argsort(-problem.account.lots.cost)]
    np.testing.assert_allclose(highest_first, expected["hifo_slopes"])
    np.testing.assert_allclose(np.sort(slopes), expected["min_tax_slopes"])


@pytest.mark.data
def test_the_published_phantom_trade_is_never_proposed(
    told: Told, shared_data: Path
) -> None:
    case = optimizer_case(shared_data, "OP-04")
    given, expected = case["transactions"][0], case["expected"]
    shares, price_each = float(given["shares"]), float(given["price"])
    lots = [("GOOG", shares, float(given["loss_lot_basis"]), 100)]
    held = dict.fromkeys(("GOOGL", "OIL", "BANK", "DRUG"), (0.0, 0.0))
    problem = told(
        lots, cash=100.0, weight_bounds={**held, "GOOG": (0.98, 1.0)},
        account={"tax_rates": sma.TaxRates(short_term=0.408, long_term=0.238)},
    )  # fmt: skip
    phantom = sma.Rebalance(
        buy=np.array([shares, 0, 0, 0, 0]),
        sell=np.array([shares]),
        cash=100.0 - 2 * 0.0002 * shares * price_each,
    )
    claimed = -linear_tax(problem, phantom) * problem.value
    assert claimed == pytest.approx(expected["claimed_benefit"])
    allowed = -price(problem, phantom).tax
    assert allowed == pytest.approx(expected["true_benefit_now"])
    assert "purchase on the day of a sale at a loss" in clauses(problem, phantom)
    report = sma.solve(problem)
    assert report.rebalance is not None
    assert min(report.rebalance.buy[0], report.rebalance.sell[0]) < 1e-6
