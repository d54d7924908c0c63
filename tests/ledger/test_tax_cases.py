"""Every worked case of the shared data that concerns the ledger or the year."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from sma_research.portfolio.holding import (
    DIVIDEND_DAYS,
    dividend_days,
    first_long_term_day,
)
from sma_research.portfolio.ledger import Ledger, LedgerRules, keep_ledger
from sma_research.portfolio.lots import Lots
from sma_research.portfolio.rules import Filing, Method, OlderLot, Tacking, WashRules
from sma_research.portfolio.statutes import (
    LongTermRates,
    NetInvestmentIncome,
    long_term_rates,
    net_investment_income,
)
from sma_research.portfolio.tax import TaxRates
from sma_research.portfolio.tax_year import (
    long_term_tax,
    net_investment_income_tax,
    net_year,
)
from sma_research.portfolio.transactions import Transaction

Case = dict[str, Any]
Cases = dict[str, Case]
Household = Callable[[Case], list[Transaction]]
Trade = Callable[..., Transaction]
pytestmark = pytest.mark.data

CENT = 0.005
SIX_MONTHS = {"HP-23", "HP-24"}  # the law of their day


def of_kind(cases: Cases, kind: str) -> list[Case]:
    found = [case for case in cases.values() if case["kind"] == kind]
    assert found, kind
    return found


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_holding_periods(tax_cases: Cases) -> None:
    for case in of_kind(tax_cases, "holding_period"):
        bought = day(case["lots"][0]["acquired"])
        sold = day(case["transactions"][0]["date"])
        months = 6 if case["id"] in SIX_MONTHS else 12
        long = sold >= first_long_term_day(bought, months=months)
        assert ("long" if long else "short") == case["expected"]["term"], case["id"]


def test_lots_and_ledger_agree_on_every_day_of_five_years() -> None:
    days = np.arange("2022-12-01", "2027-12-01", dtype="datetime64[D]").astype(object)
    for acquired in days:
        lot = Lots(asset=["X"], shares=[1], cost_per_share=[1], acquired=[acquired])
        first = first_long_term_day(acquired)
        before = date.fromordinal(first.toordinal() - 1)
        assert lot.is_long_term(first)[0]
        assert not lot.is_long_term(before)[0]


def test_wash_windows(tax_cases: Cases, household: Household) -> None:
    for case in of_kind(tax_cases, "wash_window"):
        lot = case["lots"][0] | {"basis": 200}
        kept = keep_ledger(household(case | {"lots": [lot]}))
        washed = any(disposal.disallowed for disposal in kept.disposals)
        assert washed == case["expected"]["in_window"], case["id"]


def test_wash_sales(tax_cases: Cases, household: Household) -> None:
    for case in of_kind(tax_cases, "wash_sale"):
        rows = household(case)
        check(case, case["expected"], rows, keep_ledger(rows), "adjusted_acquired")


def test_wash_sales_with_inherited_dates(
    tax_cases: Cases, household: Household
) -> None:
    rules = LedgerRules(wash=WashRules(tacking=Tacking.DATE))
    for case in of_kind(tax_cases, "wash_sale"):
        terms = {"allowed_st", "allowed_lt"}
        if any(terms & sale.keys() for sale in case["expected"]["sales"]):
            continue  # written for the period
        rows = household(case)
        field = "adjusted_acquired_inherit_date"
        check(case, case["expected"], rows, keep_ledger(rows, rules), field)


def test_the_other_reading_of_older_lots(
    tax_cases: Cases, household: Household
) -> None:
    rules = LedgerRules(wash=WashRules(older_lot=OlderLot.IGNORED))
    found = [case for case in tax_cases.values() if "alternative" in case["expected"]]
    assert found
    for case in found:
        rows = household(case)
        kept = keep_ledger(rows, rules)
        check(case, case["expected"]["alternative"], rows, kept, "adjusted_acquired")


def check(
    case: Case, expected: Case, rows: list[Transaction], kept: Ledger, dates: str
) -> None:
    sales = {(row.date, row.lot): row.source for row in rows if row.action == "sell"}
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for sold in kept.disposals:
        name = sales[sold.date, sold.lot]
        for field in ("gain", "disallowed", "allowed", "permanent"):
            sums[name, field] += getattr(sold, field)
        sums[name, "allowed_st" if sold.term == "short" else "allowed_lt"] += (
            sold.allowed
        )
    for sale in expected["sales"]:
        for field, value in sale.items():
            if field != "id":
                got = float(sums[sale["id"], field])
                assert got == pytest.approx(value, abs=CENT), (case["id"], field)
    found = [
        (lot.lot, float(lot.shares), round(float(lot.adjusted_basis), 2),
         lot.adjusted_acquired)
        for lot in kept.open_lots
    ]  # fmt: skip
    assert "open" not in expected or len(found) == len(expected["open"]), case["id"]
    for lot in expected.get("open", []):
        same = [f for f in found if f[:3] == (lot["lot"], lot["shares"], lot["basis"])]
        assert same, (case["id"], lot, found)
        if dates in lot:
            assert day(lot[dates]) in {f[3] for f in same}, (case["id"], lot, found)


def test_a_tax_year_keeps_the_gains_of_the_day(
    tax_cases: Cases, household: Household
) -> None:
    case = tax_cases["WS-09"]
    year = keep_ledger(household(case)).years[0]
    net = year.net_short + year.net_long
    assert net == pytest.approx(case["expected"]["tax_year_2013_net"], abs=CENT)


def test_lot_relief(tax_cases: Cases, trade: Trade) -> None:
    for case in of_kind(tax_cases, "lot_relief"):
        sale = case["transactions"][0]
        rows = [
            trade(lot["acquired"], "buy", lot["shares"], lot["basis"], lot=lot["id"])
            for lot in sorted(case["lots"], key=lambda lot: str(lot["acquired"]))
        ]
        amount = sale["shares"] * sale["price"]
        rows.append(trade(sale["date"], "sell", sale["shares"], amount))
        kept = keep_ledger(rows, LedgerRules(method=Method(sale["method"].lower())))
        got = {
            (sold.lot, float(sold.shares), float(sold.gain), str(sold.term))
            for sold in kept.disposals
        }
        want = {
            (fill["lot"], fill["shares"], fill["gain"], fill["term"])
            for fill in case["expected"]["fills"]
        }
        assert got == want, case["id"]


def test_netting(tax_cases: Cases) -> None:
    for case in of_kind(tax_cases, "netting"):
        given, expected = case["transactions"][0], case["expected"]
        netted = net_year(
            given["net_st"],
            given["net_lt"],
            carry_short=given["carry_in_st"],
            carry_long=given["carry_in_lt"],
            limit=given.get("limit", 3000.0),
            income=given.get("adjusted_taxable_income", np.inf),
        )
        got = {
            "taxable_st": netted.taxable_short,
            "taxable_lt": netted.taxable_long,
            "ordinary_offset": netted.ordinary_offset,
            "carry_st": netted.carry_short,
            "carry_lt": netted.carry_long,
        }
        if case["rates"]:
            rates = TaxRates(
                short_term=case["rates"]["short"],
                long_term=case["rates"]["long"],
                ordinary=case["rates"]["ordinary"],
            )
            got["tax"] = netted.tax(rates)
        # The gross gain of NT-14 that its deductible loss counts is not among its inputs.
        for field in expected.keys() - {"deductible_loss"}:
            assert float(got[field]) == pytest.approx(expected[field], abs=CENT), (
                case["id"],
                field,
            )


def test_rates(tax_cases: Cases) -> None:
    for case in of_kind(tax_cases, "tax_rate"):
        given, rates = case["transactions"][0], case["rates"]
        got: dict[str, float] = {}
        if "magi" in given:
            law = NetInvestmentIncome(rate=rates["niit"], threshold=given["threshold"])
            tax = net_investment_income_tax(
                law, given["net_investment_income"], given["magi"]
            )
            got["niit"] = float(tax)
        elif "lt_gain" in given:
            table = LongTermRates(**rates, middle=0.15, top=0.20)
            tax = long_term_tax(table, given["ordinary_taxable"], given["lt_gain"])
            got["lt_tax"] = float(tax)
        else:
            both = TaxRates(
                short_term=given["ordinary"], long_term=given["lt"], niit=rates["niit"]
            )
            got |= {"short": both.short, "long": both.long}
        assert got == pytest.approx(case["expected"]), case["id"]


def test_statutory_tables_carry_the_figures_of_the_cases(tax_cases: Cases) -> None:
    for year, case in ((2026, "TX-04"), (2025, "TX-06")):
        table = long_term_rates(year, Filing.SINGLE)
        rates = tax_cases[case]["rates"]
        assert (table.zero_to, table.fifteen_to) == (
            rates["zero_to"],
            rates["fifteen_to"],
        )
    for filing, case in ((Filing.JOINT, "TX-01"), (Filing.SINGLE, "TX-02")):
        law = net_investment_income(2025, filing)
        assert law.threshold == tax_cases[case]["transactions"][0]["threshold"]
        assert law.rate == tax_cases[case]["rates"]["niit"]


def test_dividends(tax_cases: Cases) -> None:
    for case in of_kind(tax_cases, "qualified_dividend"):
        sale = case["transactions"][0]
        days = dividend_days(
            day(case["lots"][0]["acquired"]),
            day(sale["date"]),
            day(sale["ex_dividend_date"]),
        )
        assert days == case["expected"]["days_in_window"], case["id"]
        assert (days > DIVIDEND_DAYS) == case["expected"]["qualified"], case["id"]
