"""A market folder whose numbers cannot be: one line that names it, and nothing is solved."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sma_research as framework
from sma_research.markets.store import save_market

Sma = Callable[..., Any]

BOOK = """
[market]
folder = "market"

[defaults]
target = { broad = 1.0 }

[[account]]
id = "smith"
cash = 1000
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book on the folder of a small market."""
    save_market(framework.synthetic_market(8, 3, 1), tmp_path / "market")
    (tmp_path / "book.toml").write_text(BOOK)
    return tmp_path / "book.toml"


def rewrite(
    folder: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    """Change a table, and sign it as if it had been written so."""
    (path,) = folder.glob(f"{table}-*.parquet")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    change(pd.read_parquet(path)).to_parquet(path, index=False)
    manifest = folder / "market.toml"
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text().replace(before, after))


def cell(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        table[column] = [value, *table[column].iloc[1:]]
        return table

    return change


MISTAKES: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "a NaN price": ("universe", cell("price", np.nan), "price of MSFT is nan, expected"),
    "an infinite price": (
        "universe", cell("price", np.inf), "price of MSFT is inf, expected a number",
    ),
    "a negative price": (
        "universe", cell("price", -5.0), "price of MSFT is -5, expected above 0",
    ),
    "an asset twice": (
        "universe", cell("asset", "AAPL"), "asset 'AAPL' appears more than once",
    ),
    "an unknown kind": ("universe", cell("kind", "bond"), "kind: 'bond' unknown"),
    "a benchmark that does not sum to one": (
        "benchmarks", cell("broad", 0.9), "benchmark 'broad' sums to ",
    ),
    "a short benchmark": (
        "benchmarks", cell("broad", -0.1), "benchmark 'broad' weight of MSFT is -0.1",
    ),
    "negative risk": (
        "specific_risk", cell("specific_risk", -0.1), "specific_risk of position 0 is -0.1",
    ),
    "an infinite exposure": (
        "factor_exposure", cell("factor_1", np.inf), "factor_exposure of position (0, 0)",
    ),
    "a covariance that is not positive semidefinite": (
        "factor_covariance", cell("factor_1", -1.0), "is not positive semidefinite: its",
    ),
    "a covariance that is not symmetric": (
        "factor_covariance", cell("factor_2", 0.5), "factor_covariance is not symmetric",
    ),
    "a NaN covariance": (
        "factor_covariance", cell("factor_1", np.nan), "factor_covariance of position (0",
    ),
}  # fmt: skip


def test_the_market_as_it_was_is_fine(sma: Sma, book: Path) -> None:
    assert sma("build", book).code == 0


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_market_with(mistake: str, sma: Sma, book: Path) -> None:
    table, change, words = MISTAKES[mistake]
    rewrite(book.with_name("market"), table, change)
    run = sma("build", book)
    assert (run.code, run.out) == (2, "")
    (line,) = run.err.splitlines()
    assert line.startswith(f"error: {book}: market: {book.with_name('market')}: ")
    assert words in line
