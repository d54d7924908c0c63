"""One solve in a process group of its own, with limits that hold.

The clock starts when the process says READY and ends when it says DONE. The solver
gets its time limit as a setting; past limit and grace the group gets SIGTERM, and two
seconds later SIGKILL. Resident memory is watched all along.
"""

import os
from dataclasses import asdict, replace
from pathlib import Path
from threading import Event as Flag
from types import TracebackType
from typing import Any, Final

from sma_benchmarks.attempt import LOG_KEPT, Attempt, Ended, Stopped
from sma_benchmarks.launcher import LOG, Launcher
from sma_benchmarks.task import Budget, Task

__all__ = ["Ended", "Isolation", "Stopped", "run"]

READY_S: Final = 300.0  # to import and load


class Isolation:
    """Runs solves one after another, each in a new process.

    A worker that saw anything but an answer or a refusal is replaced.
    """

    def __init__(self, folder: Path, stop: Flag | None = None) -> None:
        self._folder = folder
        self._stop = stop or Flag()
        self._launcher: Launcher | None = None

    def __enter__(self) -> "Isolation":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def run(self, task: Task, data: Path | None) -> Ended:
        """Solve one task.

        Raises
        ------
        Stopped
            The run was told to stop; the group is gone.
        """
        content = {"task": asdict(task), "data": None if data is None else str(data)}
        before = task.budget.time_limit_s if task.start_mode != "cold" else 0.0
        return self._follow(content, task.row_id, task.budget, READY_S + before)

    def probe(self, solver: str) -> Ended:
        """Try a solver with its own tiny solve; the answer tells its licence."""
        return self._follow({"probe": solver}, "probe", Budget(), Budget().time_limit_s)

    def _follow(
        self, content: dict[str, Any], name: str, budget: Budget, ready_s: float
    ) -> Ended:
        log = (self._folder / f"{name[:16]}.log").absolute()
        log.unlink(missing_ok=True)
        launcher = self._ready(budget.threads)
        attempt = Attempt(launcher, budget, ready_s, log)
        order = {"tag": os.urandom(16).hex(), "log": str(log),
                 "memory_limit_mb": budget.memory_limit_mb}  # fmt: skip
        try:
            launcher.order(order | content)
            ended = attempt.followed(self._stop)
        except BaseException:
            attempt.kill()
            self._close()
            raise
        lost = _read_log(self._folder / LOG) if not launcher.alive else b""
        ended = replace(ended, log=_read_log(log) + lost)
        log.unlink(missing_ok=True)
        if not attempt.clean:
            self._close()
        return ended

    def _ready(self, threads: int) -> Launcher:
        if self._launcher and self._launcher.threads != threads:
            self._close()
        if self._launcher is None:
            self._launcher = Launcher(self._folder, threads)
        return self._launcher

    def _close(self) -> None:
        if self._launcher is not None:
            self._launcher.close()
            self._launcher = None


def run(task: Task, data: Path | None, folder: Path) -> Ended:
    """Solve one task in a process of its own; `folder` holds its log meanwhile."""
    with Isolation(folder) as isolation:
        return isolation.run(task, data)


def _read_log(path: Path) -> bytes:
    """The log, without its middle if it is long."""
    if not path.exists():
        return b""
    with path.open("rb") as log:
        size = path.stat().st_size
        if size <= 2 * LOG_KEPT:
            return log.read()
        first = log.read(LOG_KEPT)
        log.seek(-LOG_KEPT, os.SEEK_END)
        return (
            first + f"\n[{size - 2 * LOG_KEPT} bytes left out]\n".encode() + log.read()
        )
