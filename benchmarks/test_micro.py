"""Micro-benchmarks: ``pytest benchmarks --benchmark-only``.

Each keeps verified figures of its answer beside the seconds, in ``extra_info``:
seconds of a wrong answer are worth nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np
import pytest
from sma_benchmarks.figures.exact import small
from sma_benchmarks.figures.figure import client, market

import sma_research as sma
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.portfolio.audit import audit
from sma_research.program.certificate import certify

T = TypeVar("T")
Benchmark = Any  # pytest-benchmark's fixture, untyped


def timed(benchmark: Benchmark, action: Callable[[], T], rounds: int = 5) -> T:
    """The result of the last round."""
    return cast(T, benchmark.pedantic(action, rounds=rounds, warmup_rounds=1))


def verified(benchmark: Benchmark, report: sma.Report) -> None:
    """Demand an answer that passed the audit, and keep its figures."""
    assert report.solved, report.message
    assert report.metrics is not None
    error, bound = report.metrics.tracking_error, report.certified_bound
    assert bound is not None
    benchmark.extra_info.update(
        tracking_error_bp=1e4 * error,
        names=report.metrics.names,
        certified_gap=(report.metrics.objective - bound) / report.metrics.objective,
    )


@pytest.fixture(scope="module")
def problem() -> sma.Problem:
    """Client A on 3,000 stocks and 70 factors."""
    where = market()
    return sma.Problem(market=where, account=client(where))


@pytest.fixture(scope="module")
def report(problem: sma.Problem) -> sma.Report:
    return sma.solve(problem)


def test_build(benchmark: Benchmark, problem: sma.Problem) -> None:
    layout = Layout(market=problem.market, shape=shape_of(problem))
    program = timed(benchmark, lambda: build(problem, layout))
    r, p = program.structure.A.shape
    assert p > 2 * problem.market.universe.size
    benchmark.extra_info.update(rows=r, columns=p, entries=program.structure.A.nnz)


def test_certificate(
    benchmark: Benchmark, problem: sma.Problem, report: sma.Report
) -> None:
    layout = Layout(market=problem.market, shape=shape_of(problem))
    program = build(problem, layout)
    assert report.certificate is not None
    y, cap_y = report.certificate.y, report.certificate.cap_y
    s, d = program.structure, program.parameters
    found = timed(benchmark, lambda: certify(s, d, y, cap_y=cap_y))
    assert np.isclose(found.bound, report.certificate.bound)
    verified(benchmark, report)


def test_audit(benchmark: Benchmark, problem: sma.Problem, report: sma.Report) -> None:
    assert report.rebalance is not None
    rebalance = report.rebalance
    findings = timed(benchmark, lambda: audit(problem, rebalance))
    assert not findings
    verified(benchmark, report)


def test_small_solve(benchmark: Benchmark) -> None:
    problem = small(40, 10)
    verified(benchmark, timed(benchmark, lambda: sma.solve(problem)))


def test_second_account(benchmark: Benchmark, problem: sma.Problem) -> None:
    account = problem.account
    free = replace(account.mandate, max_names=None, tracking_error_cap=None)
    first = replace(account, mandate=free)
    other = replace(free, target={"broad": 1.0}, exclude=frozenset({"AAPL", "JPM"}))
    second = replace(account, account_id="second", mandate=other)

    def ready() -> tuple[tuple[Any, ...], dict[str, Any]]:
        reports = sma.solve_book(problem.market, (first, second), "osqp")
        assert next(reports).solved
        return (reports,), {}

    report = benchmark.pedantic(next, setup=ready, rounds=5)
    verified(benchmark, report)
