"""What a client adds can only cost: limits, exclusions, names."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import sma_research as sma

Draw = Callable[..., sma.Problem]
TIGHT = sma.Settings(relative_gap=1e-6, time_limit_s=30)

CONTINUOUS: dict[str, dict[str, Any]] = {
    "max_weight": {"max_weight": 0.25},
    "max_active_weight": {"max_active_weight": 0.03},
    "weight_bounds": {"weight_bounds": {"S0": (0.1, 0.12)}},
    "sector_bands": {"sector_bands": {"X": sma.Band(lower=-0.02, upper=0.01)}},
    "factor_bands": {"factor_bands": {1: sma.Band(lower=0.0, upper=0.05)}},
    "min_cash": {"min_cash": 0.02},
    "max_turnover": {"max_turnover": 0.4},
    "tracking_error_cap": {"tracking_error_cap": 0.02},
    "exclude": {"exclude": {"S1"}},
    "kinds": {"kinds": {"stock"}},
    "look_through_limit": {"exclude": {"S2"}, "look_through_limit": 0.005},
}
COUNTED: dict[str, dict[str, Any]] = {
    "max_names": {"max_names": 3},
    "min_position": {"min_position": 0.2},
    "min_names": {"min_names": 4, "min_position": 0.15},
    **{name: CONTINUOUS[name] for name in ("max_weight", "sector_bands", "exclude")},
}


def least(problem: sma.Problem, solver: str) -> float:
    """Value of the best portfolio found, infinite where there is none."""
    report = sma.solve(problem, solver, settings=TIGHT)
    if report.metrics is None:
        assert report.status is sma.Status.INFEASIBLE, report.message
        return np.inf
    assert not report.findings, report.message
    return report.metrics.objective


def with_limit(problem: sma.Problem, limit: dict[str, Any]) -> sma.Problem:
    mandate = replace(problem.account.mandate, **limit)
    account = replace(problem.account, mandate=mandate)
    return sma.Problem(market=problem.market, account=account)


def never_better(tighter: float, looser: float) -> None:
    assert tighter >= looser - 1e-5 * abs(looser) - 1e-7


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(6, 12),
    count=st.integers(0, 10),
    name=st.sampled_from(sorted(CONTINUOUS)),
)
def test_adding_a_limit_never_helps(
    draw: Draw, seed: int, n: int, count: int, name: str
) -> None:
    """Lots at gains: where losses are bought back, a side is chosen by a heuristic."""
    problem = draw(seed, n, funds=1, count=count)
    limited = with_limit(problem, CONTINUOUS[name])
    never_better(least(limited, "clarabel"), least(problem, "clarabel"))


@settings(max_examples=12)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(0, 6),
    name=st.sampled_from(sorted(COUNTED)),
)
def test_adding_a_limit_never_helps_where_names_are_counted(
    draw: Draw, seed: int, count: int, name: str
) -> None:
    problem = draw(seed, 7, count=count, max_names=5)
    limited = with_limit(problem, COUNTED[name])
    never_better(least(limited, "highs"), least(problem, "highs"))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(6, 12),
    excluded=st.sets(st.integers(0, 5), min_size=1, max_size=4),
    kept=st.integers(0, 3),
)
def test_removing_an_exclusion_never_hurts(
    draw: Draw, seed: int, n: int, excluded: set[int], kept: int
) -> None:
    names = [f"S{i}" for i in sorted(excluded)]
    problem = draw(seed, n, count=5, exclude=set(names))
    fewer = with_limit(problem, {"exclude": set(names[:kept])})
    never_better(least(problem, "clarabel"), least(fewer, "clarabel"))


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6), n=st.integers(6, 8))
def test_another_name_never_hurts(draw: Draw, seed: int, n: int) -> None:
    values = [least(draw(seed, n, max_names=k), "highs") for k in (2, 3, 4)]
    for fewer, more in pairwise(values):
        never_better(fewer, more)
