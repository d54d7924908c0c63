"""Factor risk against the dense covariance that is never formed elsewhere."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sma_research as sma


@given(seed=st.integers(0, 10_000), n=st.integers(1, 8), k=st.integers(0, 4))
def test_variance_is_that_of_the_dense_covariance(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    X, root = rng.normal(size=(n, k)), rng.normal(size=(k, k + 1))
    F, s, a = root @ root.T, rng.uniform(0, 0.5, n), rng.normal(size=n)
    model = sma.RiskModel(factor_exposure=X, factor_covariance=F, specific_risk=s)
    dense = X @ F @ X.T + np.diag(s**2)
    variance = float(a @ dense @ a)
    assert model.variance(a) == pytest.approx(variance, rel=1e-9, abs=1e-12)
    error = np.sqrt(max(variance, 0.0))
    assert model.tracking_error(a) == pytest.approx(error, rel=1e-9, abs=1e-7)
    np.testing.assert_allclose(model.factor_root @ model.factor_root, F, atol=1e-9)
    np.testing.assert_allclose(model.factor_root, model.factor_root.T, atol=1e-12)
    assert model.factors == k


GOOD: dict[str, Any] = {
    "factor_exposure": np.ones((3, 2)),
    "factor_covariance": np.eye(2),
    "specific_risk": np.full(3, 0.1),
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"factor_covariance": [[1.0, 2.0], [2.0, 1.0]]},
            "not positive semidefinite: its smallest eigenvalue is -1, expected 0",
        ),
        ({"factor_covariance": [[1.0, 0.5], [0.0, 1.0]]}, "is not symmetric"),
        ({"factor_covariance": [[1.0, np.nan], [np.nan, 1.0]]}, "is nan, expected"),
        (
            {"factor_covariance": np.eye(3)},
            r"with 2 factors, has shape \(3, 3\), expected \(2, 2\)",
        ),
        ({"specific_risk": [0.1, -0.1, 0.1]}, "position 1 is -0.1, expected 0 or more"),
        ({"specific_risk": [0.1, np.inf, 0.1]}, "is inf, expected a number"),
        ({"specific_risk": [0.1]}, r"with 3 assets, has shape \(1,\), expected \(3,\)"),
        ({"factor_exposure": np.ones(3)}, r"expected \(assets, factors\)"),
        ({"factor_exposure": [[1.0, np.nan]] * 3}, r"position \(0, 1\) is nan"),
    ],
)
def test_a_risk_model_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(sma.SmaError, match=words) as refusal:
        sma.RiskModel(**{**GOOD, **change})
    assert "\n" not in str(refusal.value)


def test_a_singular_covariance_is_no_mistake() -> None:
    model = sma.RiskModel(**{**GOOD, "factor_covariance": np.ones((2, 2))})
    assert model.variance(np.ones(3)) == pytest.approx(36.0 + 0.03)
