"""Estimated risk against the risk of the model that the returns were drawn from."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.factor_model import EstimationSettings, estimate_factor_model
from sma_research.markets.prices import read_prices, returns
from sma_research.markets.synthetic import synthetic_market
from sma_research.portfolio.risk import RiskModel

N, DAYS = 200, 1000
SETTINGS = EstimationSettings(factors=8)


def draw(model: RiskModel, days: int, seed: int = 0) -> pd.DataFrame:
    """Daily returns ``(days, n)`` of a model, normal and independent over time."""
    generator = np.random.default_rng(seed)
    k, n = model.factors, model.s.size
    factor = generator.standard_normal((days, k)) @ model.factor_root
    noise = generator.standard_normal((days, n)) * model.s
    panel = (factor @ model.X.T + noise) / np.sqrt(252)
    return pd.DataFrame(panel, columns=[f"A{i:03d}" for i in range(n)])


@pytest.fixture(scope="module")
def truth() -> RiskModel:
    return synthetic_market(N, 6, 0, seed=3).risk_model


@pytest.fixture(scope="module")
def panel(truth: RiskModel) -> pd.DataFrame:
    return draw(truth, DAYS)


def actives(count: int, seed: int = 1) -> list[Vector]:
    """Portfolios of 40 random names, equal weights, against all names."""
    generator = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        active = np.full(N, -1.0 / N)
        active[generator.choice(N, 40, replace=False)] += 1.0 / 40
        out.append(active)
    return out


@pytest.mark.parametrize("method", ["principal_components", "factor_analysis"])
def test_tracking_error_matches_the_true_model(
    truth: RiskModel, panel: pd.DataFrame, method: str
) -> None:
    estimate = estimate_factor_model(
        panel, settings=EstimationSettings(factors=8, method=method)
    ).risk_model
    ratio = [estimate.tracking_error(a) / truth.tracking_error(a) for a in actives(50)]
    assert 0.95 <= np.mean(ratio) <= 1.05
    assert 0.88 <= min(ratio) <= max(ratio) <= 1.12
    broad = np.full(N, 1.0 / N)
    assert estimate.tracking_error(broad) == pytest.approx(
        truth.tracking_error(broad), rel=0.08
    )


def test_tracking_error_holds_out_of_sample(panel: pd.DataFrame) -> None:
    estimate = estimate_factor_model(panel.iloc[:600], settings=SETTINGS).risk_model
    later = panel.iloc[600:].to_numpy()
    ratio = [
        (later @ a).std() * np.sqrt(252) / estimate.tracking_error(a)
        for a in actives(50)
    ]
    assert 0.93 <= np.mean(ratio) <= 1.07


def test_order_of_assets_is_irrelevant(panel: pd.DataFrame) -> None:
    straight = estimate_factor_model(panel, settings=SETTINGS)
    turned = estimate_factor_model(panel.iloc[:, ::-1], settings=SETTINGS)
    assert turned.asset == straight.asset[::-1]
    assert (straight.risk_model.X[::-1] == turned.risk_model.X).all()
    assert (turned.risk_model.s == straight.risk_model.s[::-1]).all()


def test_short_history_is_regressed_and_missing_history_is_filled(
    panel: pd.DataFrame,
) -> None:
    thin = panel.copy()
    thin.iloc[:400, 0] = np.nan  # 600 left
    thin.iloc[:950, 1] = np.nan  # 50 left
    wanted = [f"A{i:03d}" for i in range(N)] + ["NEW"]
    groups = {name: "even" if i % 2 == 0 else "odd" for i, name in enumerate(wanted)}
    estimate = estimate_factor_model(
        thin, assets=wanted, groups=groups, settings=SETTINGS
    )
    report, model = estimate.report, estimate.risk_model
    assert report.regressed == ("A000",)
    assert report.full_history == N - 2
    assert report.filled.to_dict("list") == {
        "asset": ["A001", "NEW"],
        "observations": [50, 0],
        "group": ["odd", "even"],
        "members": [N // 2 - 1, N // 2],
    }
    even = np.arange(0, N, 2)
    np.testing.assert_allclose(model.X[-1], model.X[even].mean(axis=0))
    assert model.s[-1] == pytest.approx(np.quantile(model.s[even], 0.75))
    whole = estimate_factor_model(panel, settings=SETTINGS).risk_model
    one = np.eye(N + 1)[0]
    assert model.tracking_error(one) == pytest.approx(
        whole.tracking_error(one[:N]), rel=0.1
    )


def test_a_group_without_members_takes_all(panel: pd.DataFrame) -> None:
    estimate = estimate_factor_model(
        panel, assets=["A000", "NEW"], groups={"NEW": "lonely"}, settings=SETTINGS
    )
    assert estimate.report.filled["members"].tolist() == [0]
    assert estimate.risk_model.s[1] > 0.05


def test_observed_factors_come_first(panel: pd.DataFrame) -> None:
    index = pd.DataFrame({"index": panel.mean(axis=1)})
    estimate = estimate_factor_model(panel, observed=index, settings=SETTINGS)
    assert estimate.risk_model.factors == 9
    assert estimate.risk_model.X[:, 0].mean() == pytest.approx(1.0, abs=0.02)
    volatility = float(np.sqrt(estimate.risk_model.F[0, 0]))
    assert volatility == pytest.approx(index["index"].std() * np.sqrt(252), rel=1e-6)
    with pytest.raises(DataError, match="no number on 999"):
        estimate_factor_model(panel, observed=index.iloc[:-1], settings=SETTINGS)
    least = EstimationSettings(factors=8, min_history=11)
    with pytest.raises(DataError, match="expected at least 12, more than all factors"):
        estimate_factor_model(panel, observed=index, settings=least)


@settings(max_examples=15)
@given(
    n=st.integers(6, 25),
    days=st.integers(40, 90),
    seed=st.integers(0, 10**6),
    missing=st.floats(0.0, 0.015),
    shrinkage=st.sampled_from(["ledoit_wolf", "oas", "none"]),
)
def test_any_panel_gives_a_valid_model(
    n: int, days: int, seed: int, missing: float, shrinkage: str
) -> None:
    generator = np.random.default_rng(seed)
    values = 0.02 * generator.standard_t(4, (days, n))
    values[generator.random((days, n)) < missing] = np.nan
    values[:, :4] = np.nan_to_num(values[:, :4])
    panel = pd.DataFrame(values, columns=[f"A{i}" for i in range(n)])
    choice = EstimationSettings(factors=3, min_history=20, shrinkage=shrinkage)
    model = estimate_factor_model(panel, settings=choice).risk_model
    assert model.s.min() >= 0.05
    assert model.X.shape == (n, 3)


def test_specific_risk_is_floored() -> None:
    flat = pd.DataFrame(
        1e-5 * np.random.default_rng(0).standard_normal((60, 8)),
        columns=list("ABCDEFGH"),
    )
    choice = EstimationSettings(factors=2, min_history=30)
    assert (estimate_factor_model(flat, settings=choice).risk_model.s == 0.05).all()


def test_large_panels_need_no_square_matrix() -> None:
    generator = np.random.default_rng(0)
    panel = pd.DataFrame(0.02 * generator.standard_normal((250, 6000)))
    tracemalloc.start()
    estimate_factor_model(panel, settings=EstimationSettings(factors=5))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6000**2 * 8 / 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factors": 0}, "factors is 0"),
        ({"factors": 20, "min_history": 20}, "expected at least 23"),
        ({"specific_floor": -1.0}, "specific_floor is -1"),
        ({"periods_per_year": 0.0}, "periods_per_year is 0"),
        ({"method": "magic"}, "method is 'magic', expected principal_components or"),
        ({"shrinkage": "much"}, "shrinkage is 'much'"),
    ],
)
def test_settings_are_checked(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        EstimationSettings(**arguments)  # type: ignore[arg-type]


def test_refusals(panel: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="100 periods, expected at least 126"):
        estimate_factor_model(panel.iloc[:100])
    with pytest.raises(DataError, match="20 factors from 1000 periods and 10 assets"):
        estimate_factor_model(panel.iloc[:, :10])
    with pytest.raises(DataError, match="infinite"):
        estimate_factor_model(panel.mask(panel > 0.05, np.inf))
    with pytest.raises(DataError, match="'A000' appears more than once"):
        estimate_factor_model(panel, assets=["A000", "A000"])


@pytest.mark.data
def test_real_panel_out_of_sample(shared_data: Path) -> None:
    path = shared_data / "sp500_daily_2013_2018" / "all_stocks_5yr.parquet"
    change = returns(read_prices(path))
    full = change.loc[:, change.notna().all()]
    model = estimate_factor_model(full.iloc[:1000]).risk_model
    n = full.shape[1]
    generator = np.random.default_rng(0)
    ratio = []
    for _ in range(50):
        active = np.full(n, -1.0 / n)
        active[generator.choice(n, 60, replace=False)] += 1.0 / 60
        realized = (full.iloc[1000:].to_numpy() @ active).std() * np.sqrt(252)
        ratio.append(realized / model.tracking_error(active))
    # 2017 was far calmer than the four years before it
    assert 0.7 <= np.mean(ratio) <= 1.15
