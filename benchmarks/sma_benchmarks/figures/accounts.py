"""Figures of accounts on a market of 3,000 stocks and 70 factors."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import sma_research as sma
from sma_benchmarks.figures.figure import (
    Figure,
    at_most,
    client,
    market,
    middle,
    solved,
    timed,
)

REPEATS: Final = 5
MEMORY: Final = """
import resource
from sma_benchmarks.figures.figure import client, market
import sma_research as sma
where = market()
report = sma.solve(sma.Problem(market=where, account=client(where)))
assert report.solved, report.message
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def gap() -> Sequence[Figure]:
    """Perspective relaxation, rounding and polish against their own bound."""
    where = market()
    problem = sma.Problem(market=where, account=client(where))
    runs = [timed(lambda: sma.solve(problem, "clarabel")) for _ in range(REPEATS)]
    report, metrics = solved(runs[0][0])
    bound, error = report.certified_bound or 0.0, metrics.tracking_error
    # As if all of the gap were risk.
    aversion = problem.account.mandate.risk_aversion
    least = max(error**2 - (metrics.objective - bound) / aversion, 1e-30) ** 0.5
    clock = middle([took.clock for _, took in runs])
    processor = middle([took.processor for _, took in runs])
    who = f"A-stocks, {metrics.names} names, TE {100 * error:.4f} %"
    above = 100 * (metrics.objective / max(bound, 1e-30) - 1)
    return (
        at_most("gap", f"{who}: gap in objective", above, 0.5, "%"),
        at_most("gap", f"{who}: gap in TE", 100 * (error / least - 1), 0.5, "%"),
        at_most("gap", f"{who}: with build, median", clock, 3.0, "s"),
        at_most("gap", f"{who}: of the processor", processor, 3.0, "s"),
    )


def agreement() -> Sequence[Figure]:
    """OSQP's and Clarabel's continuous answers, without a limit on names."""
    where = market()
    problem = sma.Problem(market=where, account=_continuous(client(where)))
    values, seconds = [], []
    for solver in ("osqp", "clarabel"):
        report, took = timed(partial(sma.solve, problem, solver))
        values.append(solved(report)[1].objective)
        seconds.append(f"{solver} {took.processor:.2f} s")
    spread = abs(values[0] / values[1] - 1)
    what = "A-stocks without a limit on names: objectives differ"
    return (
        at_most(
            "agreement", f"{what} ({', '.join(seconds)})", spread, 1e-6, "relative"
        ),
    )


def second_account() -> Sequence[Figure]:
    """Seconds of the first account of a book over those of the second, OSQP."""
    where = market()
    first = _continuous(client(where))
    mandate = replace(
        first.mandate, target={"broad": 1.0}, exclude=frozenset({"AAPL", "JPM"})
    )
    second = replace(first, account_id="second", mandate=mandate)
    # Both accounts take both places: a hard account is no slow solver.
    turns = [(first, second), (second, first)] * REPEATS
    ratios = [_ratio(where, turn) for turn in turns]
    what = (
        f"osqp: processor seconds, first over second account, median of {len(ratios)} "
        f"({min(ratios):.2f} to {max(ratios):.2f})"
    )
    ratio = middle(ratios)
    return (
        Figure(
            name="second-account",
            what=what,
            asked=">= 1.4",
            measured=f"{ratio:.2f}",
            met=ratio >= 1.4,
        ),
    )


def _ratio(where: sma.Market, accounts: Sequence[sma.Account]) -> float:
    reports = sma.solve_book(where, accounts, "osqp")
    took = []
    for _ in accounts:
        report, seconds = timed(partial(next, reports))
        solved(report)
        took.append(seconds.processor)
    return took[0] / took[1]


def memory() -> Sequence[Figure]:
    """Peak memory of a process that builds the market and solves one account."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    kibibytes = float(done.stdout)
    what = "market and A-stocks in a process of their own: peak memory"
    return (at_most("memory", what, kibibytes * 1024 / 1e9, 1.5, "GB"),)


def _continuous(account: sma.Account) -> sma.Account:
    mandate = replace(account.mandate, max_names=None, tracking_error_cap=None)
    return replace(account, mandate=mandate)
