r"""Funds seen as the baskets they hold.

.. math:: \alpha = W^T h - b

Row *i* of ``W`` is asset *i* as a basket: a stock is itself, a fund is its
constituents. What a fund's basket does not cover stays on the fund's own row of
the risk model, so every row of ``W`` sums to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array

from sma_research.arrays import Matrix, Vector, frozen_vector, sparse
from sma_research.errors import DataError
from sma_research.portfolio.checks import (
    require_at_least,
    require_finite,
    require_known,
    require_shape,
    require_unique,
)
from sma_research.portfolio.universe import Universe


@dataclass(frozen=True, eq=False, kw_only=True)
class LookThrough:
    """Constituents of funds, in the order of the universe.

    Raises
    ------
    DataError
        Negative constituent weights, a basket above 100 %, or a fund twice.
    """

    fund: Sequence[str]  # (e,) identifiers
    constituents: object  # (e, n) sparse or dense, fraction of the fund
    residual_risk: ArrayLike  # (e,) wrapper's own volatility per square root year

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "fund", tuple(str(fund) for fund in self.fund))
        require_unique("fund", self.fund)
        put(self, "constituents", sparse(self.constituents))
        put(self, "residual_risk", frozen_vector(self.residual_risk))
        e = len(self.fund)
        if self.baskets.shape[0] != e:
            raise DataError(f"{self.baskets.shape[0]} baskets for {e} funds")
        require_shape("residual_risk", self.residual_risk, (e,))  # type: ignore[arg-type]
        require_finite("residual_risk", self.residual_risk, self.fund)  # type: ignore[arg-type]
        require_at_least("residual_risk", self.residual_risk, 0.0, self.fund)  # type: ignore[arg-type]
        require_finite("constituent weight", self.baskets.data)
        require_at_least("constituent weight", self.baskets.data, 0.0)
        covered: Vector = np.asarray(self.baskets.sum(axis=1)).ravel()
        if (covered > 1.0 + 1e-6).any():
            worst = int(covered.argmax())
            raise DataError(
                f"the basket of {self.fund[worst]} sums to {covered[worst]:.6f}, "
                "expected at most 1"
            )

    @property
    def baskets(self) -> Matrix:
        """Constituent weights ``(e, n)``."""
        return self.constituents  # type: ignore[return-value]

    def matrix(self, universe: Universe) -> Matrix:
        """W ``(n, n)``, sparse: identity but for the rows of funds."""
        n = universe.size
        if self.baskets.shape[1] != n:
            raise DataError(
                f"baskets cover {self.baskets.shape[1]} assets, the universe has {n}"
            )
        require_known("look-through fund", self.fund, universe.asset)
        row = universe.positions("look-through fund", list(self.fund))
        own = np.ones(n)
        own[row] = np.clip(1.0 - np.asarray(self.baskets.sum(axis=1)).ravel(), 0, 1)
        basket = self.baskets.tocoo()
        entries = np.concatenate([own, basket.data])
        i = np.concatenate([np.arange(n), row[basket.row]])
        j = np.concatenate([np.arange(n), basket.col])
        W = sparse(coo_array((entries, (i, j)), shape=(n, n)))
        W.eliminate_zeros()
        return W

    def residual(self, universe: Universe) -> Vector:
        """Residual risk of every asset ``(n,)``, zero for what is no fund."""
        out = np.zeros(universe.size)
        out[universe.positions("look-through fund", list(self.fund))] = (
            self.residual_risk
        )
        return out
