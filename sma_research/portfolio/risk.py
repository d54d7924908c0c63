r"""Factor risk: ``covariance = X F X' + diag(specific_risk**2)``, never formed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from sma_research.arrays import Vector, frozen_vector
from sma_research.errors import DataError
from sma_research.portfolio.checks import (
    require_at_least,
    require_finite,
    require_shape,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class RiskModel:
    r"""A linear factor risk model of annual, decimal returns.

    .. math:: \sigma^2(a) = (X^T a)^T F (X^T a) + \sum_i s_i^2 a_i^2

    Raises
    ------
    DataError
        Shapes that do not agree, values that are not finite, negative specific
        risk, or a factor covariance that is not positive semidefinite.
    """

    factor_exposure: ArrayLike  # (n, k) X
    factor_covariance: ArrayLike  # (k, k) F, per year
    specific_risk: ArrayLike  # (n,) s, volatility per square root year

    def __post_init__(self) -> None:
        for name in ("factor_exposure", "factor_covariance", "specific_risk"):
            object.__setattr__(self, name, frozen_vector(getattr(self, name), name))
        X, F, s = self.X, self.F, self.s
        if X.ndim != 2:
            raise DataError(f"factor_exposure is {X.shape}, expected (assets, factors)")
        n, k = X.shape
        require_shape(f"factor_covariance, with {k} factors,", F, (k, k))
        require_shape(f"specific_risk, with {n} assets,", s, (n,))
        for name in ("factor_exposure", "factor_covariance", "specific_risk"):
            require_finite(name, getattr(self, name))
        require_at_least("specific_risk", s, 0.0)
        if k and not np.allclose(F, F.T, rtol=1e-8, atol=1e-14):
            raise DataError("factor_covariance is not symmetric")
        if k and self._eigenvalues[0][0] < -1e-9 * max(self._eigenvalues[0][-1], 1e-12):
            raise DataError(
                f"factor_covariance is not positive semidefinite: its smallest "
                f"eigenvalue is {self._eigenvalues[0][0]:.3g}, expected 0 or more"
            )

    @property
    def X(self) -> Vector:
        """Factor exposure ``(n, k)``."""
        return self.factor_exposure  # type: ignore[return-value]

    @property
    def F(self) -> Vector:
        """Factor covariance ``(k, k)`` per year."""
        return self.factor_covariance  # type: ignore[return-value]

    @property
    def s(self) -> Vector:
        """Specific risk ``(n,)`` per square root year."""
        return self.specific_risk  # type: ignore[return-value]

    @property
    def factors(self) -> int:
        """Number of factors k."""
        return int(self.X.shape[1])

    @cached_property
    def _eigenvalues(self) -> tuple[Vector, Vector]:
        values, vectors = np.linalg.eigh(0.5 * (self.F + self.F.T))
        return values, vectors

    @cached_property
    def factor_root(self) -> Vector:
        """R ``(k, k)``, symmetric, with ``R @ R = F``."""
        values, vectors = self._eigenvalues
        root: Vector = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
        return root

    def variance(self, active: Vector) -> float:
        """Annual variance of an active weight vector ``(n,)``."""
        exposure = self.X.T @ active
        return float(exposure @ self.F @ exposure + np.sum((self.s * active) ** 2))

    def tracking_error(self, active: Vector) -> float:
        """Ex-ante annual volatility of an active weight vector ``(n,)``."""
        return float(np.sqrt(max(self.variance(np.asarray(active, dtype=float)), 0.0)))
