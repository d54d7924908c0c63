"""The order of solves, and how long they will take."""

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from sma_benchmarks.estimate import Estimate, duration, most
from sma_benchmarks.schedule import interleaved
from sma_benchmarks.task import Budget, Task

from sma_research.errors import DataError

METHODS = ("clarabel", "osqp", "highs")
INSTANCES = tuple(f"names:n={n}" for n in (100, 200, 300, 400))


def tasks(suite_hash: str = "0f" * 32) -> list[Task]:
    return [
        Task(
            suite="s", suite_hash=suite_hash, family="names", instance=instance,
            instance_hash="h", method=method, seed=seed, repeat=repeat,
            budget=Budget(time_limit_s=10.0, grace_s=2.0),
        )
        for instance, method, seed, repeat in product(
            INSTANCES, METHODS, (0, 1), (0, 1, 2)
        )
    ]  # fmt: skip


def test_methods_take_turns_on_every_instance() -> None:
    ordered = interleaved(tasks())
    width = len(METHODS)
    for start in range(0, len(ordered), width):
        block = ordered[start : start + width]
        assert len({(t.instance, t.seed, t.repeat) for t in block}) == 1
        assert {t.method for t in block} == set(METHODS)


def test_rounds_visit_every_instance_before_the_next_round() -> None:
    rounds = [(t.repeat, t.seed) for t in interleaved(tasks())]
    assert rounds == sorted(rounds)


def test_no_method_is_always_first() -> None:
    ordered = interleaved(tasks())
    firsts = Counter(task.method for task in ordered[:: len(METHODS)])
    assert set(firsts) == set(METHODS)


def test_the_order_belongs_to_the_suite() -> None:
    order = [t.row_id for t in interleaved(tasks())]
    assert order == [t.row_id for t in interleaved(tasks()[::-1])]
    assert order != [t.row_id for t in interleaved(tasks("1e" * 32))]


def test_refuses_one_row_for_two_tasks() -> None:
    with pytest.raises(DataError, match="asked for twice"):
        interleaved([*tasks(), tasks()[0]])


def test_an_empty_suite_has_an_empty_order() -> None:
    assert interleaved([]) == []


def test_the_estimate_takes_the_nearest_solves() -> None:
    one, other = tasks()[0], replace(tasks()[0], instance="names:n=999")
    stranger = replace(one, method="pyomo")
    estimate = Estimate([(one, 2.0), (other, 4.0)])
    assert estimate.seconds(one) == 2.0
    assert estimate.seconds(replace(one, instance="names:n=5")) == 3.0
    assert estimate.seconds(stranger) == 10.5
    assert estimate.total([one, other], jobs=2) == 3.0
    assert not estimate.known(stranger)


def test_the_most_is_every_limit_and_grace() -> None:
    assert most(tasks()[:4], jobs=2) == 25.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (3725, "1 h 02 min")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
