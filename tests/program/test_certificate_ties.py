"""Pairs tied to the column of their square: the bound stays below, and gets tight."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sma_research.arrays import Mask, Vector, sparse
from sma_research.program.backend import Session, Settings
from sma_research.program.certificate import certify, pair_costs
from sma_research.program.form import OnOff, Parameters, Structure, objective
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution, Termination
from sma_research.program.ties import ties

TIGHT = Settings(tolerance=1e-9)
FUNDS = 2


@dataclass(frozen=True, eq=False)
class Drawn:
    """Stocks and two funds: holdings, what is seen, and which are held."""

    structure: Structure
    parameters: Parameters
    stocks: int


def mixed(n: int, names: int, seed: int, *, slope: float = 1.0) -> Drawn:
    rng = np.random.default_rng(seed)
    t = n + FUNDS
    baskets = rng.dirichlet(np.ones(n), FUNDS)
    target = rng.dirichlet(np.ones(n))
    A = np.zeros((n + 2, 2 * t + n))  # hold, active, on
    A[:n, :n] = -slope * np.eye(n)
    A[:n, n:t] = -baskets.T
    A[:n, t : t + n] = np.eye(n)
    A[n, :t], A[n + 1, t + n :] = 1.0, 1.0
    square = np.concatenate([
        np.zeros(n), rng.uniform(0.01, 0.1, FUNDS), rng.uniform(0.5, 4.0, n),
        np.zeros(t),
    ])  # fmt: skip
    hold, on = np.arange(t), np.arange(t + n, 2 * t + n)
    structure = Structure(
        P=sparse(np.diag(square)),
        A=sparse(A),
        integer=np.isin(np.arange(2 * t + n), on),
        columns={
            "hold": slice(0, t), "active": slice(t, t + n), "on": slice(t + n, 2 * t + n)
        },
        rows={
            "active": slice(0, n), "budget": slice(n, n + 1), "names": slice(n + 1, n + 2)
        },
        owner=np.concatenate([hold, np.arange(n), hold]),
        on_off=OnOff(binary=on, column=hold),
    )  # fmt: skip
    most = np.concatenate([np.full(n, 0.6), np.ones(FUNDS)])
    cost = rng.normal(scale=0.05, size=t)
    parameters = Parameters(
        q=np.concatenate([cost, np.zeros(n), rng.uniform(0.0, 0.01, t)]),
        row_lower=np.concatenate([-target, [0.9, -np.inf]]),
        row_upper=np.concatenate([-target, [1.0, float(names)]]),
        lower=np.concatenate([np.zeros(t), np.full(n, -2.0), np.zeros(t)]),
        upper=np.concatenate([most, np.full(n, 2.0), np.ones(t)]),
        on_lower=np.full(t, 0.02),
        on_upper=most,
    )
    return Drawn(structure, parameters, n)


def best_of(drawn: Drawn) -> tuple[float, Solution]:
    """Best value by enumeration, and the answer that has it."""
    s, d = drawn.structure, drawn.parameters
    free = replace(s, integer=np.zeros_like(s.integer), on_off=OnOff())
    session = load_backend("clarabel").compile(free, TIGHT)
    limit = d.row_upper[-1]
    answers = [
        answer
        for on in product((False, True), repeat=s.on_off.size)
        if sum(on) <= limit and (answer := _held(session, s, d, np.array(on)))
    ]
    best = min(answers, key=lambda answer: _value(s, d, answer))
    return _value(s, d, best), best


def _held(session: Session, s: Structure, d: Parameters, on: Mask) -> Solution | None:
    lower, upper = d.lower.copy(), d.upper.copy()
    z, j = s.on_off.binary, s.on_off.column
    lower[z] = upper[z] = on
    lower[j], upper[j] = d.on_lower * on, d.on_upper * on
    none = np.zeros(0)
    answer = session.solve(
        replace(d, lower=lower, upper=upper, on_lower=none, on_upper=none)
    )
    return answer if answer.termination is Termination.OPTIMAL else None


def _value(s: Structure, d: Parameters, answer: Solution) -> float:
    assert answer.x is not None
    return objective(s, d, answer.x)


@hypothesis_settings(max_examples=20)
@given(
    n=st.integers(2, 4),
    names=st.integers(1, 4),
    seed=st.integers(0, 10_000),
    scale=st.sampled_from([0.0, 0.05, 0.5, 5.0]),
    slope=st.sampled_from([1.0, 0.5, -1.0]),
)
def test_never_above_the_best_of_all_sets_of_names(
    n: int, names: int, seed: int, scale: float, slope: float
) -> None:
    drawn = mixed(n, names, seed, slope=slope)
    s, d = drawn.structure, drawn.parameters
    best, answer = best_of(drawn)
    assert ties(s).size == n
    rng = np.random.default_rng(seed + 1)
    assert answer.y is not None
    around = answer.y if s.A.shape[0] == answer.y.size else np.zeros(s.A.shape[0])
    for centre in (np.zeros(s.A.shape[0]), around):
        for _ in range(10):
            y = centre + scale * rng.normal(size=s.A.shape[0])
            found = certify(s, d, y)
            assert found.bound <= best + 1e-6 * (1.0 + abs(best))


def test_the_tie_is_worth_something() -> None:
    drawn = mixed(5, 2, seed=4)
    s, d = drawn.structure, drawn.parameters
    best, answer = best_of(drawn)
    assert answer.y is not None
    loose = certify(replace(s, owner=None), d, answer.y)
    tight = certify(s, d, answer.y)
    assert loose.bound < tight.bound <= best + 1e-8


def test_with_funds_fixed_the_interval_is_a_point_and_one_name_is_exact() -> None:
    drawn = mixed(4, 1, seed=11)
    s, d = drawn.structure, drawn.parameters
    n, t = drawn.stocks, drawn.stocks + FUNDS
    lower, upper = d.lower.copy(), d.upper.copy()
    upper[n:t] = 0.0  # no fund at all
    upper[t + n + n :] = 0.0
    d = replace(
        d, lower=lower, upper=upper,
        row_lower=np.concatenate([d.row_lower[:n], [-np.inf, -np.inf]]),
        row_upper=np.concatenate([d.row_upper[:n], [np.inf, 1.0]]),
    )  # fmt: skip
    low, high = ties(s).reach(s, d)
    assert low == pytest.approx(d.row_lower[:n])
    assert high == pytest.approx(d.row_upper[:n])
    best, _ = best_of(Drawn(s, d, n))
    # Nothing couples the stocks now but the number of names, which is kept.
    assert certify(s, d).bound == pytest.approx(best, abs=1e-7)


def test_prices_at_a_point_are_what_the_objective_says() -> None:
    drawn = mixed(4, 4, seed=2)
    s, d, n = drawn.structure, drawn.parameters, drawn.stocks
    t = n + FUNDS
    x = np.zeros(s.integer.size)
    x[n:t] = 0.4, 0.3
    x[t : t + n] = d.row_lower[:n] - s.A[:n, n:t] @ x[n:t]
    costs = pair_costs(s, d, np.zeros(s.A.shape[0]), point=x)

    def moved(i: int, weight: float) -> Vector:
        out = x.copy()
        out[i], out[t + i], out[t + n + i] = weight, x[t + i] + weight, 1.0
        return out

    grid = np.linspace(0.02, 0.6, 2001)
    for i in range(n):
        tried = min(objective(s, d, moved(i, weight)) for weight in grid)
        assert costs[i] == pytest.approx(tried - objective(s, d, x), abs=1e-5)


def test_what_has_no_owner_or_no_bound_is_not_tied() -> None:
    drawn = mixed(3, 2, seed=8)
    s, d = drawn.structure, drawn.parameters
    assert ties(replace(s, owner=None)).size == 0
    endless = d.upper.copy()
    endless[drawn.stocks] = np.inf
    low, high = ties(s).reach(
        s, replace(d, upper=endless, on_upper=np.full(s.on_off.size, np.inf))
    )
    assert (high == np.inf).all()
    assert np.isfinite(low).all()
    assert np.isfinite(certify(s, replace(d, upper=endless)).bound)
