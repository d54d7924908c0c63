"""Which side of a loss to trade: chosen by solving again, beside binaries."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

import sma_research as sma
from sma_benchmarks.figures.figure import Figure, Took, middle, solved, timed
from sma_benchmarks.instances.holdings import draw_lots

ACCOUNTS: Final = 8
ASSETS, OWNED = 150, 40  # a lot each
ELSEWHERE: Final = 40_000.0  # USD, long-term gains that losses offset
ENGINE, BINARIES = "pyomo:scip", "trade_sides+netting_switch"
SETTINGS: Final = sma.Settings(time_limit_s=60.0)
BP: Final = 1e4


def sides() -> Sequence[Figure]:
    """What solving again leaves to the proven optimum, and how much sooner it is there."""
    market = sma.synthetic_market(n_assets=ASSETS, n_factors=10, n_etfs=0)
    left, gaps, ratios, unproven = [], [], [], 0
    for seed in range(ACCOUNTS):
        problem = harvester(market, seed)
        again, fast = _answered(problem, "clarabel", None)
        exact, slow = _answered(problem, ENGINE, BINARIES)
        left.append(BP * (_value(again) - _value(exact)))
        gaps.append(BP * (_value(again) - _bound(again)))
        ratios.append(slow.processor / fast.processor)
        unproven += exact.status is not sma.Status.OPTIMAL
    what = (
        f"{ACCOUNTS} accounts, {ASSETS} names, {OWNED} lots, clarabel solving again beside "
        f"{ENGINE}[{BINARIES}]"
    )
    shown = {
        "objective that binaries win, bp of value a year, median and most":
            f"{middle(left):.3f}, {max(left):.3f}",
        "gap that is certified, the same": f"{middle(gaps):.3f}, {max(gaps):.3f}",
        "binaries took": f"{middle(ratios):.0f} times, {unproven} unproven",
    }  # fmt: skip
    return tuple(
        Figure(
            name="sides", what=f"{what}: {name}", asked="-", measured=value, met=None
        )
        for name, value in shown.items()
    )


def harvester(market: sma.Market, seed: int) -> sma.Problem:
    """An account of lots and cash whose losses offset gains elsewhere."""
    generator = np.random.default_rng(seed)
    owned = np.sort(generator.choice(ASSETS, size=OWNED, replace=False))
    account = sma.Account(
        account_id=f"harvester-{seed}",
        cash=50_000.0,
        mandate=sma.Mandate(target={"broad": 1.0}, kinds={"stock"}, max_weight=0.2),
        lots=draw_lots(market, owned, 1, value=950_000.0, generator=generator),
        year_to_date=sma.YearToDate(held_away_long=ELSEWHERE),
    )
    return sma.Problem(market=market, account=account)


def _answered(
    problem: sma.Problem, solver: str, formulation: str | None
) -> tuple[sma.Report, Took]:
    return timed(partial(sma.solve, problem, solver, formulation, SETTINGS))


def _value(report: sma.Report) -> float:
    _, metrics = solved(report)
    return metrics.objective


def _bound(report: sma.Report) -> float:
    return -np.inf if report.bound is None else report.bound
