"""A backend of a third party: installed beside the project, bound by the contract."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOY = Path(__file__).parent / "toy"
REPORT = """
import json
from sma_research.program.registry import backend_names, load_backend
from sma_research.testing.conformance import run_checks
toy = load_backend("toy")
results = run_checks(toy)
print(json.dumps({
    "names": backend_names(),
    "usable": [engine.usable for engine in toy.probe()],
    "ran": [result.name for result in results],
    "failed": [f"{r.name}: {r.message}" for r in results if r.failed],
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy, built as its own distribution and installed into a folder."""
    target = tmp_path_factory.mktemp("plugin")
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
        *("--no-index", "--no-build-isolation", "--disable-pip-version-check"),
        *("--target", str(target), str(TOY)),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


@pytest.fixture(scope="module")
def report(installed: Path) -> dict[str, Any]:
    """What a fresh process finds with the toy installed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", REPORT],
        env={**os.environ, "PYTHONPATH": str(installed), "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        text=True,
        cwd=installed,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_is_its_own_distribution(installed: Path) -> None:
    assert (installed / "sma_toy_plugin" / "backend.py").is_file()
    assert list(installed.glob("sma_toy_plugin-*.dist-info/entry_points.txt"))


def test_is_found_beside_the_shipped_ones(report: dict[str, Any]) -> None:
    assert {"toy", "osqp", "highs", "clarabel"} <= set(report["names"])


def test_says_that_it_runs(report: dict[str, Any]) -> None:
    assert report["usable"] == [True]


def test_keeps_the_contract(report: dict[str, Any]) -> None:
    assert report["failed"] == []


def test_is_bound_by_the_clauses_of_a_qp_solver(report: dict[str, Any]) -> None:
    bound = {
        "reaches_a_known_optimum",
        "signs_by_hand",
        "refuses_nan",
        "writes_nothing",
    }
    assert bound <= set(report["ran"])
    assert "solves_a_knapsack" not in report["ran"]
