"""What is proven of every choice of sides, against the best of all of them."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sma_research as sma
from sma_research.canonical.build import Program
from sma_research.canonical.meeting import meeting_of
from sma_research.canonical.netting_cases import netting_cases
from sma_research.canonical.trades_apart import trades_apart
from sma_research.portfolio.realized import sided_groups
from sma_research.program.certificate import certify
from sma_research.program.form import OnOff, objective
from sma_research.program.registry import load_backend
from sma_research.program.solution import Termination
from tests.tax.enumeration import TAXES, best_sides, drawn, multipliers, program_of

Told = Callable[..., sma.Problem]
LINEAR = TAXES[0]
MARKET = sma.synthetic_market(12, 3, 2, seed=3)
NEAR = 1e-6


def check(program: Program, best: float, seed: int) -> None:
    """No multipliers prove more than is true, nor less than without sides."""
    s, d, apart = program.structure, program.parameters, trades_apart(program)
    for y in multipliers(program, seed):
        found = certify(s, d, y, apart=apart).bound
        assert found <= best + NEAR * max(abs(best), 1.0)
        plain = certify(s, d, y).bound
        assert found >= plain - 1e-9 * max(abs(plain), 1.0)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), which=st.integers(0, len(TAXES) - 1))
def test_never_above_the_best_of_every_side(told: Told, seed: int, which: int) -> None:
    """Two of the five assets are substantially identical: a group of two."""
    for case in netting_cases(program_of(drawn(told, seed, **TAXES[which]))):
        check(case, best_sides(case), seed)


@pytest.mark.parametrize("cost", [101.0, 130.0, 180.0])
@pytest.mark.parametrize("aversion", [0.5, 5.0, 50.0])
def test_a_share_class_without_lots_is_bought_too(
    told: Told, cost: float, aversion: float
) -> None:
    """Its holding is a purchase of the group whose other member is at a loss."""
    lots = [("GOOG", 8.0, cost, 400), ("OIL", 20.0, 45.0, 400)]
    problem = told(lots, cash=8200.0, risk_aversion=aversion, **LINEAR)
    program = program_of(problem)
    apart = trades_apart(program)
    assert apart is not None
    assert apart.plain.size == 1
    check(program, best_sides(program), 0)


@pytest.mark.parametrize("wishes", [
    {"max_turnover": 0.3}, {"tracking_error_cap": 0.03}, {"wash_sales": "price"},
    {"min_holding_days": 200}, {"max_weight": 0.35},
])  # fmt: skip
@pytest.mark.parametrize("seed", range(3))
def test_other_limits_change_nothing_about_that(
    told: Told, seed: int, wishes: dict[str, Any]
) -> None:
    program = program_of(drawn(told, seed, **LINEAR, **wishes))
    best = best_sides(program)
    if np.isfinite(best):
        check(program, best, seed)


def best_named(program: Program) -> float:
    """The best of every choice of sides and names, each a convex program."""
    s, meeting = program.structure, meeting_of(program)
    groups, z, j = sided_groups(program.problem), s.on_off.binary, s.on_off.column
    free = replace(s, integer=np.zeros_like(s.integer), on_off=OnOff())
    session, none = load_backend("clarabel").compile(free, sma.Settings()), np.zeros(0)
    d, best, most = (
        program.parameters,
        np.inf,
        program.problem.account.mandate.max_names,
    )
    assert most is not None
    names = [on for on in product((0.0, 1.0), repeat=z.size) if sum(on) <= most]
    for on, sides in product(names, product((False, True), repeat=groups.size)):
        lower, upper, chosen = d.lower.copy(), d.upper.copy(), np.array(on)
        lower[z] = upper[z] = chosen
        lower[j], upper[j] = d.on_lower * chosen, d.on_upper * chosen
        selling = np.zeros(meeting.groups, dtype=np.bool_)
        selling[groups] = sides
        fixed = replace(d, lower=lower, upper=upper, on_lower=none, on_upper=none)
        answer = session.solve(
            meeting.restricted(fixed, selling=selling, buying=~selling)
        )
        if answer.termination is Termination.OPTIMAL and answer.x is not None:
            best = min(best, objective(s, d, answer.x))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_pairs_have_both_sides_in_both_states(told: Told, seed: int) -> None:
    program = program_of(drawn(told, seed, max_names=3, **LINEAR))
    best = best_named(program)
    assert np.isfinite(best)
    check(program, best, seed)


def with_funds(seed: int, **wishes: Any) -> sma.Problem:
    """Lots of stocks and funds at a loss, in an account that may hold both."""
    rng, universe = np.random.default_rng(seed), MARKET.universe
    chosen = [*rng.choice(12, 3, replace=False), 12 + int(rng.integers(2))]
    price = np.asarray(universe.price)[chosen]
    weight = rng.uniform(0.02, 0.2, 4)
    account = sma.Account(
        account_id="x",
        mandate=sma.Mandate(
            target={"broad": 1.0}, risk_aversion=float(rng.choice([5.0, 50.0])),
            max_weight=0.5, tax_model="linear", **wishes,
        ),
        lots=sma.Lots(
            asset=[universe.asset[int(i)] for i in chosen],
            shares=1e6 * weight / price,
            cost_per_share=price * rng.uniform(1.05, 1.5, 4),
            acquired=[MARKET.as_of.replace(year=2024)] * 4,
        ),
        cash=1e6 * (1.0 - float(weight.sum())),
    )  # fmt: skip
    return sma.Problem(market=MARKET, account=account)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_seen_through_funds_has_its_own_squares(seed: int) -> None:
    program = program_of(with_funds(seed))
    assert program.layout.looks_through
    check(program, best_sides(program), seed)
    report, y = sma.solve(program.problem), multipliers(program, seed)[0]
    plain = certify(program.structure, program.parameters, y).bound
    assert report.certified_bound is not None
    assert report.certified_bound > program.scale * plain


def test_tied_pairs_keep_their_price(told: Told) -> None:
    """With funds and a number of names, stocks are priced as they are seen."""
    program = program_of(with_funds(0, max_names=6))
    apart, s = trades_apart(program), program.structure
    assert apart is not None
    assert apart.within(s).row.size < apart.row.size
    y = multipliers(program, 0)[0]
    plain = certify(s, program.parameters, y).bound
    found = certify(s, program.parameters, y, apart=apart).bound
    assert found >= plain - 1e-9 * abs(plain)
    best = sma.solve(program.problem, "highs", "trade_sides").metrics
    assert best is not None
    assert program.scale * found <= best.objective + 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_positions_is_irrelevant(told: Told, seed: int) -> None:
    program = program_of(drawn(told, seed, **LINEAR))
    s, d, apart = program.structure, program.parameters, trades_apart(program)
    assert apart is not None
    rng = np.random.default_rng(seed)
    b, sale = rng.permutation(apart.row.size), rng.permutation(apart.sell.size)
    moved = replace(
        apart, row=apart.row[b], hold=apart.hold[b], buy=apart.buy[b],
        group=apart.group[b], sell=apart.sell[sale], lost=apart.lost[sale],
        owner=np.argsort(b)[apart.owner[sale]],
    )  # fmt: skip
    for y in multipliers(program, seed):
        one = certify(s, d, y, apart=apart).bound
        assert certify(s, d, y, apart=moved).bound == pytest.approx(one, rel=1e-12)


def test_rows_that_say_something_else_are_not_priced(told: Told) -> None:
    program = program_of(drawn(told, 0, **LINEAR))
    s, d = program.structure, program.parameters
    assert trades_apart(program) is not None
    lower = d.row_lower.copy()
    lower[s.rows["position"].start] -= 1.0
    other = replace(program, parameters=replace(d, row_lower=lower))
    assert trades_apart(other) is None
    changed = s.A.tolil()
    changed[s.rows["position"].start, s.columns["cash"].start] = 1.0
    assert (
        trades_apart(replace(program, structure=replace(s, A=changed.tocsc()))) is None
    )
    endless = d.upper.copy()
    endless[s.columns["buy"]] = np.inf
    other = replace(program, parameters=replace(d, upper=endless))
    assert trades_apart(other) is None
    gains = program_of(told([("GOOG", 10.0, 50.0, 100)], **LINEAR))
    assert trades_apart(gains) is None


def test_trades_that_exclude_nothing_leave_the_relaxation(told: Told) -> None:
    program = program_of(drawn(told, 3, **LINEAR))
    s, d, apart = program.structure, program.parameters, trades_apart(program)
    assert apart is not None
    y = multipliers(program, 3)[0]
    plain = certify(s, d, y).bound
    found = [
        certify(s, d, y, apart=replace(apart, dust=dust)).bound
        for dust in (0.0, 0.01, 1.0, 100.0)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]
    assert found[-1] == pytest.approx(plain, rel=1e-6)
