"""Market folders from files, up to a book built on one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Sma = Callable[..., Any]

TICKERS = ("NA", "ON", "TRUE", "AAA")
HOLDINGS = (
    'Toy Fund\nFund Holdings as of,"Jun 30, 2025"\n\n'
    "Ticker,Name,Sector,Asset Class,Market Value,Price\n"
    + "".join(
        f'"{ticker}","{ticker} Inc","Energy","Equity","{1000 * (i + 1)}","{10 + i}"\n'
        for i, ticker in enumerate(TICKERS)
    )
    + '"USD","US Dollar","Cash","Cash","10","1"\n'
)
BOOK = """
[market]
folder = "market"

[[account]]
id = "smith"
cash = 100
target = { toy = 1.0 }
lots = "lots.csv"
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Holdings and a vendor's factor model of two factors."""
    (tmp_path / "holdings.csv").write_text(HOLDINGS)
    (tmp_path / "exposures.csv").write_text(
        "asset,market,size\n" + "".join(f"{t},1,{i}\n" for i, t in enumerate(TICKERS))
    )
    (tmp_path / "covariance.csv").write_text(
        "factor,market,size\nmarket,0.04,0.001\nsize,0.001,0.01\n"
    )
    (tmp_path / "specific.csv").write_text(
        "asset,specific_risk\n" + "".join(f"{t},0.3\n" for t in TICKERS)
    )
    (tmp_path / "lots.csv").write_text(
        "asset,shares,cost_per_share,acquired\nNA,1,2,2024-01-02\nTRUE,3,4,2024-01-02\n"
    )
    (tmp_path / "book.toml").write_text(BOOK)
    return tmp_path


def import_holdings(sma: Sma, files: Path) -> Any:
    return sma(
        "import", "holdings", files / "holdings.csv", "--benchmark", "toy",
        "--out", files / "market", "--json", files / "import.json",
    )  # fmt: skip


def import_factors(sma: Sma, files: Path, *options: str) -> Any:
    return sma(
        "import", "factors", "--exposures", files / "exposures.csv",
        "--covariance", files / "covariance.csv", "--specific", files / "specific.csv",
        "--market", files / "market", "--out", files / "market", *options,
    )  # fmt: skip


def test_from_holdings_and_factors_to_a_portfolio(sma: Sma, files: Path) -> None:
    run = import_holdings(sma, files)
    assert (run.code, run.err) == (0, "")
    said = json.loads((files / "import.json").read_text())
    assert said["schema"] == "sma.import/1"
    assert (said["assets"], said["complete"]) == (4, False)
    assert import_factors(sma, files).code == 0
    run = sma("build", files / "book.toml", "--out", files / "out")
    assert run.code == 0
    assert run.err.startswith("1/1 smith ")
    rows = (files / "out" / "weights.csv").read_text().splitlines()[1:]
    assert {row.split(",")[1] for row in rows} == set(TICKERS)


def test_a_folder_without_a_risk_model(sma: Sma, files: Path) -> None:
    assert import_holdings(sma, files).code == 0
    run = sma("build", files / "book.toml")
    assert run.code == 2
    assert run.err.startswith("error: ")
    assert run.err.count("\n") == 1


def test_prices_give_a_risk_model(sma: Sma, files: Path) -> None:
    assert import_holdings(sma, files).code == 0
    generator = np.random.default_rng(0)
    moves = 0.01 * generator.standard_normal((200, len(TICKERS)))
    panel = 10 * np.exp(np.cumsum(moves, axis=0))
    days = np.datetime64("2024-12-02") + np.arange(200)
    rows = (
        f"{day},{','.join(map(str, row))}\n"
        for day, row in zip(days, panel, strict=True)
    )
    (files / "prices.csv").write_text(f"date,{','.join(TICKERS)}\n{''.join(rows)}")
    run = sma(
        "import", "prices", files / "prices.csv", "--market", files / "market",
        "--factors", 2, "--out", files / "market",
    )  # fmt: skip
    assert (run.code, run.err) == (0, "")
    assert sma("build", files / "book.toml").code == 0


MISTAKES = {
    "a covariance that is not PSD": ("covariance.csv", "0.001", "0.5", "semidefinite"),
    "a covariance of NaN": ("covariance.csv", "0.04", "nan", "covariance"),
    "a covariance of infinity": ("covariance.csv", "0.04", "inf", "covariance"),
    "a negative specific risk": ("specific.csv", "AAA,0.3", "AAA,-0.3", "specific"),
    "an unknown ticker": ("exposures.csv", "AAA", "ZZZ", "ZZZ"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_factors_with(mistake: str, sma: Sma, files: Path) -> None:
    name, before, after, words = MISTAKES[mistake]
    assert import_holdings(sma, files).code == 0
    path = files / name
    path.write_text(path.read_text().replace(before, after))
    run = import_factors(sma, files)
    assert run.code == 2
    (line,) = run.err.splitlines()
    assert line.startswith("error: ")
    assert words in line


@pytest.mark.parametrize("cell", ["-1", "0", "inf", "x"])
def test_prices_that_are_none(cell: str, sma: Sma, files: Path) -> None:
    path = files / "prices.csv"
    path.write_text(f"date,NA,ON\n2025-01-02,1,2\n2025-01-03,{cell},2\n")
    run = sma("import", "prices", path, "--out", files / "new" / "market")
    assert run.code == 2
    assert not (files / "new").exists()
    (line,) = run.err.splitlines()
    assert line.startswith("error: ")
    assert "prices.csv" in line


@pytest.mark.parametrize("name", ["file", "file/market"])
def test_a_place_that_cannot_be_a_folder(name: str, sma: Sma, files: Path) -> None:
    (files / "file").write_text("mine")
    run = sma("import", "holdings", files / "holdings.csv", "--out", files / name)
    assert (run.code, run.err.count("\n")) == (2, 1)
    assert f"{files / name}: cannot be written" in run.err
