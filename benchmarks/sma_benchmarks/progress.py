"""What a run shows: a bar in a terminal, a line for each solve anywhere else."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console, OverflowMethod, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column

from sma_benchmarks.estimate import Estimate, duration
from sma_benchmarks.outcome import GROUP, Group
from sma_benchmarks.runner import Step
from sma_benchmarks.task import Task


class Watcher(AbstractContextManager["Watcher"]):
    """Counts solves, and estimates the time left from those that ended."""

    def __init__(
        self, tasks: Sequence[Task], estimate: Estimate, jobs: int, screen: Console
    ) -> None:
        self._waiting = {task.row_id: task for task in tasks}
        self._total, self._estimate, self._jobs = len(tasks), estimate, jobs
        self._screen = screen
        self._bar = Progress(
            SpinnerColumn(), BarColumn(bar_width=12), MofNCompleteColumn(),
            TimeElapsedColumn(), _text("{task.fields[left]}"),
            # The rest of the line, so that a long name is what gives way.
            _text("{task.description}", ratio=1, overflow="ellipsis"),
            console=screen, expand=True, transient=True, disable=not screen.is_terminal,
        )  # fmt: skip
        self._line = self._bar.add_task("", total=self._total, left=self._left())

    def __enter__(self) -> "Watcher":
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    @property
    def renderable(self) -> RenderableType:
        """The bar as it stands."""
        return self._bar.get_renderable()

    def show(self, step: Step) -> None:
        """Take a piece of news."""
        if step.outcome is None:
            self._bar.update(self._line, description=_what(step.task))
            return
        self._waiting.pop(step.task.row_id, None)
        self._estimate.note(step.task, step.seconds)
        self._bar.update(self._line, advance=1, left=self._left())
        if not self._screen.is_terminal or GROUP[step.outcome] is not Group.VERIFIED:
            self._say(step)

    def _say(self, step: Step) -> None:
        done = self._total - len(self._waiting)
        seconds = "" if step.wall_s is None else f" {step.wall_s:.3g} s"
        bad = step.outcome and GROUP[step.outcome] is not Group.VERIFIED
        why = f": {step.message}" if bad and step.message else ""
        self._screen.print(
            f"{done}/{self._total} {_what(step.task)}: {step.outcome}{seconds}{why}; "
            f"{self._left()}",
            markup=False,
            soft_wrap=True,
        )

    def _left(self) -> str:
        seconds = self._estimate.total(self._waiting.values(), self._jobs)
        return f"about {duration(seconds)} left"


def _text(
    wanted: str, *, ratio: int | None = None, overflow: OverflowMethod = "fold"
) -> TextColumn:
    """Text in one line, of a column as wide as it needs unless it has a ratio."""
    column = Column(no_wrap=True, ratio=ratio, overflow=overflow)
    return TextColumn(wanted, markup=False, table_column=column)


def _what(task: Task) -> str:
    return f"{task.method} on {task.instance}"
