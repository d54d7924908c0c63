"""The parent's side of a worker: the process that forks one process per solve."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from sma_benchmarks.frames import Message, Scanner

# Every library that starts threads reads one of these when it is imported.
THREADS: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS",
    "RAYON_NUM_THREADS",
)  # fmt: skip
LOG: Final = "worker.log"
CHUNK: Final = 1 << 20


class Launcher:
    """One worker with its number of threads, and the two pipes to it."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.threads = threads
        theirs, self._orders = os.pipe()
        self._messages, ours = os.pipe()
        pins = dict.fromkeys(THREADS, str(threads))
        command = [
            sys.executable,
            "-m",
            "sma_benchmarks.worker",
            f"{theirs}",
            f"{ours}",
        ]
        with (folder / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs, ours),
                start_new_session=True,
                env={**os.environ, **pins, "PYTHONHASHSEED": "0"},
            )
        os.close(theirs)
        os.close(ours)
        self._scanner = Scanner(b"")
        self.alive = True

    def order(self, content: Mapping[str, Any]) -> None:
        """Ask for one process; its messages are received from now on."""
        self._scanner = Scanner(bytes.fromhex(content["tag"]))
        self._say(json.dumps(content))

    def go(self) -> None:
        """Let the process solve."""
        self._say("go")

    def receive(self, timeout_s: float) -> list[Message]:
        """Messages that arrive in that time; `alive` tells whether more may come."""
        ready, _, _ = select.select([self._messages], [], [], timeout_s)
        if not ready:
            return []
        content = os.read(self._messages, CHUNK)
        self.alive = self.alive and bool(content)
        return self._scanner.feed(content)

    def close(self) -> None:
        """End the worker, and the process it has forked."""
        self.alive = False
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._orders)
        os.close(self._messages)

    def _say(self, line: str) -> None:
        content = memoryview(f"{line}\n".encode())
        with suppress(BrokenPipeError):  # then the messages end, and `alive` tells
            while content:
                content = content[os.write(self._orders, content) :]
