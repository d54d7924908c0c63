"""Golden values of every aggregation, and the mistakes that published tables made."""

import numpy as np
import pytest
from sma_benchmarks.statistics import (
    Estimate,
    Penalty,
    cluster_bootstrap,
    exponent,
    median_ratio,
    penalised,
    performance_profile,
    reached_by,
    shifted_geometric_mean,
    suite_shift,
    tie_groups,
)

from sma_research.errors import DataError

NAN = float("nan")


def test_shifted_geometric_mean_by_hand() -> None:
    values = np.array([1.0, 10.0, 100.0])
    assert shifted_geometric_mean(values, 0.0) == pytest.approx(10.0)
    by_hand = ((1 + 2) * (10 + 2) * (100 + 2)) ** (1 / 3) - 2
    assert shifted_geometric_mean(values, 2.0) == pytest.approx(by_hand)


def test_a_shift_far_above_the_times_makes_the_mean_arithmetic() -> None:
    """The published case: ms times under a shift of 10 s."""
    times = np.random.default_rng(0).lognormal(np.log(5e-3), 1.5, 2000)
    far = shifted_geometric_mean(times, 10.0)
    assert far == pytest.approx(times.mean(), rel=2e-2)
    shift = suite_shift(times[:, None])
    assert shifted_geometric_mean(times, shift) < 0.6 * far


def test_times_not_reached_need_a_penalty() -> None:
    with pytest.raises(DataError, match="penalty"):
        shifted_geometric_mean(np.array([1.0, NAN]), 1.0)
    times = np.array([[1.0, 2.0], [NAN, 3.0]])
    limits = np.array([10.0, 20.0])
    assert penalised(times, limits, Penalty.PAR2)[1, 0] == 40.0
    assert penalised(times, limits, Penalty.PAR10)[1, 0] == 200.0
    assert penalised(times, limits, Penalty.INTERSECTION).tolist() == [[1.0, 2.0]]


def test_an_instance_that_all_fail_counts_for_nobody() -> None:
    """The published mistake: failures at 1,000 s, divided by the least of them, are 1."""
    times = np.array([[1.0, 2.0], [NAN, NAN]])
    profile = performance_profile(times, np.array([1.0, 2.0, 1e9]))
    np.testing.assert_allclose(profile, [[0.5, 0.0], [0.5, 0.5], [0.5, 0.5]])


def test_shares_reached_by_a_moment() -> None:
    times = np.array([[1.0, 5.0], [3.0, NAN]])
    found = reached_by(times, np.array([0.5, 1.0, 5.0]))
    np.testing.assert_allclose(found, [[0.0, 0.0], [0.5, 0.0], [1.0, 0.5]])


def test_families_are_drawn_whole() -> None:
    """Ninety copies of one instance are one piece of evidence, not ninety."""
    values = np.concatenate([np.zeros(90), np.ones(10)])
    families = ["a"] * 90 + [f"b{i}" for i in range(10)]
    whole = cluster_bootstrap(values, families, lambda v: float(np.mean(v)))
    singly = cluster_bootstrap(
        values, [str(i) for i in range(100)], lambda v: float(np.mean(v))
    )
    assert whole.value == singly.value == pytest.approx(0.1)
    assert whole.high - whole.low > 3 * (singly.high - singly.low)


def test_paired_ratios_ignore_what_both_share() -> None:
    drift = np.exp(np.random.default_rng(1).normal(0, 1.0, 40))
    found = median_ratio(drift, 1.5 * drift)
    assert found.value == pytest.approx(1.5)
    assert found.low == pytest.approx(1.5)
    with pytest.raises(DataError, match="at least two"):
        median_ratio(np.ones(3), np.ones(2))


def test_exponent_and_its_interval() -> None:
    sizes = np.array([100.0, 300.0, 1000.0, 3000.0])
    exact = exponent(sizes, 2e-6 * sizes**1.5)
    assert exact.value == pytest.approx(1.5)
    noisy = exponent(sizes, 2e-6 * sizes**1.5 * np.array([1.1, 0.9, 1.05, 0.95]))
    assert noisy.low < 1.5 < noisy.high
    assert exponent(sizes[:2], sizes[:2]).high == np.inf
    with pytest.raises(DataError, match="two different sizes"):
        exponent(np.ones(3), np.ones(3))


def test_what_cannot_be_told_apart_ties() -> None:
    def estimate(value: float, half: float) -> Estimate:
        return Estimate(value=value, low=value - half, high=value + half)

    groups = tie_groups(
        ["slow", "first", "second", "near"],
        [estimate(9, 0.1), estimate(1, 0.1), estimate(1.1, 0.1), estimate(1.3, 0.01)],
        rope=0.5,
    )
    assert groups == [["first", "second", "near"], ["slow"]]
