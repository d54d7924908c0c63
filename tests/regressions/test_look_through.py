"""Funds that hold funds: what is inside the inner one is held too."""

from collections.abc import Sequence

import numpy as np
import pytest

from sma_research.errors import DataError
from sma_research.portfolio.look_through import LookThrough
from sma_research.portfolio.universe import Universe

UNIVERSE = Universe(
    asset=["A", "B", "IN", "OUT"],
    price=[1.0] * 4,
    sector=["S"] * 4,
    industry=["I"] * 4,
    kind=["stock", "stock", "etf", "etf"],
)


def funds(inner: Sequence[float], outer: Sequence[float]) -> LookThrough:
    return LookThrough(
        fund=["OUT", "IN"],
        constituents=np.array([outer, inner]),
        residual_risk=[0.003, 0.004],
    )


def test_a_fund_inside_a_fund_is_seen_through() -> None:
    through = funds([0.5, 0.3, 0.0, 0.0], [0.1, 0.0, 0.9, 0.0])
    W = through.matrix(UNIVERSE).toarray()
    # A tenth held outright and nine tenths of one half; a fifth of IN is uncovered.
    np.testing.assert_allclose(W[3], [0.55, 0.27, 0.18, 0.0])
    np.testing.assert_allclose(W[2], [0.5, 0.3, 0.2, 0.0])
    np.testing.assert_allclose(W.sum(axis=1), 1.0)
    expected = [0.0, 0.0, 0.004, np.hypot(0.003, 0.9 * 0.004)]
    np.testing.assert_allclose(through.residual(UNIVERSE), expected)


def test_a_fund_that_is_all_another_fund_is_that_fund() -> None:
    W = funds([0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]).matrix(UNIVERSE).toarray()
    np.testing.assert_allclose(W[3], W[2])


def test_funds_in_a_circle_are_refused() -> None:
    circle = funds([0.5, 0.0, 0.0, 0.5], [0.0, 0.0, 1.0, 0.0])
    with pytest.raises(DataError, match="holds itself"):
        circle.matrix(UNIVERSE)
