"""The least cost of a position, against points that it could have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sma_research.arrays import Vector
from sma_research.program.lagrangian import Relaxed
from sma_research.program.positions import Intervals, Positions

POINTS = 4001


def drawn(seed: int, lots: tuple[int, ...], *, flat: bool) -> Positions:
    """Positions of some lots each at random prices; columns hold, buy, sell."""
    rng = np.random.default_rng(seed)
    b, m = len(lots), sum(lots)
    cost = np.round(rng.normal(size=2 * b + m), 1)  # ties are the hard part
    curvature = np.zeros(2 * b + m)
    curvature[:b] = 0.0 if flat else rng.choice([0.0, 0.3, 2.0], b)
    return Positions(
        inner=Relaxed(
            constant=0.0, magnitude=0.0, curvature=curvature, cost=cost,
            error=np.abs(cost),
        ),
        before=rng.uniform(0.0, 3.0, b), hold=np.arange(b), buy=np.arange(b, 2 * b),
        sell=np.arange(2 * b, 2 * b + m), owner=np.repeat(np.arange(b), lots),
    )  # fmt: skip


def intervals(at: Positions, seed: int) -> Intervals:
    """Random ends, some of them together; all of what is held is in lots."""
    rng = np.random.default_rng(seed + 1)
    b, count = at.hold.size, np.bincount(at.owner, minlength=at.hold.size)
    low = rng.choice([0.0, 0.5], b)
    most = (at.before / np.maximum(count, 1))[at.owner]
    return Intervals(
        hold=(low, low + rng.choice([0.0, 1.0, 4.0], b)),
        buy=(np.zeros(b), rng.choice([0.0, 0.7, 5.0], b)),
        sell=(np.zeros(at.sell.size), most * rng.choice([0.0, 1.0], at.sell.size)),
    )


def cheapest(cost: Vector, most: Vector, amount: Vector) -> Vector:
    """Least cost of sums ``(n,)`` of columns from zero, infinite beyond all."""
    order = np.argsort(cost)
    sums = np.append(0.0, np.cumsum(most[order]))
    total = np.append(0.0, np.cumsum((cost * most)[order]))
    out = np.interp(amount, sums, total)
    inside = (amount >= -1e-9) & (amount <= sums[-1] + 1e-9)
    return np.where(inside, out, np.inf)


def tried(at: Positions, within: Intervals, i: int) -> float:
    """The best of many holdings and amounts sold of one position."""
    H, cost = at.inner.curvature[i], at.inner.cost
    mine = at.owner == i
    most = within.sell[1][mine]
    ends = np.append(0.0, np.cumsum(most[np.argsort(cost[at.sell][mine])]))
    grid = np.linspace(within.hold[0][i], within.hold[1][i], POINTS)
    best = np.inf
    for bought in (None, 0.0, within.buy[1][i]):
        # Sums of sales at the ends of lots, or as purchases at an end leave them.
        for kept in ends if bought is None else (None,):
            h = grid
            sold = np.full(h.size, kept) if kept is not None else at.before[i] - h
            if bought is not None:
                sold = sold + bought
            u = h - at.before[i] + sold
            legal = (u >= -1e-9) & (u <= within.buy[1][i] + 1e-9)
            v = cheapest(cost[at.sell][mine], most, sold)
            value = 0.5 * H * h**2 + cost[at.hold][i] * h + cost[at.buy][i] * u + v
            best = min(best, float(np.where(legal, value, np.inf).min()))
    return best


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    lots=st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple),
    flat=st.booleans(),
)
def test_it_is_the_best_of_all_that_a_position_can_do(
    seed: int, lots: tuple[int, ...], *, flat: bool
) -> None:
    at = drawn(seed, lots, flat=flat)
    within = intervals(at, seed)
    found = at.least(within)
    for i in range(len(lots)):
        best = tried(at, within, i)
        if np.isfinite(best):
            assert found.possible[i]
            assert found.value[i] <= best + 1e-9
            assert found.value[i] == pytest.approx(best, abs=5e-3)


def test_what_cannot_be_reached_is_impossible() -> None:
    at = drawn(0, (1, 1, 1), flat=False)
    one, none = np.ones(3), np.zeros(3)
    everything = at.before + 1.0
    bought = at.least(
        Intervals(hold=(everything, everything), buy=(none, none), sell=(none, one))
    )
    assert not bought.possible.any()
    sold = at.least(Intervals(hold=(none, none), buy=(none, one), sell=(none, none)))
    assert not sold.possible.any()
    kept = at.least(
        Intervals(hold=(at.before, at.before), buy=(none, one), sell=(none, none))
    )
    assert kept.possible.all()


def test_rounding_is_measured_by_the_terms_not_by_their_sum() -> None:
    cost = np.array([1e8, 0.0])
    at = Positions(
        inner=Relaxed(constant=0.0, magnitude=0.0, curvature=np.zeros(2), cost=cost,
                      error=np.zeros(2)),
        before=np.zeros(1), hold=np.array([0]), buy=np.array([1]),
        sell=np.zeros(0, dtype=np.intp), owner=np.zeros(0, dtype=np.intp),
    )  # fmt: skip
    one, none = np.ones(1), np.zeros(0)
    found = at.least(Intervals(hold=(one, one), buy=(one, one), sell=(none, none)))
    assert found.value == pytest.approx(1e8)
    assert found.magnitude >= 1e8
