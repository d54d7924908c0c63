"""Index tracking instances in the text format of the OR-Library (J. E. Beasley).

Number of stocks N, number of periods T, then the index at t = 0 ... T, then each stock
at t = 0 ... T, all separated by blanks. Beasley, Meade and Chang, European Journal of
Operational Research 148 (2003); Canakgoz and Beasley, ibid. 196 (2009).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sma_research.arrays import Vector, frozen_vector
from sma_research.errors import DataError
from sma_research.markets.factor_model import estimate_factor_model
from sma_research.markets.factor_returns import EstimationSettings
from sma_research.markets.prices import returns
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.risk import RiskModel
from sma_research.portfolio.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

INDEX = "INDEX"
WEEKS_PER_YEAR = 52.0
# the files carry no dates; the last week is given this one, and only it is made up
LAST_WEEK = date(1997, 9, 26)


@dataclass(frozen=True, eq=False, kw_only=True)
class IndexTracking:
    """Weekly levels of an index and of its stocks."""

    source: str
    index: Vector  # (T + 1,)
    stock: Vector  # (T + 1, N)


def read_indtrack(path: Path) -> IndexTracking:
    """Read an instance.

    Raises
    ------
    DataError
        A file that is no list of numbers, a header that disagrees with the number of
        series that follow, or a level that is not above zero.
    """
    path = Path(path)
    numbers = _read_numbers(path)
    if numbers.size < 2 or numbers[0] < 1 or numbers[1] < 1:
        raise DataError(f"{path} does not start with N and T, expected two counts")
    stocks, length = int(numbers[0]), int(numbers[1]) + 1
    series, rest = divmod(numbers.size - 2, length)
    if rest:
        raise DataError(
            f"{path}: {numbers.size - 2} values are {series} series of {length} and "
            f"{rest} more, expected whole series; the file is cut or padded"
        )
    if series != stocks + 1:
        raise DataError(
            f"{path}: the header says {stocks} stocks, but {series - 1} follow after "
            "the index; expected the two to agree"
        )
    levels = numbers[2:].reshape(series, length).T
    bad = np.argwhere(levels <= 0)
    if bad.size:
        week, column = (int(i) for i in bad[0])
        what = "the index" if column == 0 else f"stock {column}"
        raise DataError(
            f"{path}: {what} in week {week} is {levels[week, column]:g}, "
            "expected above 0"
        )
    return IndexTracking(
        source=path.name,
        index=frozen_vector(levels[:, 0]),
        stock=frozen_vector(levels[:, 1:]),
    )


def indtrack_panel(tracking: IndexTracking) -> "pd.DataFrame":
    """Levels as weeks by assets: INDEX, then S0001, S0002, ..."""
    import pandas as pd

    weeks = tracking.index.size
    names = [f"S{i:04d}" for i in range(1, tracking.stock.shape[1] + 1)]
    return pd.DataFrame(
        np.column_stack([tracking.index, tracking.stock]),
        columns=[INDEX, *names],
        index=pd.date_range(end=LAST_WEEK, periods=weeks, freq="7D"),
    )


def indtrack_market(
    path: Path,
    *,
    weeks: int | None = None,
    settings: EstimationSettings | None = None,
) -> Market:
    """Market of an instance after some weeks, all of them when omitted.

    The files give no index weights, so the index itself is the benchmark: the last
    asset, INDEX, has weight one in ``benchmarks["index"]``. It is of kind "etf" and has
    no basket; a mandate with ``kinds={"stock"}`` cannot hold it, which is the tracking
    problem.

    The index is also the first factor of the risk model, observed, so INDEX has
    exposure one to it and no specific risk; the other factors are found in what the
    index leaves of the stocks. Prices are the last levels. The date is made up, since
    the files have none.

    Raises
    ------
    DataError
        What `read_indtrack` and `estimate_factor_model` refuse, or ``weeks`` outside
        the file.
    """
    tracking = read_indtrack(path)
    last = tracking.index.size - 1
    weeks = last if weeks is None else weeks
    if not 1 <= weeks <= last:
        raise DataError(f"weeks is {weeks}, expected from 1 to {last}, as in {path}")
    panel = indtrack_panel(tracking).iloc[: weeks + 1]
    stocks = [name for name in panel.columns if name != INDEX]
    settings = settings or _settings(len(stocks), weeks)
    change = returns(panel)
    estimate = estimate_factor_model(
        change[stocks], assets=stocks, observed=change[[INDEX]], settings=settings
    )
    model = estimate.risk_model
    n = len(stocks)
    return Market(
        as_of=LAST_WEEK - timedelta(weeks=last - weeks),
        universe=Universe(
            asset=[*stocks, INDEX],
            price=panel.iloc[-1][[*stocks, INDEX]].to_numpy(),
            sector=["Unknown"] * n + ["Index"],
            industry=["Unknown"] * n + ["Index"],
            kind=["stock"] * n + ["etf"],
        ),
        risk_model=RiskModel(
            factor_exposure=np.vstack([model.X, np.eye(1, model.factors)]),
            factor_covariance=model.F,
            specific_risk=np.append(model.s, 0.0),
        ),
        benchmarks={"index": np.append(np.zeros(n), 1.0)},
    )


def _settings(stocks: int, weeks: int) -> EstimationSettings:
    """Up to ten factors, fewer where stocks or weeks are few."""
    return EstimationSettings(
        factors=max(1, min(10, stocks // 3, weeks // 5)),
        periods_per_year=WEEKS_PER_YEAR,
        min_history=min(52, weeks),
        prior_periods=13.0,
    )


def _read_numbers(path: Path) -> Vector:
    try:
        return np.array(path.read_text(encoding="ascii").split(), dtype=np.float64)
    except FileNotFoundError as error:
        raise DataError(f"{path} is not there, expected an OR-Library file") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no list of numbers: {error}") from error
