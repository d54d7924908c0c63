"""One process of a solve, from its order to its end."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from time import perf_counter
from typing import Final

from sma_benchmarks.answer import Answer, from_bytes
from sma_benchmarks.frames import Kind, Message
from sma_benchmarks.groups import end_group, resident_mb
from sma_benchmarks.launcher import Launcher
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.task import Budget
from sma_research.errors import DataError

POLL_S: Final = 0.05
HANDOVER_S: Final = 120.0  # from DONE to the whole answer
ENDING_S: Final = 2.0  # between SIGTERM and SIGKILL, and from the answer to the end
LOG_MOST: Final = 64 * 2**20  # bytes of log before it is cut
LOG_KEPT: Final = 64 * 2**10  # bytes of its beginning, and of its end


class Stopped(Exception):
    """The run was told to stop while a solve was under way."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Ended:
    """How a process ended, and what it handed over."""

    outcome_hint: Outcome | None = None  # set where the process gave no answer
    answer: Answer | None = None
    wall_s: float = 0.0  # from the start signal to the answer; 0 if it never started
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    log: bytes = b""
    message: str = ""
    content: bytes = b""  # the answer as it came


class Attempt:
    """Follows one process; the first thing that settles its outcome stays."""

    def __init__(
        self, launcher: Launcher, budget: Budget, ready_s: float, log: Path
    ) -> None:
        self._launcher, self._budget, self._log = launcher, budget, log
        self._child: int | None = None
        self._answered = self._over = False
        self._first = Ended()  # what settled the outcome, the first cause wins
        self._deadline, self._late = perf_counter() + ready_s, self._never_ready
        self._started = self._cpu_before = self._wall = 0.0
        self._cpu: float | None = None
        self._peak = 0.0

    @property
    def clean(self) -> bool:
        """Whether the worker may serve again."""
        return self._answered and self._over

    def followed(self, stop: Flag) -> Ended:
        """Watch until the process is gone."""
        while not self._over:
            for message in self._launcher.receive(POLL_S):
                self._heard[message.kind](self, message)
            self._guard()
            if stop.is_set():
                raise Stopped
        if self._child is not None:
            end_group(self._child, signal.SIGKILL)  # what it left behind
        return self._ended()

    def kill(self) -> None:
        """End the whole group at once."""
        if self._child is not None:
            end_group(self._child, signal.SIGKILL)

    def _guard(self) -> None:
        if not self._launcher.alive and not self._over:
            self._over = True
            self._settle(Outcome.HARNESS_ERROR, "the worker is gone; see its log")
            self.kill()
        if self._child is None or self._over:
            if perf_counter() > self._deadline and not self._over:
                self._over = True
                self._settle(Outcome.HARNESS_ERROR, "the worker did not fork in time")
            return
        used = resident_mb(self._child)
        self._peak = max(self._peak, used)
        if used > self._budget.memory_limit_mb:
            limit = self._budget.memory_limit_mb
            self._settle(
                Outcome.OOM, f"held {used:.0f} MB, its limit is {limit:.0f} MB"
            )
            self.kill()
        if self._log.exists() and self._log.stat().st_size > LOG_MOST:
            os.truncate(self._log, LOG_KEPT)
        if perf_counter() > self._deadline:
            self._late()

    def _settle(self, outcome: Outcome, message: str) -> None:
        if self._first.outcome_hint is None and not self._answered:
            self._first = Ended(outcome_hint=outcome, message=message)

    def _forked(self, message: Message) -> None:
        self._child = int(message.content)

    def _ready(self, message: Message) -> None:
        self._cpu_before = float(json.loads(message.content))
        self._started = perf_counter()
        self._launcher.go()
        self._deadline = (
            self._started + self._budget.time_limit_s + self._budget.grace_s
        )
        self._late = self._ignored_its_limit

    def _done(self, message: Message) -> None:
        if self._first.outcome_hint is None:
            self._wall = perf_counter() - self._started
            self._cpu = float(json.loads(message.content)["cpu_s"])
            self._deadline = perf_counter() + HANDOVER_S
            self._late = self._never_handed_over

    def _answer(self, message: Message) -> None:
        try:
            answer = from_bytes(message.content)
        except DataError as error:
            self._settle(Outcome.EXCEPTION, str(error))
        else:
            if self._first.outcome_hint is None:
                self._first = Ended(answer=answer, content=message.content)
        self._handed_over()

    def _failed(self, message: Message) -> None:
        said = json.loads(message.content)
        self._settle(Outcome(said["outcome"]), said["message"])
        self._handed_over()

    def _handed_over(self) -> None:
        self._answered = True
        self._deadline = perf_counter() + ENDING_S
        self._late = self.kill

    def _gone(self, message: Message) -> None:
        spent = json.loads(message.content)
        self._over = True
        self._peak = max(self._peak, spent["peak_mb"])
        if self._started and not self._wall:
            self._wall = perf_counter() - self._started
        if self._cpu is None and self._started:
            self._cpu = max(spent["cpu_s"] - self._cpu_before, 0.0)
        self._settle(*_end(spent["status"], self._peak, self._budget))

    _heard: Final[dict[Kind, Callable[["Attempt", Message], None]]] = {
        Kind.FORKED: _forked, Kind.READY: _ready, Kind.DONE: _done,
        Kind.ANSWER: _answer, Kind.FAILED: _failed, Kind.ENDED: _gone,
    }  # fmt: skip

    def _never_ready(self) -> None:
        self._terminate("did not import and load in time")

    def _ignored_its_limit(self) -> None:
        limit, grace = self._budget.time_limit_s, self._budget.grace_s
        self._terminate(f"ran past its limit of {limit:g} s and {grace:g} s of grace")

    def _never_handed_over(self) -> None:
        self._terminate("solved, but did not hand its answer over in time")

    def _terminate(self, message: str) -> None:
        """SIGTERM now, SIGKILL later."""
        self._settle(Outcome.HARD_KILL, message)
        if self._child is not None:
            end_group(self._child, signal.SIGTERM)
        self._deadline, self._late = perf_counter() + ENDING_S, self.kill

    def _ended(self) -> Ended:
        return replace(
            self._first, wall_s=self._wall, cpu_s=self._cpu or 0.0, peak_mb=self._peak
        )


def _end(status: int, peak_mb: float, budget: Budget) -> tuple[Outcome, str]:
    """What an end without an answer means."""
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return Outcome.EXCEPTION, f"ended with exit code {code} and no answer"
    number = signal.Signals(os.WTERMSIG(status))
    if number is signal.SIGKILL and peak_mb > 0.8 * budget.memory_limit_mb:
        return Outcome.OOM, f"killed by the system at {peak_mb:.0f} MB"
    return Outcome.CRASH, f"ended by {number.name}"
