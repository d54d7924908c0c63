"""The order of solves: every round visits every instance, methods side by side.

Machines drift: they heat up, others use them. Methods that take turns on an instance
meet the same weather; a method that runs last in a block of its own does not. The
order is drawn from the suite's hash, so that a resumed run continues the same one.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from sma_benchmarks.task import Task
from sma_research.errors import DataError


def interleaved(tasks: Sequence[Task]) -> list[Task]:
    """Tasks by rounds of repetition and seed; in each, instances and methods shuffled.

    Raises
    ------
    DataError
        Two tasks that would fill the same row.
    """
    _check_rows(tasks)
    if not tasks:
        return []
    rng = np.random.default_rng(int(tasks[0].suite_hash[:16] or "0", 16))
    ordered: list[Task] = []
    for _, members in groupby(sorted(tasks, key=_place), key=_round):
        by_instance: dict[str, list[Task]] = defaultdict(list)
        for task in members:
            by_instance[task.instance].append(task)
        instances = list(by_instance.values())
        for i in rng.permutation(len(instances)):
            methods = instances[i]
            ordered += [methods[j] for j in rng.permutation(len(methods))]
    return ordered


def _round(task: Task) -> tuple[int, int]:
    return task.repeat, task.seed


def _place(task: Task) -> tuple[int, int, str, str, str]:
    return (*_round(task), task.instance, task.method, task.start_mode)


def _check_rows(tasks: Sequence[Task]) -> None:
    seen: dict[str, Task] = {}
    for task in tasks:
        if task.row_id in seen:
            raise DataError(
                f"{task.method} on {task.instance} is asked for twice, expected one "
                "task for each row"
            )
        seen[task.row_id] = task
