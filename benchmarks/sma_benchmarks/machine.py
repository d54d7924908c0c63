"""The machine that measures: what it is, how steady it is, and how it is right now.

A canary is a fixed piece of work. Its time at the start of a run is the calibration;
its time before a solve, over the calibration, says what the solve's seconds are worth.
"""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, Final

import numpy as np
from scipy.sparse import csc_array, diags_array, eye_array, kron
from scipy.sparse.linalg import splu

from sma_benchmarks.records import Value

PAIRS: Final = 10  # of interleaved canaries in a calibration
GRID: Final = 75  # points along a side of the Laplacian
NUMBERS: Final = 150_000  # sorted
LEVEL: Final = 0.99  # of the noise band
DRAWS: Final = 1000  # of its bootstrap
GIT_S: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Reference work when a run began."""

    seconds: float  # wall, median
    noise: float  # half width of the ratio of two interleaved halves, of CPU seconds


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What the reference work took."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The code that is measured."""

    commit: str | None
    dirty: bool | None


class Canary:
    """About 50 ms of sorting, multiplying and factorizing."""

    def __init__(self) -> None:
        line = diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(GRID, GRID))
        eye = eye_array(GRID)
        self._laplacian = csc_array(kron(line, eye) + kron(eye, line))
        self._numbers = np.random.default_rng(0).standard_normal(NUMBERS)

    def work(self) -> Effort:
        """Do the work now."""
        began, started = thread_time(), perf_counter()
        factors = splu(self._laplacian)
        point = np.ones(self._laplacian.shape[0])
        for _ in range(10):
            point = factors.solve(np.asarray(self._laplacian @ point))
        np.sort(self._numbers)
        return Effort(wall_s=perf_counter() - started, cpu_s=thread_time() - began)


def calibrate(work: Callable[[], Effort]) -> Calibration:
    """Median of the reference work, and the band of its own A/A comparison.

    The band is the 99 % bootstrap interval of the median ratio of the first to the
    second of each pair of runs, as a half width, in processor seconds, which a gate
    compares: two methods that differ by less cannot be told apart here.
    """
    work()  # the first one pays for caches
    efforts = [work() for _ in range(2 * PAIRS)]
    cpu = np.log([effort.cpu_s for effort in efforts])
    draws = np.random.default_rng(0).choice(cpu[::2] - cpu[1::2], size=(DRAWS, PAIRS))
    tail = 0.5 * (1.0 - LEVEL)
    low, high = np.quantile(np.median(draws, axis=1), [tail, 1.0 - tail])
    return Calibration(
        seconds=float(np.median([effort.wall_s for effort in efforts])),
        noise=float(np.expm1(max(abs(low), abs(high)))),
    )


def describe(calibration: Calibration) -> dict[str, Value]:
    """The row of the table of machines.

    What is measured has no part in the id: a machine stays itself from run to run.
    """
    import psutil

    facts: dict[str, Value] = {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": _cores(),
        "memory_mb": round(psutil.virtual_memory().total / 2**20),
        "python": platform.python_version(),
        "packages": json.dumps(_packages(), sort_keys=True),
        "blas": _blas(),
    }
    content = json.dumps(facts, sort_keys=True).encode()
    return {
        "machine_id": hashlib.sha256(content).hexdigest(),
        **facts,
        "calibration_s": calibration.seconds,
        "noise": calibration.noise,
    }


def load_average() -> float | None:
    """Processes that wanted to run in the last minute, where the system says so."""
    return float(os.getloadavg()[0]) if hasattr(os, "getloadavg") else None


def provenance(folder: Path) -> Provenance:
    """Commit of the checkout that holds a folder; unknown where there is none."""
    commit = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    if commit is None or changed is None:
        return Provenance(commit=None, dirty=None)
    return Provenance(commit=commit, dirty=bool(changed))


def utc_now() -> str:
    """When a solve ended, ISO 8601: a fact of the calendar, not a measurement."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")  # noqa: TID251


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True, text=True, check=True, timeout=GIT_S,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _processor() -> str:
    """Model of the processor; Linux names it in a file."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor() or platform.machine()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _packages() -> dict[str, str]:
    return {
        str(found.metadata["Name"]).lower(): found.version
        for found in distributions()
        if found.metadata["Name"]
    }


def _blas() -> str:
    """Libraries loaded and their threads, or what numpy was built with."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        config: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
        found = config.get("Build Dependencies", {}).get("blas", {})
        return f"{found.get('name', 'unknown')} {found.get('version', '')}".strip()
    parts = [
        f"{p['internal_api']} {p['version']} {p['num_threads']} threads"
        for p in threadpool_info()
    ]
    return "; ".join(sorted(set(parts)))
