"""OR-Library index tracking files: real ones, and headers that lie."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from sma_research.errors import DataError
from sma_research.markets.indtrack import indtrack_market, read_indtrack
from sma_research.portfolio.account import Account
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.problem import Problem


def write(folder: Path, stocks: int, *, header: int | None = None) -> Path:
    """An instance of 100 weeks: stocks of beta one around an index."""
    generator = np.random.default_rng(0)
    index = 0.02 * generator.standard_normal(100)
    own = 0.03 * generator.standard_normal((100, stocks))
    change = np.column_stack([index, index[:, None] + own])
    levels = np.vstack(
        [np.full(stocks + 1, 50.0), 50.0 * np.cumprod(1 + change, axis=0)]
    )
    text = f" {header or stocks} \n 100 \n" + "\n".join(
        " ".join(f"{value:.8f}" for value in series) for series in levels.T
    )
    path = folder / "toy.txt"
    path.write_text(text)
    return path


def test_reads_index_and_stocks(tmp_path: Path) -> None:
    tracking = read_indtrack(write(tmp_path, 12))
    assert tracking.index.shape == (101,)
    assert tracking.stock.shape == (101, 12)
    assert tracking.index[0] == 50.0


def test_a_header_that_lies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="header says 11 stocks, but 12 follow"):
        read_indtrack(write(tmp_path, 12, header=11))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not start with N and T"),
        ("1 1 5 6 7", "1 series of 2 and 1 more"),
        ("1 1 5 6 7 x", "no list of numbers"),
        ("1 1 5 6 7 0", "stock 1 in week 1 is 0, expected above 0"),
        ("1 1 5 -6 7 1", "the index in week 1 is -6"),
    ],
)
def test_refusals(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_indtrack(path)
    with pytest.raises(DataError, match="is not there"):
        read_indtrack(tmp_path / "none.txt")


def test_the_index_is_the_benchmark_and_cannot_be_held(tmp_path: Path) -> None:
    path = write(tmp_path, 12)
    market = indtrack_market(path)
    mandate = Mandate(target={"index": 1.0}, kinds={"stock"})
    account = Account(account_id="tracker", cash=1.0, mandate=mandate)
    problem = Problem(market=market, account=account)
    assert market.universe.asset[-1] == "INDEX"
    assert problem.weight_upper.tolist() == [1.0] * 12 + [0.0]
    assert problem.benchmark.tolist() == [0.0] * 12 + [1.0]
    assert market.risk_model.s[-1] == 0.0
    weight = np.append(np.full(12, 1 / 12), 0.0)
    tracking = read_indtrack(path)
    change = tracking.stock[1:] / tracking.stock[:-1] - 1.0
    index = tracking.index[1:] / tracking.index[:-1] - 1.0
    realized = (change.mean(axis=1) - index).std() * np.sqrt(52)
    error = market.risk_model.tracking_error(problem.active(weight))
    assert error == pytest.approx(realized, rel=0.15)


def test_a_market_in_the_past_sees_no_future(tmp_path: Path) -> None:
    path = write(tmp_path, 12)
    early, late = indtrack_market(path, weeks=80), indtrack_market(path)
    tracking = read_indtrack(path)
    assert np.asarray(early.universe.price)[:-1].tolist() == tracking.stock[80].tolist()
    assert late.as_of - early.as_of == timedelta(weeks=20)
    with pytest.raises(DataError, match="weeks is 101, expected from 1 to 100"):
        indtrack_market(path, weeks=101)


@pytest.mark.data
@pytest.mark.parametrize(
    ("instance", "stocks"), [(1, 31), (2, 85), (3, 89), (4, 98), (5, 225)]
)
def test_real_instances(shared_data: Path, instance: int, stocks: int) -> None:
    path = shared_data / "orlib_indtrack" / f"indtrack{instance}.txt"
    tracking = read_indtrack(path)
    assert tracking.stock.shape == (291, stocks)
    market = indtrack_market(path)
    active = np.append(np.full(stocks, 1.0 / stocks), -1.0)
    change = tracking.stock[1:] / tracking.stock[:-1] - 1.0
    index = tracking.index[1:] / tracking.index[:-1] - 1.0
    realized = (change.mean(axis=1) - index).std() * np.sqrt(52)
    assert market.risk_model.tracking_error(active) == pytest.approx(realized, rel=0.15)
