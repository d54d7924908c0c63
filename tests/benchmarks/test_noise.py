"""Real times on a real machine: equal code passes, half as slow again does not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sma_benchmarks import store
from sma_benchmarks.compare import compare
from sma_benchmarks.timing import Decision

HOSTILE = Path(__file__).parent / "hostile"
SUITE = """
name = "noise"
description = "One account again and again"
tier = "ci"
instances = ["names:n=300,k=100"]
methods = ["hostile_honest", "hostile_slow"]
repeats = 40
[budget]
time_limit_s = 10.0
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    work = tmp_path_factory.mktemp("noise")
    shutil.copytree(HOSTILE, work / "source")
    install = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
        *("--no-index", "--no-build-isolation", "--disable-pip-version-check"),
        *("--target", str(work / "installed"), str(work / "source")),
    ]
    subprocess.run(install, check=True, capture_output=True)
    (work / "noise.toml").write_text(SUITE)
    before = os.environ.get("PYTHONPATH", "")
    path = os.pathsep.join([str(work / "installed"), before])
    subprocess.run(
        [sys.executable, "-m", "sma_research.cli", "bench", "run",
         str(work / "noise.toml"), "--out", str(work / "run")],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        check=True, capture_output=True,
    )  # fmt: skip
    return store.read(work / "run").runs


def halves(rows: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Neighbouring repetitions apart, at random which of the two is the base."""
    flip = np.random.default_rng(seed).integers(0, 2, len(rows) // 2)
    ordered = rows.sort_values("repeat").reset_index(drop=True)
    number = ordered.index // 2
    head = (ordered.index % 2).to_numpy() == flip[number]
    numbered = ordered.assign(repeat=number)
    return numbered[~head], numbered[head]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_equal_code_passes(runs: pd.DataFrame, seed: int) -> None:
    honest = runs[runs["method"] == "hostile_honest"]
    found = compare(*halves(honest, seed))
    assert found.decision is Decision.PASS, found.times


@pytest.mark.slow
def test_half_as_slow_again_is_caught(runs: pd.DataFrame) -> None:
    base = runs[runs["method"] == "hostile_honest"].assign(method="pair")
    head = runs[runs["method"] == "hostile_slow"].assign(method="pair")
    found = compare(base, head)
    assert found.decision is Decision.REGRESSION, found.times
    assert 1.3 < found.times[0].ratio.value < 1.7


@pytest.mark.slow
def test_a_fifth_of_a_basis_point_is_caught(runs: pd.DataFrame) -> None:
    base, head = halves(runs[runs["method"] == "hostile_honest"], 0)
    worse = head.assign(te_bp=head["te_bp"] + 0.2)
    assert compare(base, worse).decision is Decision.REGRESSION
