"""Factor returns from a panel, and their covariance, by scikit-learn."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import DataError

METHODS: Final = ("principal_components", "factor_analysis")
SHRINKAGES: Final = ("ledoit_wolf", "oas", "none")
LARGE = 500  # smaller side of a panel from which the decomposition is randomized


@dataclass(frozen=True, kw_only=True)
class EstimationSettings:
    """How a factor model is estimated.

    Raises
    ------
    DataError
        A number out of range, or an unknown method or shrinkage.
    """

    factors: int = 20  # to be found, beside observed ones
    periods_per_year: float = 252.0
    min_history: int = 126  # periods that a regression of one asset needs
    specific_floor: float = 0.05  # per square root year
    prior_periods: float = 63.0  # weight of the median specific risk, in periods
    method: str = "principal_components"  # or "factor_analysis"
    shrinkage: str = "ledoit_wolf"  # of factor correlations; or "oas", "none"
    seed: int = 0  # of the randomized decomposition of large panels

    def __post_init__(self) -> None:
        if self.factors < 1 or self.factors != int(self.factors):
            raise DataError(
                f"factors is {self.factors}, expected a whole number from 1"
            )
        if self.min_history < self.factors + 3:
            raise DataError(
                f"min_history is {self.min_history}, expected at least "
                f"{self.factors + 3}, more than {self.factors} factors"
            )
        for name in ("specific_floor", "prior_periods"):
            if not 0.0 <= getattr(self, name) < np.inf:
                raise DataError(f"{name} is {getattr(self, name)}, expected 0 or more")
        if not 0.0 < self.periods_per_year < np.inf:
            raise DataError(
                f"periods_per_year is {self.periods_per_year}, expected > 0"
            )
        for name, known in (("method", METHODS), ("shrinkage", SHRINKAGES)):
            if getattr(self, name) not in known:
                raise DataError(
                    f"{name} is {getattr(self, name)!r}, expected {' or '.join(known)}"
                )


@dataclass(frozen=True, eq=False, kw_only=True)
class FactorReturns:
    """Factors found in a panel."""

    returns: Vector  # (T, k) mean zero; those found are in standardized units
    explained: Vector  # (k,) share of the panel's standardized variance


def factor_returns(
    panel: Vector, observed: Vector, settings: EstimationSettings
) -> FactorReturns:
    """Factors of a panel ``(T, n)`` without gaps: ``(T, j)`` observed, then found.

    Assets are standardized first, which keeps a few violent stocks from becoming
    factors of their own, and cleared of the observed factors. A thin decomposition of
    the panel is used, randomized (seeded) for large ones.
    """
    from sklearn.decomposition import PCA, FactorAnalysis

    standard = (panel - panel.mean(axis=0)) / panel.std(axis=0)
    known = observed - observed.mean(axis=0)
    z = standard - known @ np.linalg.lstsq(known, standard, rcond=None)[0]
    few = min(z.shape) > LARGE and settings.factors < 0.1 * min(z.shape)
    if settings.method == "principal_components":
        solver = "randomized" if few else "full"
        model = PCA(
            settings.factors,
            svd_solver=solver,
            iterated_power=7,
            random_state=settings.seed,
        )
    else:
        model = FactorAnalysis(
            settings.factors,
            svd_method="randomized" if few else "lapack",
            iterated_power=7,
            random_state=settings.seed,
        )
    found = np.asarray(model.fit_transform(z), dtype=np.float64)
    factors = np.column_stack([known, found - found.mean(axis=0)])
    loading = np.linalg.lstsq(factors, standard, rcond=None)[0]
    explained = factors.var(axis=0) * (loading**2).mean(axis=1)
    return FactorReturns(returns=factors, explained=explained)


def shrunk_covariance(returns: Vector, method: str) -> tuple[Vector, float]:
    """Covariance ``(k, k)`` per period, and the shrinkage of its correlations.

    Correlations are shrunk, not variances: the first factor's variance is many times
    the last one's, and shrinking both to their mean would misstate each.
    """
    from sklearn.covariance import OAS, LedoitWolf

    z = returns / returns.std(axis=0)
    if method == "none":
        correlation, shrinkage = z.T @ z / len(z), 0.0
    else:
        fit = {"ledoit_wolf": LedoitWolf, "oas": OAS}[method]().fit(z)
        correlation, shrinkage = fit.covariance_, float(fit.shrinkage_)
    volatility = returns.std(axis=0, ddof=1)
    covariance: Vector = correlation * np.outer(volatility, volatility)
    return 0.5 * (covariance + covariance.T), shrinkage
