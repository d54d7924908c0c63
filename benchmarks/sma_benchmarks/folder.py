"""The folder of a run: one run at a time, and never another run's by accident."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sma_benchmarks.state import FILE
from sma_benchmarks.store import BLOBS, LOGS, MANIFEST
from sma_research.errors import DataError

LOCK: Final = "lock"
SCRATCH: Final = "running"  # logs of the solves under way


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder; the system lets go of it when the process ends, however it does.

    Raises
    ------
    DataError
        Another process holds it.
    """
    with (folder / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataError(
                f"{folder} is in use by another run, expected one at a time; wait for "
                "it, or name another folder with --out"
            ) from error
        yield


def spare_run(folder: Path) -> None:
    """See that what is to be written into a folder harms no run.

    Raises
    ------
    DataError
        It holds a run, whose files have the same names.
    """
    for name in (FILE, MANIFEST):
        if (folder / name).exists():
            raise DataError(
                f"{folder} holds a run ({name} is there), whose tables would be damaged; "
                "name another folder with --out"
            )


def prepare(folder: Path, *, resume: bool) -> None:
    """Make the folder, or see that it may be continued.

    Raises
    ------
    DataError
        It holds a run and none is to be resumed, or the other way round, or tables
        without their ledger, or it is a file, or cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(
            f"{folder} is a file, expected a folder, there or to be made; name one "
            "with --out"
        )
    ledger = folder / FILE
    started = ledger.exists() and ledger.stat().st_size > 0
    if started and not resume:
        raise DataError(
            f"{folder} holds a run, expected an empty folder; continue with --resume, "
            "or name another with --out"
        )
    if not started and (folder / MANIFEST).exists():
        raise DataError(
            f"{folder} holds tables without their ledger {FILE}, which no run can "
            "continue; name another folder with --out"
        )
    if not started and resume:
        raise DataError(
            f"{folder} holds no run, expected one to continue; correct --out, or leave "
            "--resume and --retry out to start one"
        )
    try:
        for part in (BLOBS, LOGS, SCRATCH):
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder} cannot be written to: {error.strerror}") from error
