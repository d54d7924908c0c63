"""Market folders: exact round trips, and refusals of what was cut or swapped."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sma_research.errors import DataError
from sma_research.markets.store import (
    PartialMarket,
    load_market,
    load_partial,
    save_market,
    save_partial,
)
from sma_research.markets.synthetic import synthetic_market
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.universe import Universe


def same_universe(a: Universe, b: Universe) -> None:
    for name in ("asset", "sector", "industry", "kind", "identical"):
        assert getattr(a, name) == getattr(b, name)
    for name in ("price", "adv", "spread"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert list(a.tags) == list(b.tags)
    for tag, mask in a.tags.items():
        np.testing.assert_array_equal(mask, b.tags[tag])


def same(a: Market, b: Market) -> None:
    assert a.as_of == b.as_of
    same_universe(a.universe, b.universe)
    assert list(a.benchmarks) == list(b.benchmarks)
    for name, weight in a.benchmarks.items():
        np.testing.assert_array_equal(weight, b.benchmarks[name])
    for name in ("X", "F", "s"):
        np.testing.assert_array_equal(
            getattr(a.risk_model, name), getattr(b.risk_model, name)
        )
    np.testing.assert_array_equal(a.residual_risk, b.residual_risk)
    assert abs(a.baskets - b.baskets).sum() == 0


@settings(max_examples=15)
@given(
    n=st.integers(2, 40),
    k=st.integers(1, 12),
    e=st.integers(0, 6),
    seed=st.integers(0, 99),
)
def test_round_trip_is_exact(
    tmp_path_factory: pytest.TempPathFactory, n: int, k: int, e: int, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("market")
    market = synthetic_market(n, k, e, seed)
    save_market(market, folder)
    same(market, load_market(folder))


@given(text=st.text(min_size=1, max_size=8))
@settings(max_examples=25)
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates are no text
        text = "x"
    folder = tmp_path_factory.mktemp("market")
    base = synthetic_market(2, 1, 0)
    partial = PartialMarket(
        as_of=base.as_of,
        universe=Universe(
            asset=[f"{text}1", f"{text}2"],
            price=[1.0, 2.0],
            sector=[text, text],
            industry=[text, text],
            kind=["stock", "stock"],
            tags={text: [True, False], "none": [False, False]},
        ),
        benchmarks={text: np.array([0.5, 0.5])},
        notes=(text, "plain"),
    )
    save_partial(partial, folder)
    found = load_partial(folder)
    same_universe(found.universe, partial.universe)
    assert list(found.benchmarks) == [text]
    assert found.notes == (text, "plain")


def test_a_new_market_replaces_the_old_one(tmp_path: Path) -> None:
    save_market(synthetic_market(20, 3, 2), tmp_path)
    market = synthetic_market(10, 2, 0)
    save_market(market, tmp_path)
    same(market, load_market(tmp_path))
    assert len(list(tmp_path.iterdir())) == 7
    save_market(market, tmp_path)
    same(market, load_market(tmp_path))


def test_an_interrupted_write_leaves_the_old_market(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = synthetic_market(20, 3, 2)
    save_market(market, tmp_path)
    whole = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if target.name == "market.toml":
            raise OSError("disk full")
        return whole(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(DataError, match="cannot be written: disk full"):
        save_market(synthetic_market(10, 2, 0), tmp_path)
    monkeypatch.undo()
    same(market, load_market(tmp_path))


def test_a_partial_market_is_told_from_a_whole_one(tmp_path: Path) -> None:
    market = synthetic_market(20, 3, 2)
    partial = PartialMarket(
        as_of=market.as_of,
        universe=market.universe,
        benchmarks={"broad": np.asarray(market.benchmarks["broad"])},
        look_through=market.look_through,
    )
    save_partial(partial, tmp_path)
    same_universe(load_partial(tmp_path).universe, market.universe)
    with pytest.raises(DataError, match="has no risk model yet"):
        load_market(tmp_path)
    save_market(market, tmp_path)
    found = load_partial(tmp_path).look_through
    assert found is not None
    assert found.fund == ("ETF-BROAD", "ETF-LARGE")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_market(synthetic_market(20, 3, 2), tmp_path)
    return tmp_path


def table(folder: Path, name: str) -> Path:
    return next(folder.glob(f"{name}-*.parquet"))


@pytest.mark.parametrize(
    "name", ["universe", "tags", "benchmarks", "factor_exposure", "constituents"]
)
def test_a_missing_cut_or_flipped_table_is_refused(folder: Path, name: str) -> None:
    path = table(folder, name)
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    with pytest.raises(DataError, match=rf"{path.name} is \d+ bytes that are not"):
        load_market(folder)
    path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(DataError, match="SHA-256 differs"):
        load_market(folder)
    path.unlink()
    with pytest.raises(DataError, match=f"{path.name} is not there"):
        load_market(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "format is 2, expected 1"),
        ("format = 1", "format = ", "is damaged"),
        ("as_of = 2025-06-30", 'as_of = "June"', "as_of is 'June', expected a date"),
        ("sha256", "md5", "names no table 'universe' with file, sha256"),
    ],
)
def test_a_bad_manifest_is_refused(
    folder: Path, old: str, new: str, message: str
) -> None:
    path = folder / "market.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataError, match=message):
        load_market(folder)


def test_a_folder_of_other_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(DataError, match=r"holds thesis.txt and no market.toml"):
        save_market(synthetic_market(5, 2, 0), tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "precious"
    with pytest.raises(DataError, match=r"has no market\.toml"):
        load_market(tmp_path)
