"""A process and all that it started: how much memory they hold, and how they end."""

import os
import signal
from contextlib import suppress

import psutil

MEGABYTE = 2**20


def members(leader: int) -> list[int]:
    """Numbers of the processes in the group of a leader."""
    found = []
    for number in psutil.pids():
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(number) == leader:
                found.append(number)
    return found


def resident_mb(leader: int) -> float:
    """Resident memory of the whole group; pages they share count for each."""
    total = 0
    for number in members(leader):
        with suppress(psutil.Error):
            total += psutil.Process(number).memory_info().rss
    return total / MEGABYTE


def end_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to the group, and to descendants that left it."""
    strays = []
    with suppress(psutil.Error):
        strays = psutil.Process(leader).children(recursive=True)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
    for stray in strays:
        with suppress(psutil.Error):
            stray.send_signal(number)
