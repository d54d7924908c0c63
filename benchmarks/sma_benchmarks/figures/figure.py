"""One figure: what was asked, and what was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time
from typing import TypeVar

import sma_research as sma
from sma_research.errors import BackendError
from sma_research.markets.clients import demo_accounts
from sma_research.portfolio.metrics import Metrics

T = TypeVar("T")

ASSETS, FACTORS = 3000, 70


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured figure; `met` is None where nothing was asked."""

    name: str
    what: str
    asked: str
    measured: str
    met: bool | None


def at_most(name: str, what: str, value: float, limit: float, unit: str) -> Figure:
    """A figure that may not pass a limit, both in the same unit."""
    return Figure(
        name=name,
        what=what,
        asked=f"<= {limit:g} {unit}".strip(),
        measured=f"{value:.3g} {unit}".strip(),
        met=value <= limit,
    )


def market() -> sma.Market:
    """The market most figures are asked of: 3,000 stocks, 70 factors."""
    return sma.synthetic_market(n_assets=ASSETS, n_factors=FACTORS)


def client(where: sma.Market) -> sma.Account:
    """Client A in stocks: no MSFT, at most 200 names, tracking error below 2 %."""
    return demo_accounts(where, kinds="stock")[0]


@dataclass(frozen=True, kw_only=True)
class Took:
    """Seconds by the clock, and of the processor: equal on an idle machine."""

    clock: float
    processor: float


def timed(action: Callable[[], T]) -> tuple[T, Took]:
    """The result of an action, and what it took."""
    clock, processor = perf_counter(), process_time()
    result = action()
    took = Took(clock=perf_counter() - clock, processor=process_time() - processor)
    return result, took


def solved(report: sma.Report) -> tuple[sma.Report, Metrics]:
    """A report with its metrics.

    Raises
    ------
    BackendError
        There is no portfolio that passed the audit.
    """
    if report.metrics is None or not report.solved:
        raise BackendError(
            f"{report.solver} did not solve {report.account_id}: {report.status} "
            f"{report.message}; a figure needs an answer that passed the audit"
        )
    return report, report.metrics


def middle(values: list[float]) -> float:
    """Median."""
    return float(median(values))
