"""One honest solver, and what each of these makes of it."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import LicenceError, UnsupportedProgram
from sma_research.program.backend import (
    Availability,
    BackendInfo,
    Licence,
    Observer,
    Service,
    Session,
    Settings,
)
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution, Termination

ORPHAN: Final = ("sleep", "4321.5")  # found again by its arguments
SMALL: Final = 10  # columns: a first try with fewer is answered honestly


@dataclass
class HostileSession:
    """Solves honestly, then does its worst."""

    honest: Session
    worst: Callable[[Solution], Any]

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        assert start is None
        assert observe is None
        answer: Solution = self.worst(self.honest.solve(parameters))
        return answer


@dataclass
class Hostile:
    """A backend whose answers go through something bad."""

    name: str
    worst: Callable[[Solution], Any]

    @property
    def info(self) -> BackendInfo:
        """It promises a lot."""
        return BackendInfo(
            name=self.name,
            library="sma-hostile",
            version="1.0",
            solves=frozenset({ProblemClass.LP, ProblemClass.QP, ProblemClass.QCP}),
            services=frozenset({Service.BOUND, Service.TIME_LIMIT, Service.DUALS}),
        )

    def probe(self) -> tuple[Availability, ...]:
        """Say that all is well."""
        return (
            Availability(
                engine=self.name, version="1.0", usable=True, licence=Licence.FREE
            ),
        )

    def compile(self, structure: Structure, settings: Settings) -> HostileSession:
        """Translate once what accounts share."""
        honest = load_backend("clarabel").compile(structure, settings)
        worst = self.worst if structure.integer.size > SMALL else _nothing
        return HostileSession(honest, worst)


def _nothing(solution: Solution) -> Solution:
    return solution


@dataclass
class SlowSession:
    """Solves honestly, and then wastes half as much time again."""

    honest: Session
    started: float  # processor seconds when it was compiled

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        solution = self.honest.solve(parameters, start=start, observe=observe)
        used = time.process_time() - self.started
        until = time.process_time() + 0.5 * used
        while time.process_time() < until:
            sum(range(1000))
        self.started = time.process_time()
        return solution


@dataclass
class Slow(Hostile):
    """An honest backend that takes half as long again."""

    def compile(self, structure: Structure, settings: Settings) -> Any:
        """Translate once what accounts share."""
        started = time.process_time()
        honest = load_backend("clarabel").compile(structure, settings)
        return SlowSession(honest, started)


def _hang(solution: Solution) -> Solution:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1.0)


def _segfault(solution: Solution) -> Solution:
    ctypes.string_at(0)
    return solution


def _memory(solution: Solution) -> Solution:
    held = []
    while True:
        held.append(np.ones(2**22))  # 32 MB, every page touched
        time.sleep(0.01)


def _infeasible(solution: Solution) -> Solution:
    assert solution.x is not None
    everything = np.zeros(solution.x.size)
    everything[0] = 100.0
    return replace(solution, x=everything, termination=Termination.OPTIMAL)


def _bound(solution: Solution) -> Solution:
    assert solution.objective is not None
    return replace(solution, bound=2.0 * abs(solution.objective) + 1.0)


def _garbage(solution: Solution) -> Solution:
    for descriptor in range(64):
        with suppress(OSError):
            os.write(descriptor, b"\x00\xffgarbage {" * 500)
    return solution


def _nonsense(solution: Solution) -> str:
    return "forty-two"


def _licence(solution: Solution) -> Solution:
    raise LicenceError("hostile: none was found on this machine")


def _raises(solution: Solution) -> Solution:
    raise ZeroDivisionError("an honest mistake")


def _exits(solution: Solution) -> Solution:
    os._exit(3)


def _orphan(solution: Solution) -> Solution:
    subprocess.Popen(ORPHAN)  # nobody waits for it
    return solution


def _detached(work: Callable[[], Any]) -> None:
    """Do the work in a process with a session and a parent of its own."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            work()
        os._exit(0)
    os.wait()


def _daemon(solution: Solution) -> Solution:
    _detached(lambda: os.execvp(ORPHAN[0], ORPHAN))
    return solution


def _hoarder(solution: Solution) -> Solution:
    _detached(lambda: _memory(solution))
    time.sleep(60.0)
    return solution


def _coward(solution: Solution) -> Solution:
    raise UnsupportedProgram("hostile: not this one")


honest = partial(Hostile, "hostile_honest", _nothing)
slow = partial(Slow, "hostile_slow", _nothing)
hang = partial(Hostile, "hostile_hang", _hang)
segfault = partial(Hostile, "hostile_segfault", _segfault)
memory = partial(Hostile, "hostile_memory", _memory)
infeasible = partial(Hostile, "hostile_infeasible", _infeasible)
bound = partial(Hostile, "hostile_bound", _bound)
garbage = partial(Hostile, "hostile_garbage", _garbage)
nonsense = partial(Hostile, "hostile_nonsense", _nonsense)
licence = partial(Hostile, "hostile_licence", _licence)
raises = partial(Hostile, "hostile_raises", _raises)
exits = partial(Hostile, "hostile_exits", _exits)
daemon = partial(Hostile, "hostile_daemon", _daemon)
hoarder = partial(Hostile, "hostile_hoarder", _hoarder)
orphan = partial(Hostile, "hostile_orphan", _orphan)
coward = partial(Hostile, "hostile_coward", _coward)
