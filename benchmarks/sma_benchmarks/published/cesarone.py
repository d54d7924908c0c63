"""Frontiers of the EURO STOXX 50 with at most K of 48 stocks, K = 2 to 10.

Source: Cesarone, Scozzari, Tardella, data sets of 26 June 2008; "A new method for
mean-variance portfolio optimization with cardinality constraints", Ann. Oper. Res.
205 (2013).

The printed values have five digits and errors beyond them. Trying all triples of
stocks shows printed K = 3 values 1.5e-5 above to 6e-5 below the optimum in the first
200 rows, and ever further below it after that, up to 2.3e-3 at the highest return.
Printed K = 2 values are wrong by up to 12 %; here all pairs are tried instead.
"""

from pathlib import Path
from typing import Final

import numpy as np

from sma_benchmarks.published.case import Published
from sma_benchmarks.published.mean_variance import MeanVariance
from sma_research.arrays import Vector
from sma_research.errors import DataError

FOLDER: Final = Path("cesarone_cardinality_frontiers", "EUROSTOXX_50")
NAMES: Final = range(2, 11)  # K of the printed columns
ROWS: Final = 500
SCALE: Final = 1e4  # variances are near 2e-4 a week
LEAST: Final = 0.01  # weight of a held stock
DIGIT: Final = SCALE * 0.5e-8  # half a unit of the last printed digit
CLOSE_ROWS: Final = 200  # where printed values are within CLOSE, relative
CLOSE: Final = 1e-4
FAR: Final = 2.6e-3


def cesarone(folder: Path, names: int, row: int) -> Published:
    """One point of the frontier: at most `names` stocks, the return of a `row`.

    Raises
    ------
    DataError
        A number of names or a row that was not printed.
    """
    if names not in NAMES or not 0 <= row < ROWS:
        raise DataError(
            f"no value is printed for {names} names in row {row}, expected "
            f"{NAMES.start} to {NAMES.stop - 1} names in row 0 to {ROWS - 1}"
        )
    covariance, mean, frontier = _load(folder / FOLDER)
    n = covariance.shape[0]
    smallest = float(np.linalg.eigvalsh(covariance)[0])
    model = MeanVariance(
        covariance=covariance,
        diagonal=np.full(n, 0.999 * smallest),
        mean=mean,
        least_return=float(frontier[row, 0]),
        exact_return=True,
        lower=np.full(n, LEAST),
        upper=np.ones(n),
        names=names,
        scale=SCALE,
    )
    structure, parameters = model.program()
    value, error = SCALE * float(frontier[row, names - 1]), DIGIT
    error += value * (CLOSE if row < CLOSE_ROWS else FAR)
    if names == 2:
        value, error = SCALE * best_pair(covariance, mean, model.least_return), 0.0
    return Published(
        name=f"eurostoxx50 K={names} row={row}",
        family="cesarone",
        structure=structure,
        parameters=parameters,
        lower=value - error,
        upper=value + error,
        source=model.source,
    )


def best_pair(covariance: Vector, mean: Vector, level: float) -> float:
    """Least variance of two held assets with a given return, every pair tried.

    Infinite where no pair reaches the return.
    """
    i, j = np.triu_indices(mean.size, 1)
    x = (level - mean[j]) / (mean[i] - mean[j])
    held = (x >= LEAST) & (x <= 1.0 - LEAST)
    i, j, x = i[held], j[held], x[held]
    own = x**2 * covariance[i, i] + (1.0 - x) ** 2 * covariance[j, j]
    variance = own + 2.0 * x * (1.0 - x) * covariance[i, j]
    return float(variance.min(initial=np.inf))


def _load(base: Path) -> tuple[Vector, Vector, Vector]:
    """Covariance (n, n), mean (n,), frontier (500, 11): return, K = 2 to 10, all."""
    return (
        np.loadtxt(base / "data" / "Cov48.txt"),
        np.loadtxt(base / "data" / "MRet48.txt"),
        np.loadtxt(base / "solutions" / "RetRisk48_SolVal.txt", usecols=range(11)),
    )
