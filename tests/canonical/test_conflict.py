"""Limits that cannot hold together, with how much they would be missed, by hand."""

from datetime import date
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.canonical.build import build
from sma_research.canonical.conflict import conflict
from sma_research.canonical.layout import Layout, shape_of
from sma_research.program.registry import load_backend

N = 5
MARKET = sma.Market(
    as_of=date(2025, 6, 30),
    universe=sma.Universe(
        asset=list("ABCDE"), price=[10.0] * N, sector=["X", "X", "Y", "Y", "Y"],
        industry=["I"] * N, kind=["stock"] * N,
    ),
    risk_model=sma.RiskModel(
        factor_exposure=[[0.1], [0.1], [0.1], [0.2], [0.2]],
        factor_covariance=[[0.04]],
        specific_risk=[0.2] * N,
    ),
    benchmarks={"one": [0.2] * N},
)  # fmt: skip
DAY = MARKET.as_of


def found(lots: sma.Lots | None = None, **wishes: Any) -> Any:
    account = sma.Account(
        account_id="x",
        mandate=sma.Mandate(**{"target": {"one": 1.0}, "max_cash": 0.0, **wishes}),
        lots=lots or sma.Lots(),
        cash=0.0 if lots else 1000.0,
    )
    problem = sma.Problem(market=MARKET, account=account)
    program = build(problem, Layout(market=MARKET, shape=shape_of(problem)))
    return conflict(program, load_backend("highs"), sma.Settings())


def all_in(asset: str) -> sma.Lots:
    return sma.Lots(
        asset=[asset], shares=[100.0], cost_per_share=[10.0], acquired=[DAY]
    )


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        # five names of 15 %: a quarter has no place
        (
            {"max_weight": 0.15},
            "weights would pass their limits by 25 % of the account",
        ),
        (
            {"weight_bounds": dict.fromkeys("ABCD", (0.3, 1.0))},
            "weights would miss their lower bounds by 20 % of the account in all",
        ),
        (
            {"sector_bands": {"X": sma.Band(upper=-0.3)}, "exclude": set("CDE")},
            "sector bands would be missed by 90 %",
        ),
        (
            {"factor_bands": {0: sma.Band(lower=0.25, relative=False)}},
            "factor bands would be missed by 5",  # percent of an exposure of one
        ),
    ],
)
def test_what_cannot_be(wishes: dict[str, Any], words: str) -> None:
    answer = found(**wishes)
    assert answer.proven
    assert any(line.startswith(words) for line in answer.words), answer.words


def test_what_must_be_sold_against_turnover() -> None:
    """All of the account stands in an excluded name; two tenths may be traded."""
    answer = found(all_in("A"), exclude={"A"}, max_turnover=0.2)
    assert answer.proven
    # All is sold and bought: 80 % too much; or all is sold, and cash stays: 30 %.
    assert any(
        line.startswith("one-way turnover would pass max_turnover by ")
        for line in answer.words
    ), answer.words


def test_names_that_are_too_few() -> None:
    """Three names of 30 % leave a tenth; a fourth would do."""
    answer = found(max_names=3, max_weight=0.3)
    assert answer.proven
    total = [float(line.split(" by ")[1].split()[0]) for line in answer.words]
    assert answer.words[0].startswith(("the number of names", "weights"))
    assert np.sum(total) < 1.0  # a third of a name is the cheapest


def test_limits_that_can_hold_have_no_conflict() -> None:
    answer = found(max_names=4, max_weight=0.3)
    assert not answer.proven
    assert answer.words == ()


def test_one_limit_at_its_edge_has_no_conflict() -> None:
    assert not found(max_weight=0.2).proven
    assert found(max_weight=0.199).proven
