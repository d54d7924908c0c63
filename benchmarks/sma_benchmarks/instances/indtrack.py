"""Index tracking of the OR-Library: chosen in sample, judged out of sample.

The first half of the weeks estimates the risk model; the second half, cut into
periods, says what the portfolio did. Before each later period the model is estimated
again from all weeks so far. Limits follow Beasley, Meade and Chang, EJOR 148 (2003):
at most k stocks, each of at least 1 %.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from sma_benchmarks.instances.instance import Instance, PathCase, Period
from sma_benchmarks.instances.paths import path_instance
from sma_benchmarks.instances.reference import Family, folder_of, whole
from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.indtrack import (
    WEEKS_PER_YEAR,
    IndexTracking,
    indtrack_market,
    read_indtrack,
)
from sma_research.portfolio.account import Account
from sma_research.portfolio.mandate import Mandate

SMALLEST: Final = 0.01  # weight of a held stock


def load(values: Mapping[str, str], data: Path | None) -> Instance:
    """One file as a path of one or several periods."""
    folder = folder_of(data, "orlib_indtrack")
    path = folder / f"indtrack{whole(values, 'file', least=1)}.txt"
    tracking = read_indtrack(path)
    weeks, count = tracking.index.size - 1, whole(values, "periods", least=1)
    if count > weeks - weeks // 2:
        raise DataError(f"periods is {count}, expected at most {weeks - weeks // 2}")
    edges = [round(edge) for edge in np.linspace(weeks // 2, weeks, count + 1)]
    account = Account(
        account_id=path.stem,
        cash=1_000_000.0,
        mandate=Mandate(
            target={"index": 1.0},
            kinds=frozenset({"stock"}),
            max_names=whole(values, "k", least=1),
            min_position=SMALLEST,
        ),
    )
    case = PathCase(
        account=account,
        periods=[_period(path, tracking, start, end) for start, end in pairwise(edges)],
    )
    return path_instance(FAMILY, FAMILY.reference(values), case)


def _period(path: Path, tracking: IndexTracking, start: int, end: int) -> Period:
    """From the close of week `start` to that of week `end`."""
    market = indtrack_market(path, weeks=start)
    index = _changes(tracking.index[start : end + 1])
    stock = _changes(tracking.stock[start : end + 1])
    return Period(
        market=market,
        returns=np.vstack([stock.T, index]),
        benchmark_returns=index,
        per_year=WEEKS_PER_YEAR,
        date=market.as_of,
    )


def _changes(level: Vector) -> Vector:
    change: Vector = level[1:] / level[:-1] - 1.0
    return change


FAMILY: Final = Family(
    name="indtrack",
    description="OR-Library index tracking, in and out of sample",
    load=load,
    parameters={"file": "1", "k": "10", "periods": "1"},
    needs_data=True,
)
