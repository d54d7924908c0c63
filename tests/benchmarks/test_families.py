"""Families: what each instance holds, and that its numbers are the published ones."""

from pathlib import Path

import numpy as np
import pytest
from sma_benchmarks.instances.catalog import FAMILIES, load
from sma_benchmarks.instances.instance import (
    AccountCase,
    BookCase,
    InstanceKind,
    PathCase,
    ProgramCase,
)

import sma_research as sma
from sma_research.errors import DataError
from sma_research.program.registry import load_backend

# What the package taxrebalance 0.2.0 answers at these sizes, USD.
SCALE_TASK = {20: -1431.00, 50: -3734.62, 100: -7819.22}


@pytest.mark.parametrize(("n", "dollars"), SCALE_TASK.items())
def test_lots_is_the_scale_task_to_the_cent(n: int, dollars: float) -> None:
    instance = load(f"lots:n={n}", None)
    assert (instance.n_assets, instance.n_lots) == (n, 3 * n)
    assert isinstance(instance.case, AccountCase)
    report = sma.solve(instance.case.problem, "clarabel")
    assert report.metrics is not None
    found = report.metrics.objective * instance.case.problem.value
    assert found == pytest.approx(dollars, abs=0.01)


def test_scaling_spreads_lots_over_names() -> None:
    instance = load("scaling:n=200,k=50,lots=150,factors=5", None)
    assert (instance.n_lots, instance.k_names) == (150, 50)
    assert isinstance(instance.case, AccountCase)
    count = np.unique(instance.case.problem.lot_asset, return_counts=True)[1]
    assert set(count) == {3}
    assert load("scaling:n=200,k=50", None).n_lots == 0
    with pytest.raises(DataError, match="at most 20 each"):
        load("scaling:n=200,k=10,lots=1000", None)


def test_a_book_has_accounts_of_three_kinds_that_share_their_shape() -> None:
    instance = load("books:accounts=9,n=120,factors=4,held=20", None)
    assert isinstance(instance.case, BookCase)
    accounts = instance.case.accounts
    listed = [len(account.mandate.exclude) for account in accounts]
    assert all(1 <= count <= 2 for count in listed[::3])
    assert listed[1::3] == [8] * 3
    assert [bool(account.mandate.screens) for account in accounts[2::3]] == [True] * 3
    assert len({account.account_id for account in accounts}) == 9
    assert {account.lots.size for account in accounts} == {20}
    statuses = {r.status for r in sma.solve_book(instance.case.market, accounts)}
    assert statuses <= {sma.Status.OPTIMAL, sma.Status.FEASIBLE}


def test_a_longer_book_begins_with_the_shorter_one() -> None:
    short, long = (
        load(f"books:accounts={count},n=60,factors=3,held=10", None).case
        for count in (3, 5)
    )
    assert isinstance(short, BookCase)
    assert isinstance(long, BookCase)
    for one, other in zip(short.accounts, long.accounts, strict=False):
        assert np.array_equal(one.lots.quantity, other.lots.quantity)
        assert one.mandate == other.mandate


@pytest.mark.parametrize("name", [n for n, f in FAMILIES.items() if f.needs_data])
def test_real_data_that_is_absent_is_refused(tmp_path: Path, name: str) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(DataError, match="SMA_DATA"):
            load(name, folder)


@pytest.mark.data
@pytest.mark.parametrize("periods", [1, 4])
def test_indtrack_is_judged_on_weeks_it_has_not_seen(
    shared_data: Path, periods: int
) -> None:
    instance = load(f"indtrack:file=1,periods={periods}", shared_data)
    case = instance.case
    assert isinstance(case, PathCase)
    assert (instance.n_assets, instance.k_names) == (32, 10)
    assert len(case.periods) == periods
    assert sum(p.benchmark_returns.size for p in case.periods) == 145
    for period in case.periods:
        assert period.per_year == 52.0
        assert np.array_equal(period.returns[-1], period.benchmark_returns)
    dates = [period.date for period in case.periods]
    assert dates == sorted(set(dates))


@pytest.mark.data
def test_sp500_knows_nothing_of_the_future(shared_data: Path) -> None:
    case = load("sp500:periods=2", shared_data).case
    assert isinstance(case, PathCase)
    first, second = case.periods
    assert first.returns.shape == (470, 63)
    price = np.asarray(first.market.universe.price)
    grown = price * np.prod(1.0 + first.returns, axis=1)
    assert np.allclose(grown, second.market.universe.price)
    weight = np.asarray(first.market.benchmarks["broad"])
    total = float(weight @ np.prod(1.0 + first.returns, axis=1))
    assert np.prod(1.0 + first.benchmark_returns) == pytest.approx(total)
    assert not np.array_equal(first.market.risk_model.s, second.market.risk_model.s)


@pytest.mark.data
@pytest.mark.parametrize(
    ("reference", "columns", "binaries"),
    [("minbuyin:n=200,letter=a", 600, 200), ("frontiers:k=5,row=100", 144, 48)],
)
def test_published_programs(
    shared_data: Path, reference: str, columns: int, binaries: int
) -> None:
    instance = load(reference, shared_data)
    assert isinstance(instance.case, ProgramCase)
    assert instance.kind is InstanceKind.PROGRAM
    assert instance.n_assets == columns
    assert instance.case.structure.integer.sum() == binaries
    assert 0 < instance.case.lower <= instance.case.upper


@pytest.mark.data
@pytest.mark.parametrize("name", ["HS21", "CVXQP1_S", "DUALC1", "QAFIRO"])
def test_convex_programs_reach_their_optimum(shared_data: Path, name: str) -> None:
    case = load(f"convex:name={name}", shared_data).case
    assert isinstance(case, ProgramCase)
    session = load_backend("clarabel").compile(case.structure, sma.Settings())
    answer = session.solve(case.parameters)
    assert answer.objective == pytest.approx(case.upper, rel=case.precision, abs=1e-4)


@pytest.mark.data
@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("minbuyin:n=250", "pard250_a"),
        ("frontiers:k=11", "k is 11"),
        ("convex:name=HS99", "HS99"),
        ("indtrack:file=9", "not there"),
        ("indtrack:periods=900", "at most 145"),
        ("sp500:periods=12", "at most 11"),
    ],
)
def test_what_the_data_does_not_have_is_refused(
    shared_data: Path, reference: str, says: str
) -> None:
    with pytest.raises(DataError, match=says):
        load(reference, shared_data)
