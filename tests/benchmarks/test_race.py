"""Who is the best, and how sure that is: by hand on draws that are written down."""

import numpy as np
import pytest
from sma_benchmarks.race import counted, race
from sma_benchmarks.statistics import Penalty, cluster_bootstrap, penalised

from sma_research.errors import DataError

NAN = float("nan")
ROPE = 0.05


def test_shares_of_draws_by_hand() -> None:
    times = np.array([[1.0, 2.0, NAN], [4.0, 2.0, 3.0]])
    charged = penalised(times, np.array([10.0, 10.0]), Penalty.PAR2)
    draws = np.array([[2, 0], [1, 1], [0, 2], [0, 2]])
    ended = race(charged, draws, shift=0.0, rope=ROPE)
    # First method: 1, 2, 4 and 4 s; second: always 2 s; third: 20, 7.7, 3 and 3 s.
    # It wins the first draw, halves the second, and loses the last two to the second.
    assert ended.best.tolist() == pytest.approx([1.5 / 4, 2.5 / 4, 0.0])
    assert ended.mean.tolist() == pytest.approx([2.0, 2.0, np.sqrt(60.0)])


def test_a_shift_can_change_the_winner() -> None:
    charged = np.array([[1.0, 4.0], [25.0, 9.0]])
    both = np.array([[1, 1]])
    # Geometric means 5 and 6 s; with 10 s more, 19.6 and 16.3 less the shift.
    assert race(charged, both, shift=0.0, rope=ROPE).best.tolist() == [1.0, 0.0]
    shifted = race(charged, both, shift=10.0, rope=ROPE)
    assert shifted.best.tolist() == [0.0, 1.0]
    by_hand = [np.sqrt(11 * 35) - 10, np.sqrt(14 * 19) - 10]
    assert shifted.mean.tolist() == pytest.approx(by_hand)


def test_equals_share_every_draw_and_a_group() -> None:
    charged = np.array([[1.0, 1.0, 3.0], [2.0, 2.0, 6.0]])
    ended = race(charged, counted(["a", "b"]), shift=1.0, rope=ROPE)
    assert ended.best.tolist() == [0.5, 0.5, 0.0]
    assert ended.group.tolist() == [1, 1, 2]


def test_who_is_ahead_in_some_draws_is_tied_and_who_never_is_is_not() -> None:
    quick = np.array([0.1, 0.1, 0.1, 4.0, 4.0, 4.0])
    steady = np.ones(6)
    slower = 1.2 * steady  # behind in every draw, by more than the rope
    close = 1.04 * steady  # behind in every draw, by less than it
    charged = np.column_stack([quick, steady, slower, close])
    ended = race(charged, counted(list("aaabbb")), shift=0.0, rope=ROPE)
    assert ended.group.tolist() == [1, 1, 1, 1]  # the best one left is the quick one
    alone = race(charged[:, 1:], counted(list("aaabbb")), shift=0.0, rope=ROPE)
    assert alone.group.tolist() == [1, 2, 1]
    # Families are drawn whole: both of the quick one's kind in a quarter of the draws,
    # one of each in half, when it is at 0.63 s.
    assert ended.best[0] == pytest.approx(0.75, abs=0.05)
    assert ended.best.sum() == pytest.approx(1.0)


def test_draws_are_those_of_the_intervals() -> None:
    families = ["a", "b", "a", "c"]
    values = np.array([1.0, 2.0, 4.0, 8.0])
    counts = counted(families, draws=200, seed=3)
    means = counts @ values / counts.sum(axis=1)
    found = cluster_bootstrap(
        values, families, lambda v: float(np.mean(v)), draws=200, seed=3
    )
    assert [found.low, found.high] == np.percentile(means, [2.5, 97.5]).tolist()


def test_draws_without_a_common_instance_do_not_count() -> None:
    charged = np.array([[1.0, 2.0]])
    ended = race(charged, np.array([[1], [0], [3]]), shift=0.0, rope=ROPE)
    assert ended.best.tolist() == [1.0, 0.0]
    with pytest.raises(DataError, match="a draw with an instance"):
        race(charged, np.array([[0]]), shift=0.0, rope=ROPE)


def test_times_not_reached_need_a_penalty_first() -> None:
    with pytest.raises(DataError, match="penalty"):
        race(np.array([[1.0, NAN]]), np.array([[1]]), shift=0.0, rope=ROPE)
