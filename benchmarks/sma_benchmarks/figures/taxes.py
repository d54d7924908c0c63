"""Figures of taxes: what they cost a continuous program, and a public package beside."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import numpy as np

import sma_research as sma
from sma_benchmarks.figures.figure import (
    Figure,
    Took,
    at_most,
    middle,
    solved,
    timed,
)
from sma_benchmarks.instances.instance import AccountCase
from sma_benchmarks.instances.lots import FAMILY
from sma_benchmarks.judging.repair import from_weights
from sma_benchmarks.peers.tax_rebalance import TaxRebalance
from sma_benchmarks.task import Budget
from sma_research.errors import BackendError, UnsupportedProgram
from sma_research.portfolio.metrics import objective

NAMES, LOTS, SEED = 1000, 1500, 7
REPEATS: Final = 7
TASK: Final = {"n": "500", "lots": "3", "seed": "19"}


def tax_aware() -> Sequence[Figure]:
    """Seconds of the whole account with taxes over those without, 1,500 lots.

    By exact netting, every further solve counted; the linear model beside it, whose
    losses without an end leave sides to choose.
    """
    problem, blind = owner(), _wishing(tax_aversion=0.0)
    linear = _wishing(tax_model="linear")
    out = []
    for solver in ("clarabel", "osqp"):
        turns = [
            [timed(partial(sma.solve, one, solver)) for one in (problem, linear, blind)]
            for _ in range(REPEATS)
        ]
        report = turns[0][0][0]
        what = (
            f"{solver}: {NAMES} names, {LOTS} lots, whole account by exact netting over "
            f"tax-blind ({_count(report, 'netting_solves')} of 2 cases, "
            f"{_count(report, 'side_solves')} solves for sides, {report.status})"
        )
        out.append(at_most("tax-aware", what, _ratio(turns, 0), 1.5, "times"))
        report = turns[0][1][0]
        out.append(
            Figure(
                name="tax-aware",
                what=f"{solver}: by the linear model "
                f"({_count(report, 'side_solves')} solves for sides)",
                asked="-",
                measured=f"{_ratio(turns, 1):.2f} times",
                met=None,
            )
        )
    return tuple(out)


def _ratio(turns: Sequence[Sequence[tuple[sma.Report, Took]]], which: int) -> float:
    """Median over turns of the processor seconds of one over the last."""
    return middle([turn[which][1].processor / turn[-1][1].processor for turn in turns])


def _wishing(**wishes: Any) -> sma.Problem:
    problem = owner()
    mandate = replace(problem.account.mandate, **wishes)
    return replace(problem, account=replace(problem.account, mandate=mandate))


def tax_rebalance() -> Sequence[Figure]:
    """The package taxrebalance 0.2.0 on its own scale task, beside the default solver."""
    instance = FAMILY.load(TASK, None)
    if not isinstance(instance.case, AccountCase):
        raise UnsupportedProgram("the scale task is no account, expected one")
    problem = instance.case.problem
    peer = TaxRebalance()
    if not peer.probe().usable:
        raise BackendError("taxrebalance is not installed, expected the extra peers")
    theirs, took = timed(lambda: peer.weights(problem, Budget(), 0))
    if theirs.weight is None:
        raise BackendError(f"taxrebalance has no answer: {theirs.message}")
    # Its weights, sold from the cheapest lots, by the one definition of the objective.
    dollars = objective(problem, from_weights(problem, theirs.weight)) * problem.value
    runs = [timed(partial(_fresh, problem)) for _ in range(REPEATS)]
    _, metrics = solved(runs[0][0])
    ours = metrics.objective * problem.value
    return _beside(ours, dollars, took, [one for _, one in runs])


def _beside(
    ours: float, theirs: float, took: Took, runs: list[Took]
) -> Sequence[Figure]:
    processor = middle([run.processor for run in runs])
    clock = middle([run.clock for run in runs])
    ratio = took.processor / processor
    return (
        at_most(
            "taxrebalance",
            f"{ours:,.2f} USD beside {theirs:,.2f} USD",
            abs(ours - theirs),
            0.01,
            "USD",
        ),
        Figure(
            name="taxrebalance",
            what=f"{processor:.3f} s of the processor beside "
            f"{took.processor:.1f} s ({clock:.3f} s by the clock beside "
            f"{took.clock:.1f} s)",
            asked=">= 500 times",
            measured=f"{ratio:.0f} times",
            met=ratio >= 500,
        ),
    )


def owner() -> sma.Problem:
    """An account on 1,000 stocks with 1,500 lots of the 500 largest of them."""
    market = sma.synthetic_market(n_assets=NAMES)
    rng, benchmark = np.random.default_rng(SEED), np.asarray(market.benchmarks["broad"])
    largest = np.argsort(-benchmark, kind="stable")[: LOTS // 3]
    asset = np.repeat(largest, 3)
    price = np.asarray(market.universe.price)[asset]
    share = benchmark[largest] / benchmark[largest].sum()
    value = np.repeat(share, 3) * 1e7 * rng.uniform(0.1, 0.6, LOTS)
    days = rng.integers(31, 1500, LOTS)
    account = sma.Account(
        account_id="owner",
        cash=1e5,
        mandate=sma.Mandate(target={"broad": 1.0}, kinds={"stock"}, max_weight=0.05),
        lots=sma.Lots(
            asset=[market.universe.asset[int(i)] for i in asset],
            shares=value / price,
            cost_per_share=price * rng.uniform(0.72, 1.3, LOTS),
            acquired=[market.as_of - timedelta(days=int(day)) for day in days],
        ),
    )
    return sma.Problem(market=market, account=account)


def _count(report: sma.Report, name: str) -> int:
    return int(report.counters.get(name, 0.0))


def _fresh(problem: sma.Problem) -> sma.Report:
    """Solve an account of which nothing is known yet."""
    again = sma.Problem(market=problem.market, account=problem.account)
    return sma.solve(again)
