"""The minimum buy-in family: 200 to 400 assets, with best known bounds.

Source: Frangioni and Gentile, http://groups.di.unipi.it/optimize/Data/MV.html;
diagonals by semidefinite programming, SIAM J. Optim. 17 (2006).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sma_benchmarks.published.case import Published
from sma_benchmarks.published.mean_variance import MeanVariance

FOLDER = "mv_minbuyin"
SCALE = 1e-2  # variances are near 200


def minimum_buy_in(folder: Path) -> Iterator[Published]:
    """Every instance of the folder, by name."""
    for path in sorted((folder / FOLDER / "instances").glob("*.npz")):
        with np.load(path) as data:
            model = MeanVariance(
                covariance=np.asarray(data["Q"], dtype=float),
                diagonal=np.asarray(data["diag_s"], dtype=float).ravel(),
                mean=np.asarray(data["mu"], dtype=float).ravel(),
                least_return=float(data["rho"]),
                exact_return=False,
                lower=np.asarray(data["l"], dtype=float).ravel(),
                upper=np.asarray(data["u"], dtype=float).ravel(),
                names=None,
                scale=SCALE,
            )
            lower, upper = float(data["best_lb"]), float(data["best_ub"])
        structure, parameters = model.program()
        yield Published(
            name=path.stem,
            family="minimum buy-in",
            structure=structure,
            parameters=parameters,
            lower=SCALE * lower,
            upper=SCALE * upper,
            source=model.source,
        )
