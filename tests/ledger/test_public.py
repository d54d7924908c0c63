"""The ledger and the tools of a tax year, by the names that the package exports."""

import ast
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import sma_research
from sma_research import (
    LedgerRules,
    Transaction,
    WashRules,
    dividend_days,
    keep_ledger,
    long_term_rates,
    long_term_tax,
    net_investment_income,
    net_investment_income_tax,
    net_year,
    year_tax,
)
from sma_research.portfolio.rules import Filing, Method, Tacking
from sma_research.portfolio.transactions import Action


@pytest.mark.parametrize("name", sma_research.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(sma_research, name).__name__ == name


def test_checkers_of_types_see_the_same_names() -> None:
    tree = ast.parse(Path(sma_research.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert seen == set(sma_research.__all__)


def test_a_ledger_by_its_public_names() -> None:
    rows = [
        Transaction(
            date=date(2014, month, day), account="joint", asset="X", action=action,
            shares=Decimal(100), amount=Decimal(amount),
        )
        for month, day, action, amount in (
            (5, 1, Action.BUY, 1_000),
            (7, 1, Action.SELL, 750),
            (7, 5, Action.BUY, 800),
        )
    ]  # fmt: skip
    rules = LedgerRules(method=Method.HIFO, wash=WashRules(tacking=Tacking.DATE))
    (lot,) = keep_ledger(rows, rules).open_lots
    assert (float(lot.adjusted_basis), lot.adjusted_acquired) == (
        1_050,
        date(2014, 5, 1),
    )


def test_the_tools_of_a_tax_year_by_their_public_names() -> None:
    assert float(net_year(3_000.0, -8_000.0).carry_long) == 2_000
    rates = sma_research.TaxRates(short_term=0.37, long_term=0.20)
    assert float(year_tax(100.0, 100.0, rates)) == pytest.approx(57)
    law = long_term_rates(2025, Filing.SINGLE)
    assert float(long_term_tax(law, 48_350.0, 100.0)) == 15
    surtax = net_investment_income(2025, Filing.SINGLE)
    assert float(net_investment_income_tax(surtax, 500.0, 201_000.0)) == 19
    assert dividend_days(date(2024, 1, 2), date(2024, 1, 5), date(2024, 1, 3)) == 3
