"""The market on one date: universe, risk, benchmarks, and baskets of funds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import eye_array

from sma_research.arrays import Mask, Matrix, Vector, frozen_vector, sparse
from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import (
    require_at_least,
    require_date,
    require_finite,
    require_known,
    require_shape,
)
from sma_research.portfolio.look_through import LookThrough
from sma_research.portfolio.risk import RiskModel
from sma_research.portfolio.universe import Universe


@dataclass(frozen=True, eq=False, kw_only=True)
class Market:
    """What all accounts of one date share.

    Raises
    ------
    DataError
        A date with a time of day, a benchmark that does not sum to one or holds a negative weight, or parts
        of different sizes.
    """

    as_of: date
    universe: Universe
    risk_model: RiskModel
    benchmarks: Mapping[str, ArrayLike]  # name -> (n,) weights, sum to one
    look_through: LookThrough | None = None

    def __post_init__(self) -> None:
        require_fields(self)
        n = self.universe.size
        require_date("as_of", self.as_of)
        require_shape("specific_risk", self.risk_model.s, (n,))
        if not self.benchmarks:
            raise DataError("the market has no benchmark, expected at least one")
        frozen = {
            name: frozen_vector(b, f"benchmark {name!r}")
            for name, b in self.benchmarks.items()
        }
        for name, weights in frozen.items():
            what = f"benchmark {name!r} weight"
            require_shape(what, weights, (n,))
            require_finite(what, weights, self.universe.asset)
            require_at_least(what, weights, 0.0, self.universe.asset)
            if abs(weights.sum() - 1.0) > 1e-6:
                raise DataError(
                    f"benchmark {name!r} sums to {weights.sum():.8f}, expected 1"
                )
        object.__setattr__(self, "benchmarks", frozen)
        _ = self.baskets  # refuses baskets of another universe

    def blend(self, target: Mapping[str, float]) -> Vector:
        """Benchmark weights ``(n,)`` of a target blend.

        Raises
        ------
        DataError
            An unknown benchmark, or shares that do not sum to one.
        """
        require_known("target", target, self.benchmarks)
        total = sum(target.values())
        if not np.isfinite(total) or abs(total - 1.0) > 1e-9:
            raise DataError(f"target shares sum to {total}, expected 1")
        blended = sum(
            share * np.asarray(self.benchmarks[name]) for name, share in target.items()
        )
        return frozen_vector(blended)

    @cached_property
    def baskets(self) -> Matrix:
        """W ``(n, n)``, sparse: every asset as a basket of assets."""
        if self.look_through is None:
            return sparse(eye_array(self.universe.size))
        return self.look_through.matrix(self.universe)

    @cached_property
    def residual_risk(self) -> Vector:
        """Risk of a fund beyond its basket ``(n,)``, zero for stocks."""
        if self.look_through is None:
            return np.zeros(self.universe.size)
        return self.look_through.residual(self.universe)

    @cached_property
    def is_fund(self) -> Mask:
        """Assets that are seen as a basket of others ``(n,)``."""
        diagonal = np.asarray(self.baskets.diagonal())
        return np.asarray(diagonal < 1.0 - 1e-12, dtype=np.bool_)

    @cached_property
    def basket_exposure(self) -> Vector:
        """Factor exposure of every asset as a basket, ``W X`` ``(n, k)``."""
        exposure: Vector = np.asarray(self.baskets @ self.risk_model.X)
        return exposure
