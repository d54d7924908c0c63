"""Three algorithms that share no code must agree."""

from dataclasses import replace

import numpy as np
import pytest

from sma_research.arrays import Vector
from sma_research.program.backend import Settings
from sma_research.program.form import Parameters, Structure
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution, Termination
from sma_research.program.verify import residuals
from sma_research.testing import programs
from sma_research.testing.programs import structure

NAMES = ("osqp", "clarabel", "highs")
TOLERANCE = 1e-5


def answers(s: Structure, d: Parameters) -> dict[str, Solution]:
    """What each backend says."""
    return {name: load_backend(name).compile(s, Settings()).solve(d) for name in NAMES}


def agree(s: Structure, d: Parameters) -> None:
    """Demand one status, and one value where there is one.

    The active set method of HiGHS gives up on some QPs. It says so: a numerical
    error claims nothing, and the other two decide.
    """
    found = answers(s, d)
    if found["highs"].termination is Termination.NUMERICAL_ERROR:
        del found["highs"]
    ends = {name: solution.termination for name, solution in found.items()}
    assert len({end is Termination.OPTIMAL for end in ends.values()}) == 1, ends
    values = [f.objective for f in found.values() if f.objective is not None]
    spread = max(values, default=0.0) - min(values, default=0.0)
    assert spread <= TOLERANCE * max(1.0, *np.abs(values), 1.0), (ends, values)
    for name, solution in found.items():
        if solution.x is not None:
            assert residuals(s, d, solution).within(TOLERANCE), name


def factor_qp(seed: int, *, n: int = 40, k: int = 4) -> tuple[Structure, Parameters]:
    """Track a benchmark in percent, factor form, with a turnover limit."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, k))
    specific = rng.uniform(0.2, 2.0, n)
    target = rng.dirichlet(np.ones(n))
    held = rng.dirichlet(np.ones(n))
    P = np.diag(np.concatenate([2 * specific, np.zeros(n), np.full(k, 2.0)]))
    none = np.zeros
    A = np.vstack(
        [
            np.concatenate([np.ones(n), none(n + k)]),
            np.hstack([np.eye(n), -np.eye(n), none((n, k))]),
            np.concatenate([none(n), np.ones(n), none(k)]),
            np.hstack([X.T, none((k, n)), -np.eye(k)]),
        ]
    )
    one = np.ones(1)
    turnover = np.array([rng.uniform(0.05, 0.5)])
    cost = np.full(n, 0.01)
    return structure(P, A), programs.bounds(
        np.concatenate([-2 * specific * target, cost, none(k)]),
        rows=(
            np.concatenate([one, np.full(n + 1, -np.inf), X.T @ target]),
            np.concatenate([one, held, turnover, X.T @ target]),
        ),
        columns=(
            np.concatenate([none(2 * n), np.full(k, -np.inf)]),
            np.concatenate([np.full(n, 0.15), np.ones(n), np.full(k, np.inf)]),
        ),
    )


@pytest.mark.parametrize("seed", range(40))
def test_random_qps(seed: int) -> None:
    case = programs.kkt_qp(100 + seed, p=15, r=6)
    rng = np.random.default_rng(seed)
    d = case.parameters
    agree(case.structure, replace(d, q=d.q + rng.normal(size=d.q.size)))


@pytest.mark.parametrize("seed", range(15))
def test_tracking_programs(seed: int) -> None:
    agree(*factor_qp(seed))


def test_highs_solves_most_tracking_programs() -> None:
    ends = [answers(*factor_qp(seed))["highs"].termination for seed in range(15)]
    assert ends.count(Termination.OPTIMAL) >= 12


@pytest.mark.parametrize("seed", range(20))
def test_random_lps(seed: int) -> None:
    case = programs.kkt_lp(100 + seed, p=12, r=5)
    rng = np.random.default_rng(seed)
    d = case.parameters
    agree(case.structure, replace(d, q=d.q + 0.3 * rng.normal(size=d.q.size)))


def contradiction(seed: int) -> tuple[Structure, Parameters]:
    """Random rows whose sides hold, but for one sum of two others that cannot."""
    rng = np.random.default_rng(seed)
    A: Vector = np.asarray(rng.normal(size=(4, 6)))
    A = np.vstack([A, A[0] + A[1]])
    x = np.asarray(rng.normal(size=6))
    high = A @ x + 0.1
    low = high - 1.0
    low[4] = high[0] + high[1] + 10.0 ** rng.uniform(-2, 1)
    high[4] = np.inf
    return structure(np.eye(6) * float(seed % 2), A), programs.bounds(
        rng.normal(size=6), rows=(low, high), columns=(-10.0, 10.0)
    )


@pytest.mark.parametrize("seed", range(20))
def test_contradictions_are_infeasible(seed: int) -> None:
    for name, solution in answers(*contradiction(seed)).items():
        assert solution.termination is Termination.INFEASIBLE, name
        assert solution.x is None


@pytest.mark.parametrize("seed", range(10))
def test_a_cap_is_its_multiplier_in_the_objective(seed: int) -> None:
    """Clarabel's capped answer against OSQP's with the caps priced in."""
    case = programs.kkt_qcp(50 + seed)
    s, d = case.structure, case.parameters
    capped = load_backend("clarabel").compile(s, Settings()).solve(d)
    assert capped.cap_y is not None
    assert capped.x is not None
    square = np.array([cap.square for cap in s.caps])
    priced = structure(
        s.P.toarray() + 2.0 * np.diag(capped.cap_y @ square), s.A.toarray()
    )
    account = Parameters(
        q=d.q + d.cap_linear.T @ capped.cap_y,
        row_lower=d.row_lower,
        row_upper=d.row_upper,
        lower=d.lower,
        upper=d.upper,
    )
    free = load_backend("osqp").compile(priced, Settings()).solve(account)
    assert free.x is not None
    np.testing.assert_allclose(free.x, capped.x, atol=1e-4)
