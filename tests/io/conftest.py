"""Small markets, books and reports for the tests of files."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.lots import Lots
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.metrics import measure
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.risk import RiskModel
from sma_research.portfolio.universe import Universe
from sma_research.report import Proof, Report, Status

TICKERS = ("NA", "ON", "TRUE", "=SUM(A1)", "nan")


@pytest.fixture(scope="session")
def awkward_market() -> Market:
    """Five assets whose tickers tempt a reader of tables to guess."""
    n = len(TICKERS)
    return Market(
        as_of=date(2025, 6, 30),
        universe=Universe(
            asset=TICKERS,
            price=np.arange(1.0, n + 1) / 3.0,
            sector=["Energy"] * n,
            industry=["Oil"] * n,
            kind=["stock"] * n,
        ),
        risk_model=RiskModel(
            factor_exposure=np.ones((n, 1)),
            factor_covariance=[[0.04]],
            specific_risk=np.full(n, 0.2),
        ),
        benchmarks={"broad": np.full(n, 1.0 / n)},
    )


@pytest.fixture
def report(awkward_market: Market) -> Report:
    """A solved account that sells one lot and buys every asset."""
    account = Account(
        account_id="@home",
        mandate=Mandate(target={"broad": 1.0}),
        lots=Lots(asset=["NA"], shares=[30.0], cost_per_share=[1.0],
                  acquired=[date(2024, 1, 2)]),
        cash=90.0,
    )  # fmt: skip
    problem = Problem(market=awkward_market, account=account)
    shares = problem.benchmark * problem.value / problem.price
    rebalance = Rebalance(buy=shares, sell=np.array([30.0]), cash=0.0)
    return Report(
        account_id="@home",
        solver="toy",
        formulation="direct",
        status=Status.FEASIBLE,
        problem=problem,
        rebalance=rebalance,
        metrics=measure(problem, rebalance),
        bound=float("-inf"),
        gap=float("nan"),
        proof=Proof.NONE,
        phases={"solve": 0.25},
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book of two accounts with a file of lots for both."""
    (tmp_path / "house.txt").write_text("# the house's own\nNVDA  # chips\n\n")
    (tmp_path / "lots.csv").write_text(
        "account,asset,shares,cost_per_share,acquired\n"
        "smith,AAPL,10.5,100,2024-01-02\n"
        "smith,AAPL,5,90.25,2023-01-02\n"
        "jones,AMZN,1,0,2020-02-29\n"
    )
    (tmp_path / "positions.csv").write_text("asset,shares\nAAPL,15.5\n")
    path = tmp_path / "book.toml"
    path.write_text(BOOK)
    return path


BOOK = """
[market]
synthetic = { n_assets = 60, n_factors = 4, n_etfs = 4, seed = 1 }

[defaults]
target = { large = 0.7, mid = 0.2, small = 0.1 }
tracking_error_cap = 0.05
exclude_file = "house.txt"
screens = ["tobacco"]
tax_rates = { short_term = 0.4, long_term = 0.25 }

[[account]]
id = "smith"
cash = 25_000
contribution = -100.5
lots = "lots.csv"
positions = "positions.csv"
exclude = ["MSFT"]
screens = ["alcohol"]
tracking_error_cap = "none"
tax_rates = { short_term = 0.5, long_term = 0.3 }

[[account]]
id = "jones"
lots = "lots.csv"
"""
