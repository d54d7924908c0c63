"""How long solves will take: from solves like them, else from their limits."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sma_benchmarks.task import Task

OVERHEAD_S = 0.5  # to load, judge and keep a solve, until some are measured


class Estimate:
    """Means of the seconds seen: of the method on the instance, else of the method.

    A method that was never seen counts with its limit.
    """

    def __init__(self, seen: Iterable[tuple[Task, float]] = ()) -> None:
        self._seen: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for task, seconds in seen:
            self.note(task, seconds)

    def note(self, task: Task, seconds: float) -> None:
        """Take a measured solve into account."""
        for key in _keys(task):
            self._seen[key].append(seconds)

    def known(self, task: Task) -> bool:
        """Whether a solve of the same method was seen."""
        return (task.method,) in self._seen

    def seconds(self, task: Task) -> float:
        """Likely seconds of one solve."""
        for key in _keys(task):
            if key in self._seen:
                return sum(self._seen[key]) / len(self._seen[key])
        return task.budget.time_limit_s + OVERHEAD_S

    def total(self, tasks: Iterable[Task], jobs: int = 1) -> float:
        """Likely seconds of all of them, so many at a time."""
        return sum(self.seconds(task) for task in tasks) / jobs


def most(tasks: Sequence[Task], jobs: int = 1) -> float:
    """Seconds if every solve used its limit and grace."""
    each = (t.budget.time_limit_s + t.budget.grace_s + OVERHEAD_S for t in tasks)
    return sum(each) / jobs


def duration(seconds: float) -> str:
    """Seconds in words, such as ``2 min 05 s``."""
    whole = max(round(seconds), 0)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {whole % 60:02d} s" if minutes else f"{whole} s"


def _keys(task: Task) -> tuple[tuple[str, ...], ...]:
    return (task.method, task.instance), (task.method,)
