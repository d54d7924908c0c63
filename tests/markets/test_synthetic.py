"""The synthetic market: valid at every size, calibrated, the same bytes every time."""

import tracemalloc
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.synthetic import synthetic_market
from sma_research.markets.synthetic_risk import split_factors
from sma_research.markets.synthetic_tables import INDUSTRIES, TAGS
from sma_research.portfolio.benchmark import Market

N = 3000


@pytest.fixture(scope="module")
def market() -> Market:
    return synthetic_market()


def broad(market: Market) -> Vector:
    return np.asarray(market.benchmarks["broad"])


def test_sizes_and_date(market: Market) -> None:
    assert market.universe.size == N + 12
    assert market.risk_model.factors == 70
    assert market.as_of == date(2025, 6, 30)
    assert market.universe.kind[:N] == ("stock",) * N
    assert market.universe.kind[N:] == ("etf",) * 12
    assert market.universe.asset[0] == "MSFT"
    assert market.universe.asset[30] == "S0031"


def test_concentration_is_like_the_real_thing(market: Market) -> None:
    weight = broad(market)
    assert (np.diff(weight[:N]) <= 0).all()
    assert 0.05 <= weight[0] <= 0.07
    assert 0.27 <= weight[:10].sum() <= 0.33
    assert 0.78 <= weight[:500].sum() <= 0.90


def test_benchmarks_are_slices_without_funds(market: Market) -> None:
    held = {
        name: np.flatnonzero(np.asarray(weight))
        for name, weight in market.benchmarks.items()
    }
    assert held["large"].tolist() == list(range(500))
    assert held["mid"].tolist() == list(range(500, 900))
    assert held["small"].tolist() == list(range(900, 1500))
    assert held["broad"].tolist() == list(range(N))


def test_risk_is_like_the_real_thing(market: Market) -> None:
    risk = market.risk_model.s[:N]
    volatility = np.sqrt(np.diag(market.risk_model.F))
    assert risk.min() >= 0.15
    assert risk.max() <= 0.60
    assert risk[:300].mean() + 0.1 < risk[-300:].mean()
    assert volatility[0] == pytest.approx(0.16)
    assert 0.015 <= volatility[1:10].min() <= volatility[1:10].max() <= 0.05
    assert 0.04 <= volatility[10:].min() <= volatility[10:].max() <= 0.12
    assert np.linalg.eigvalsh(market.risk_model.F)[0] > 0
    assert 0.15 <= market.risk_model.tracking_error(broad(market)) <= 0.18


def test_size_style_follows_the_cap(market: Market) -> None:
    size = market.risk_model.X[:N, 1]
    assert np.corrcoef(size, np.log(broad(market)[:N]))[0, 1] > 0.999


def test_classification_and_tags_agree(market: Market) -> None:
    universe = market.universe
    industries = {name for group in INDUSTRIES.values() for name, _ in group}
    assert len(industries) == 60
    assert set(universe.industry[:N]) == industries
    assert len(set(universe.sector[:N])) == 11
    for tag, inside in TAGS.items():
        mask = np.asarray(universe.tags[tag])
        assert mask.any()
        assert mask.tolist() == [name in inside for name in universe.industry]


def test_liquidity_falls_with_size(market: Market) -> None:
    spread = np.asarray(market.universe.spread)[:N]
    adv = np.asarray(market.universe.adv)[:N]
    assert 2e-4 <= spread.min() <= spread.max() <= 40e-4
    assert np.median(spread[:300]) < 4e-4
    assert np.median(spread[-300:]) > 20e-4
    assert np.median(adv[:300]) > 25 * np.median(adv[-300:])


def test_funds_follow_their_baskets(market: Market) -> None:
    assert market.look_through is not None
    coverage: Vector = np.asarray(market.look_through.baskets.sum(axis=1)).ravel()
    assert 0.97 <= coverage.min() <= coverage.max() <= 1.0
    assert market.is_fund.tolist() == [False] * N + [True] * 12
    np.testing.assert_allclose(market.basket_exposure, market.risk_model.X, atol=1e-12)
    residual = market.residual_risk[N:]
    assert 5e-4 <= residual.min() <= residual.max() <= 40e-4
    fund = np.zeros(market.universe.size)
    fund[market.universe.position["ETF-BROAD"]] = 1.0
    active = market.baskets.T @ fund - broad(market)
    assert market.risk_model.tracking_error(np.asarray(active)) < 15e-4


def test_funds_on_one_index_are_identical(market: Market) -> None:
    universe = market.universe
    assert universe.identical is not None
    group = dict(zip(universe.asset, universe.identical, strict=True))
    assert group["ETF-BROAD"] == group["ETF-BROAD-2"]
    assert len(set(universe.identical)) == universe.size - 1


@given(
    n_assets=st.integers(2, 60),
    n_factors=st.integers(1, 140),
    n_etfs=st.integers(0, 30),
    seed=st.integers(0, 10**6),
)
def test_any_size_makes_a_market(
    n_assets: int, n_factors: int, n_etfs: int, seed: int
) -> None:
    market = synthetic_market(n_assets, n_factors, n_etfs, seed)
    assert market.universe.size == n_assets + n_etfs
    assert market.risk_model.factors == n_factors
    assert "MSFT" in market.universe.position
    assert set(market.benchmarks) == {"large", "mid", "small", "broad"}
    assert market.is_fund.sum() == n_etfs
    assert sum(split_factors(n_factors)) == n_factors - 1


def fingerprint(market: Market) -> list[bytes]:
    risk = market.risk_model
    parts = [market.universe.price, market.universe.spread, market.universe.adv,
             risk.X, risk.F, risk.s, *market.benchmarks.values()]  # fmt: skip
    return [np.asarray(part).tobytes() for part in parts]


def test_same_seed_same_bytes_other_seed_other_bytes() -> None:
    assert fingerprint(synthetic_market(200)) == fingerprint(synthetic_market(200))
    assert fingerprint(synthetic_market(200)) != fingerprint(
        synthetic_market(200, seed=1)
    )


def test_stocks_do_not_depend_on_funds() -> None:
    few, many = synthetic_market(100, 5, 1), synthetic_market(100, 5, 20)
    assert (few.risk_model.X[:100] == many.risk_model.X[:100]).all()
    assert (broad(few)[:100] == broad(many)[:100]).all()


def test_twenty_thousand_names_fit_in_memory() -> None:
    tracemalloc.start()
    market = synthetic_market(20_000)
    assert market.universe.asset[-13] == "S20000"
    assert market.baskets.nnz < 500_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_assets": 1}, "n_assets is 1, expected a whole number from 2"),
        ({"n_factors": 0}, "n_factors is 0, expected a whole number from 1"),
        ({"n_etfs": -1}, "n_etfs is -1, expected a whole number from 0"),
    ],
)
def test_refusals(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        synthetic_market(**arguments)  # type: ignore[arg-type]
