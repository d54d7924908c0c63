"""The child's side: a process with everything imported that forks one per solve.

``python -m sma_benchmarks.worker IN OUT`` reads orders, one line each, from the file
descriptor IN, and writes frames to OUT. For an order it forks a process in a session
of its own, which loads the instance, imports the backend, says READY, waits for the
line ``go``, and solves. Importing once and forking costs a few milliseconds where a
fresh interpreter costs a second; no two solves share a process all the same.

Both ends die with their parent, at any moment: no solve outlives its run.
"""

import ctypes
import faulthandler
import gc
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time
from traceback import print_exc
from types import FrameType
from typing import Any, Final, NoReturn

import numpy as np

from sma_benchmarks.answer import Answer, to_bytes
from sma_benchmarks.frames import Kind, frame
from sma_benchmarks.groups import keep_strays, sweep
from sma_benchmarks.instances import catalog
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import LONGEST
from sma_benchmarks.solving import prepare, probed
from sma_benchmarks.task import Budget, Task
from sma_research.errors import (
    BackendNotFound,
    DataError,
    LicenceError,
    SmaError,
    UnsupportedProgram,
    UnsupportedService,
)

PR_SET_PDEATHSIG: Final = 1
# Of data memory, past which an allocation fails: the watch may come too late.
BACKSTOP: Final = (2.0, 2048.0)  # times the limit, plus MB


class HarnessError(SmaError):
    """Not the method's fault."""


MEANING: Final[tuple[tuple[type[BaseException], Outcome], ...]] = (
    (HarnessError, Outcome.HARNESS_ERROR),
    (MemoryError, Outcome.OOM),
    (LicenceError, Outcome.LICENCE),
    (UnsupportedProgram, Outcome.UNSUPPORTED),
    (UnsupportedService, Outcome.UNSUPPORTED),
    (BackendNotFound, Outcome.UNSUPPORTED),  # not here: no fault of the method
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """One line of IN: what to do, and where the log goes."""

    tag: str  # of the frames that answer, hexadecimal
    log: str
    memory_limit_mb: float
    probe: str | None = None  # a solver to try, instead of a task
    task: dict[str, Any] = field(default_factory=dict)
    data: str | None = None

    def work(self) -> Callable[[], Answer]:
        """Load and import all that the order needs."""
        if self.probe is not None:
            return probed(self.probe)
        values = dict(self.task)
        task = Task(**{**values, "budget": Budget(**values.pop("budget"))})
        data = None if self.data is None else Path(self.data)
        try:
            instance = catalog.load(task.instance, data)
        except (DataError, OSError) as error:
            raise HarnessError(f"{task.instance} cannot be loaded: {error}") from error
        if instance.hash != task.instance_hash:
            raise HarnessError(
                f"{task.instance} is {instance.hash[:12]}, but was {task.instance_hash[:12]} "
                "when the run was planned; keep code and data still while it runs"
            )
        try:
            return prepare(instance, task)
        except DataError as error:  # nothing was asked of the solver yet
            raise HarnessError(f"{task.instance}: {error}") from error


def main(arguments: list[str]) -> None:
    """Serve orders until IN ends."""
    incoming, outgoing = (int(text) for text in arguments)
    _die_with_parent(signal.SIGTERM)
    keep_strays()
    gc.collect()
    gc.freeze()
    while line := _read_line(incoming):
        order = Order(**json.loads(line))
        child = os.fork()
        if child == 0:
            _serve(order, incoming, outgoing)
        _end_with(child)
        tag = bytes.fromhex(order.tag)
        os.write(outgoing, frame(tag, Kind.FORKED, str(child).encode()))
        _, status, usage = os.wait4(child, 0)
        sweep()  # what it started, and nobody waited for
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        spent = {
            "status": status,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "peak_mb": _megabytes(usage.ru_maxrss),
        }
        os.write(outgoing, frame(tag, Kind.ENDED, json.dumps(spent).encode()))


def _serve(order: Order, incoming: int, outgoing: int) -> NoReturn:
    """Do one order in this process, and end it whatever happens."""
    tag = bytes.fromhex(order.tag)

    def send(kind: Kind, content: bytes = b"") -> None:
        whole = memoryview(frame(tag, kind, content))
        while whole:
            whole = whole[os.write(outgoing, whole) :]

    try:
        _isolate(order)
        work = order.work()
        before = _cpu_s()
        send(Kind.READY, json.dumps(before).encode())
        _read_line(incoming)
        answer, cpu_s = measured(work)
        send(Kind.DONE, json.dumps({"cpu_s": cpu_s}).encode())
        send(Kind.ANSWER, to_bytes(answer))
    except BaseException as error:  # a stranger's code may raise anything
        print_exc()
        failure = {"outcome": outcome_of(error), "message": _said(error)}
        with suppress(OSError):
            send(Kind.FAILED, json.dumps(failure).encode())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(0)


def measured(work: Callable[[], Answer]) -> tuple[Answer, float]:
    """The answer with plain arrays, and the processor seconds it took.

    A vector that is computed when it is read is computed here, on the clock.
    """
    before = _cpu_s()
    answer = work()
    arrays = {name: np.asarray(array) for name, array in answer.vectors.items()}
    return replace(answer, vectors=arrays), _cpu_s() - before


def outcome_of(error: BaseException) -> Outcome:
    """What an exception means for the row."""
    kinds = (outcome for kind, outcome in MEANING if isinstance(error, kind))
    return next(kinds, Outcome.EXCEPTION)


def _said(error: BaseException) -> str:
    words = " ".join(str(error).split())
    text = words if isinstance(error, SmaError) else f"{type(error).__name__}: {words}"
    # A frame of this kind must fit into one write, whatever the letters.
    return text[:LONGEST].encode("ascii", "backslashreplace").decode()[:LONGEST]


def _isolate(order: Order) -> None:
    """A session of its own, a log instead of the terminal, and a last memory limit."""
    os.setsid()
    keep_strays()  # so that their memory is seen while it lives
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with_parent(signal.SIGKILL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    times, more = BACKSTOP
    most = int((times * order.memory_limit_mb + more) * 2**20)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _die_with_parent(number: signal.Signals) -> None:
    """Ask the kernel for a signal when the parent dies, where it can."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)


def _end_with(child: int) -> None:
    """Take the child and all it started along when this process is told to end."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError):
                kill(child, signal.SIGKILL)
        sweep()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)


def _read_line(descriptor: int) -> bytes:
    """One line, or nothing where the other end is gone."""
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(descriptor, 1 << 16)
        if not part:
            return b""
        line += part
    return line


def _cpu_s() -> float:
    """Processor seconds of this process and of those it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime


def _megabytes(peak: int) -> float:
    """The kernel counts kilobytes, on macOS bytes."""
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(sys.argv[1:])
