"""What only the comparison of all rows shows."""

import numpy as np
import pytest
from sma_benchmarks.best_known import updated
from sma_benchmarks.scores import scored

from tests.benchmarks.tables import run_row, tables


def test_regret_is_to_the_best_verified() -> None:
    rows = [
        run_row("good", "a:n=1", te_bp=100.0, objective=1.0),
        run_row("poor", "a:n=1", te_bp=110.0, objective=1.21),
        run_row("false", "a:n=1", te_bp=50.0, objective=0.25, outcome="wrong_feasible"),
    ]
    runs = scored(tables(rows)).runs.set_index("method")
    assert runs.loc["good", "regret_bp"] == 0.0
    assert runs.loc["poor", "regret_bp"] == pytest.approx(10.0)
    assert runs.loc["poor", "regret"] == pytest.approx(0.21)
    assert runs["regret_bp"].isna()["false"]


def test_a_bound_above_anybodys_portfolio_is_a_lie() -> None:
    rows = [
        run_row("honest", "a:n=1", objective=1.0, bound=0.9),
        run_row("liar", "a:n=1", objective=1.2, bound=0.9, bound_claimed=1.1),
        run_row(
            "surrogate", "a:n=1", objective=1.2, bound_claimed=1.1,
            exactness="surrogate",
        ),
    ]  # fmt: skip
    runs = scored(tables(rows)).runs.set_index("method")
    assert runs.loc["liar", "outcome"] == "wrong_bound"
    assert runs.loc["surrogate", "outcome"] == "verified_feasible"


def test_an_own_certificate_above_a_portfolio_blocks_publishing() -> None:
    rows = [
        run_row("one", "a:n=1", objective=1.0, bound=0.9),
        run_row("two", "a:n=1", objective=1.2, bound=1.1),
    ]
    found = scored(tables(rows))
    assert not found.publishable
    assert scored(tables(rows[:1])).publishable


def test_earlier_values_count() -> None:
    earlier = updated(
        {}, [run_row("old", "a:n=1", objective=0.8, te_bp=90.0, bound=0.7)]
    ).known
    found = scored(tables([run_row("new", "a:n=1", bound=0.75)]), earlier).runs
    assert found["regret_bp"].iloc[0] == pytest.approx(10.0)


def test_time_counts_only_with_the_quality() -> None:
    """A wrong or poor answer is never fast."""
    rows = [
        run_row("good", "a:n=1", wall_s=5.0, te_bp=100.0, objective=1.0),
        run_row("poor", "a:n=1", wall_s=0.1, te_bp=120.0, objective=1.44),
        run_row("none", "a:n=1", wall_s=10.0, outcome="timeout_no_solution"),
        run_row("absent", "a:n=1", wall_s=0.0, outcome="licence"),
    ]
    scores = scored(tables(rows))
    times, limits, _, methods = scores.times()
    seconds = dict(zip(methods, times[0], strict=True))
    assert seconds["good"] == 5.0
    assert all(np.isnan(seconds[name]) for name in ("poor", "none", "absent"))
    assert limits.tolist() == [10.0]
    table = scores.methods.set_index("method")
    assert table.loc["poor", "time_s"] == pytest.approx(20.0)
    assert table["time_s"].isna()["absent"]
    assert table.loc["absent", "coverage"] == 0.0
    assert table.index[0] == "good"


def test_paths_are_compared_by_their_tracking() -> None:
    rows = [
        run_row("near", "path:n=1", te_bp=50.0, objective=None, bound=None),
        run_row("far", "path:n=1", te_bp=80.0, objective=None, bound=None),
    ]
    scores = scored(tables(rows))
    regret = scores.runs.set_index("method")["regret_bp"]
    assert (regret["near"], regret["far"]) == (0.0, 30.0)
    times, _, _, methods = scores.times()
    reached = dict(zip(methods, np.isfinite(times[0]), strict=True))
    assert reached == {"near": True, "far": False}


def test_stability_is_the_range_over_seeds() -> None:
    rows = [
        run_row("tree", "a:n=1", seed=seed, te_bp=100.0 + seed, objective=1.0 + seed)
        for seed in range(3)
    ]
    assert scored(tables(rows)).methods["te_spread_bp"].iloc[0] == 2.0
