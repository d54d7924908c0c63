"""Portfolio construction for separately managed accounts.

Names are loaded on first use, so that ``import sma_research`` and ``sma --help``
stay fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sma_research.errors import BackendError as BackendError
    from sma_research.errors import BackendNotFound as BackendNotFound
    from sma_research.errors import DataError as DataError
    from sma_research.errors import LicenceError as LicenceError
    from sma_research.errors import SettingError as SettingError
    from sma_research.errors import SmaError as SmaError
    from sma_research.errors import UnsupportedProgram as UnsupportedProgram
    from sma_research.errors import UnsupportedService as UnsupportedService
    from sma_research.markets.synthetic import synthetic_market as synthetic_market
    from sma_research.models import build_model as build_model
    from sma_research.models import solve_model as solve_model
    from sma_research.portfolio.account import Account as Account
    from sma_research.portfolio.benchmark import Market as Market
    from sma_research.portfolio.history import TradeHistory as TradeHistory
    from sma_research.portfolio.holding import dividend_days as dividend_days
    from sma_research.portfolio.ledger import LedgerRules as LedgerRules
    from sma_research.portfolio.ledger import keep_ledger as keep_ledger
    from sma_research.portfolio.look_through import LookThrough as LookThrough
    from sma_research.portfolio.lots import Lots as Lots
    from sma_research.portfolio.mandate import Band as Band
    from sma_research.portfolio.mandate import Mandate as Mandate
    from sma_research.portfolio.metrics import Metrics as Metrics
    from sma_research.portfolio.problem import Problem as Problem
    from sma_research.portfolio.rebalance import Rebalance as Rebalance
    from sma_research.portfolio.risk import RiskModel as RiskModel
    from sma_research.portfolio.rules import WashRules as WashRules
    from sma_research.portfolio.statutes import long_term_rates as long_term_rates
    from sma_research.portfolio.statutes import (
        net_investment_income as net_investment_income,
    )
    from sma_research.portfolio.tax import TaxRates as TaxRates
    from sma_research.portfolio.tax import YearToDate as YearToDate
    from sma_research.portfolio.tax_wishes import Equivalents as Equivalents
    from sma_research.portfolio.tax_year import long_term_tax as long_term_tax
    from sma_research.portfolio.tax_year import (
        net_investment_income_tax as net_investment_income_tax,
    )
    from sma_research.portfolio.tax_year import net_year as net_year
    from sma_research.portfolio.tax_year import year_tax as year_tax
    from sma_research.portfolio.transactions import Transaction as Transaction
    from sma_research.portfolio.universe import Universe as Universe
    from sma_research.program.backend import Settings as Settings
    from sma_research.report import Report as Report
    from sma_research.report import Status as Status
    from sma_research.run import solve as solve
    from sma_research.run import solve_book as solve_book

_HOME = {
    "BackendError": "errors",
    "BackendNotFound": "errors",
    "DataError": "errors",
    "LicenceError": "errors",
    "SettingError": "errors",
    "SmaError": "errors",
    "UnsupportedProgram": "errors",
    "UnsupportedService": "errors",
    "synthetic_market": "markets.synthetic",
    "Account": "portfolio.account",
    "Market": "portfolio.benchmark",
    "TradeHistory": "portfolio.history",
    "dividend_days": "portfolio.holding",
    "LedgerRules": "portfolio.ledger",
    "keep_ledger": "portfolio.ledger",
    "LookThrough": "portfolio.look_through",
    "Lots": "portfolio.lots",
    "Band": "portfolio.mandate",
    "Mandate": "portfolio.mandate",
    "Metrics": "portfolio.metrics",
    "Problem": "portfolio.problem",
    "Rebalance": "portfolio.rebalance",
    "RiskModel": "portfolio.risk",
    "WashRules": "portfolio.rules",
    "long_term_rates": "portfolio.statutes",
    "net_investment_income": "portfolio.statutes",
    "TaxRates": "portfolio.tax",
    "YearToDate": "portfolio.tax",
    "Equivalents": "portfolio.tax_wishes",
    "long_term_tax": "portfolio.tax_year",
    "net_investment_income_tax": "portfolio.tax_year",
    "net_year": "portfolio.tax_year",
    "year_tax": "portfolio.tax_year",
    "Transaction": "portfolio.transactions",
    "Universe": "portfolio.universe",
    "Settings": "program.backend",
    "Report": "report",
    "Status": "report",
    "build_model": "models",
    "solve": "run",
    "solve_book": "run",
    "solve_model": "models",
}
__all__ = sorted(_HOME)  # noqa: PLE0605 - a list of names


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"sma_research has no {name!r}")
    return getattr(import_module(f"sma_research.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    """Public names."""
    return list(__all__)
