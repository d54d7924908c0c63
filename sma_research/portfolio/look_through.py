r"""Funds seen as the baskets they hold.

.. math:: \alpha = W^T h - b

Row *i* of ``W`` is asset *i* as a basket: a stock is itself, a fund is its
constituents. What a fund's basket does not cover stays on the fund's own row of
the risk model, so every row of ``W`` sums to one.

A fund inside a fund is seen through as well: with :math:`F` the shares of funds in
funds and :math:`T` all other shares, :math:`W = T + F W = T + F T + F^2 T + \dots`,
which ends because no fund may hold itself through others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array, diags_array, issparse

from sma_research.arrays import Matrix, Vector, frozen_vector, sparse
from sma_research.errors import DataError
from sma_research.fields import require_fields
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
        Negative constituent weights, a basket above 100 %, a fund twice, or (with a
        universe) funds that hold each other in a circle.
    """

    fund: Sequence[str]  # (e,) identifiers
    constituents: object  # (e, n) sparse or dense, fraction of the fund
    residual_risk: ArrayLike  # (e,) wrapper's own volatility per square root year

    def __post_init__(self) -> None:
        require_fields(self)
        put = object.__setattr__
        put(self, "fund", tuple(str(fund) for fund in self.fund))
        require_unique("fund", self.fund)
        if not issparse(self.constituents):
            cells = frozen_vector(self.constituents, "constituents")  # type: ignore[arg-type]
            put(self, "constituents", cells)
        put(self, "constituents", sparse(self.constituents))
        put(self, "residual_risk", frozen_vector(self.residual_risk, "residual_risk"))
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
        return self._seen_through(W, self._inner(universe))

    def residual(self, universe: Universe) -> Vector:
        r"""Residual risk of every asset ``(n,)``, zero for what is no fund.

        Of a fund of funds :math:`\delta_i^2 + \sum_j F_{ij}^2 \delta_j^2`, under the
        root: wrappers are independent.
        """
        row = universe.positions("look-through fund", list(self.fund))
        own = np.zeros(universe.size)
        own[row] = np.asarray(self.residual_risk) ** 2
        inner = self._inner(universe)
        through = self._seen_through(sparse(diags_array(own)), inner.multiply(inner))
        return np.sqrt(np.asarray(through.sum(axis=1)).ravel())

    def _inner(self, universe: Universe) -> Matrix:
        """Shares of funds in other funds, F ``(n, n)``."""
        row = universe.positions("look-through fund", list(self.fund))
        basket = self.baskets.tocoo()
        i, j = row[basket.row], basket.col
        inside = np.isin(j, row) & (i != j) & (basket.data > 0)
        entries = (basket.data[inside], (i[inside], j[inside]))
        return sparse(coo_array(entries, shape=(universe.size, universe.size)))

    def _seen_through(self, rows: Matrix, inner: Matrix) -> Matrix:
        """Rows in which every fund inside a fund is replaced by its own row."""
        if not inner.nnz:
            return rows
        terminal = sparse(rows - rows.multiply(inner > 0))
        total = step = terminal
        for _ in self.fund:
            step = sparse(inner @ step)
            if not step.nnz:
                return total
            total = sparse(total + step)
        raise DataError(
            "a fund holds itself through other funds, expected baskets that end in "
            "stocks; leave one of the constituents out"
        )
