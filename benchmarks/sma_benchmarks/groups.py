"""A process and all that it started: how much memory they hold, and how they end."""

import ctypes
import os
import signal
import sys
from contextlib import suppress
from time import perf_counter
from typing import Final

import psutil

MEGABYTE: Final = 2**20


PR_SET_CHILD_SUBREAPER: Final = 36
SWEEP_S: Final = 5.0  # in which what was killed is gone


def keep_strays() -> None:
    """Be the parent of all that descends from here, whatever session it opens.

    A process whose parent ends goes to the system's first process, out of sight; with
    this it comes here. Only Linux can; elsewhere it stays a stray.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def members(leader: int) -> set[int]:
    """Numbers of the processes in the group of a leader, and of its descendants."""
    found = {process.pid for process in _descendants(leader)}
    for number in psutil.pids():
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(number) == leader:
                found.add(number)
    return found


def resident_mb(leader: int) -> float:
    """Resident memory of them all; pages they share count for each."""
    total = 0
    for number in members(leader):
        with suppress(psutil.Error):
            total += psutil.Process(number).memory_info().rss
    return total / MEGABYTE


def end_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to the group, and to descendants that left it."""
    strays = _descendants(leader)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
    for stray in strays:
        with suppress(psutil.Error):
            stray.send_signal(number)


def sweep() -> None:
    """Kill all that descends from this process, until nothing is left of it."""
    until = perf_counter() + SWEEP_S
    while (left := _descendants(os.getpid())) and perf_counter() < until:
        for stray in left:
            with suppress(psutil.Error):
                stray.kill()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue


def _descendants(leader: int) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    with suppress(psutil.Error):
        found = psutil.Process(leader).children(recursive=True)
    return found
