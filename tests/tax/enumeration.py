"""Random accounts of a few lots, and the best of all that they could do."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.canonical.meeting import meeting_of
from sma_research.canonical.netting_cases import netting_cases
from sma_research.portfolio.realized import sided_groups
from sma_research.program.form import OnOff, objective
from sma_research.program.registry import load_backend

Told = Callable[..., sma.Problem]
PRICE = {"GOOG": 100.0, "GOOGL": 100.0, "OIL": 50.0, "BANK": 20.0, "DRUG": 10.0}
ASSETS = list(PRICE)
NOISE = (0.0, 1e-3, 0.1, 3.0)  # of multipliers
# What losses are worth: lot by lot, in a year of nothing else, and in one of gains.
TAXES: list[dict[str, Any]] = [
    {"tax_model": "linear"},
    {},
    {"account": {"year_to_date": sma.YearToDate(
        held_away_short=300.0, held_away_long=500.0, ordinary_limit=200.0
    )}},
]  # fmt: skip


def drawn(told: Told, seed: int, *, barred: bool = False, **wishes: Any) -> sma.Problem:
    """Eight lots, most of them at a loss, and cash to buy them back.

    Where they are `barred` it may not: a loss elsewhere of every asset that has one.
    """
    rng = np.random.default_rng(seed)
    lots = []
    for _ in range(8):
        asset = str(rng.choice(ASSETS))
        cost = PRICE[asset] * rng.uniform(0.8, 1.5)
        shares = rng.uniform(200, 1500) / PRICE[asset]
        lots.append((asset, float(shares), float(cost), int(rng.integers(40, 700))))
    aversion = float(rng.choice([2.0, 20.0]))
    cash = float(rng.uniform(0, 3000))
    lost = {asset for asset, _, cost, _ in lots if cost > PRICE[asset]}
    wishes = {"risk_aversion": aversion, **wishes}
    if not barred:
        return told(lots, cash=cash, **wishes)
    sold = [(asset, "loss", 1.0, 9, "x") for asset in sorted(lost)]
    return told(lots, sold, cash=cash, max_cash=1.0, **wishes)


def program_of(problem: sma.Problem, *, switched: bool = False) -> Program:
    """The program of an account, without a case unless a binary says it."""
    shape = shape_of(problem, switched=switched)
    return build(problem, Layout(market=problem.market, shape=shape))


def enumerated(problem: sma.Problem) -> float:
    """The best of every choice of sides and case of the tax; its objective."""
    program = program_of(problem)
    return program.scale * min(map(best_sides, netting_cases(program)))


def best_sides(case: Program) -> float:
    """The best of every choice of sides of one case, each a convex program.

    In units of the program, infinite where there is none.
    """
    meeting, groups = meeting_of(case), sided_groups(case.problem)
    session = load_backend("clarabel").compile(case.structure, sma.Settings())
    best = np.inf
    for sides in product([True, False], repeat=groups.size):
        selling = np.zeros(meeting.groups, dtype=np.bool_)
        buying = selling.copy()
        selling[groups[list(sides)]] = True
        buying[groups[[not side for side in sides]]] = True
        d = meeting.restricted(case.parameters, selling=selling, buying=buying)
        answer = session.solve(d)
        if answer.x is not None:
            best = min(best, objective(case.structure, case.parameters, answer.x))
    return best


def multipliers(program: Program, seed: int) -> list[Vector]:
    """Those of the relaxation with more and more noise, and pure noise."""
    rng, s = np.random.default_rng(seed), program.structure
    free = replace(s, integer=np.zeros_like(s.integer), on_off=OnOff())
    none = np.zeros(0)
    relaxed = replace(program.parameters, on_lower=none, on_upper=none)
    y = load_backend("clarabel").compile(free, sma.Settings()).solve(relaxed).y
    assert y is not None
    return [
        centre + noise * rng.normal(size=y.size)
        for centre, noise in product((y, np.zeros_like(y)), NOISE)
    ]
