"""Statutory tables: amounts that the law dates and revises, as data beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sma_research.errors import DataError
from sma_research.portfolio.rules import Filing


@dataclass(frozen=True, kw_only=True)
class NetInvestmentIncome:
    """26 U.S.C. 1411."""

    rate: float
    threshold: float  # USD of modified adjusted gross income


@dataclass(frozen=True, kw_only=True)
class LongTermRates:
    """Where the rates on long-term gains change, USD of taxable income."""

    zero_to: float
    fifteen_to: float
    middle: float  # rate from zero_to to fifteen_to
    top: float  # rate above


def loss_limit(year: int, filing: Filing) -> float:
    """Losses deductible from other income in a year, USD; the law of 1978 earlier."""
    table = _in_force("loss_limit", year) or _tables("loss_limit")[0]
    return float(table[filing]["limit"])


def net_investment_income(year: int, filing: Filing) -> NetInvestmentIncome:
    """The tax on net investment income; none before there was one."""
    table = _in_force("net_investment_income", year)
    if table is None:
        return NetInvestmentIncome(rate=0.0, threshold=0.0)
    return NetInvestmentIncome(**table[filing])


def long_term_rates(year: int, filing: Filing) -> LongTermRates:
    """Breakpoints of a year.

    Raises
    ------
    DataError
        A year without a table.
    """
    tables = {table["year"]: table for table in _tables("long_term_rates")}
    if year not in tables:
        known = ", ".join(str(known) for known in tables)
        raise DataError(f"no long-term rates for {year}, expected one of {known}")
    table = tables[year]
    return LongTermRates(middle=table["middle"], top=table["top"], **table[filing])


def _in_force(name: str, year: int) -> dict[str, Any] | None:
    found = [table for table in _tables(name) if table["since"] <= year]
    return found[-1] if found else None


@cache
def _tables(name: str) -> list[dict[str, Any]]:
    text = files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    tables: list[dict[str, Any]] = tomllib.loads(text)["table"]
    return tables
