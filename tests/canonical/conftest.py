"""Random accounts and random trades, and the point of the program that they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.portfolio.netting import added_tax

STOCKS, FUNDS, FACTORS = 8, 2, 3


@dataclass(frozen=True)
class Case:
    """An account, its program, trades, and the point ``(p,)`` that they are."""

    problem: sma.Problem
    program: Program
    buy: Vector  # (n,) fractions of the account value
    sell: Vector  # (m,)
    weight: Vector  # (n,) after the trades
    cash: float
    x: Vector

    def rows(self, clause: str) -> Vector:
        """Left sides of a clause's rows at the point."""
        at = self.program.structure.rows[clause]
        return np.asarray(self.program.structure.A @ self.x)[at]

    def sides(self, clause: str) -> tuple[Vector, Vector]:
        """Limits of a clause's rows."""
        at = self.program.structure.rows[clause]
        d = self.program.parameters
        return d.row_lower[at], d.row_upper[at]

    def block(self, name: str) -> Vector:
        """Columns of a block at the point."""
        return self.x[self.program.structure.columns[name]]


def market(rng: np.random.Generator) -> sma.Market:
    """Eight stocks and two funds, one of which its basket covers to four fifths."""
    n = STOCKS + FUNDS
    root = rng.normal(size=(FACTORS, FACTORS)) * 0.1
    baskets = np.zeros((FUNDS, n))
    baskets[0, :STOCKS] = rng.dirichlet(np.ones(STOCKS))
    baskets[1, :4] = 0.8 * rng.dirichlet(np.ones(4))
    return sma.Market(
        as_of=date(2025, 6, 30),
        universe=sma.Universe(
            asset=[f"A{i}" for i in range(n)],
            price=rng.uniform(5, 500, n),
            sector=["X", "Y", "X", "Y", "Z", "X", "Y", "Z", "F", "F"],
            industry=["I"] * n,
            kind=["stock"] * STOCKS + ["etf"] * FUNDS,
            spread=rng.uniform(0, 0.01, n),
        ),
        risk_model=sma.RiskModel(
            factor_exposure=rng.normal(size=(n, FACTORS)),
            factor_covariance=root @ root.T,
            specific_risk=rng.uniform(0.1, 0.4, n),
        ),
        benchmarks={
            "one": [*rng.dirichlet(np.ones(STOCKS)), 0.0, 0.0],
            "two": [*rng.dirichlet(np.ones(4)), *[0.0] * 6],
        },
        look_through=sma.LookThrough(
            fund=["A8", "A9"], constituents=baskets, residual_risk=[0.003, 0.002]
        ),
    )


EVERY: dict[str, Any] = {
    "target": {"one": 0.6, "two": 0.4},
    "risk_aversion": 40.0,
    "tax_aversion": 0.7,
    "cost_aversion": 1.5,
    "horizon_years": 2.0,
    "tracking_error_cap": 0.05,
    "exclude": {"A3"},
    "look_through_limit": 0.02,
    "max_weight": 0.6,
    "max_names": 6,
    "min_names": 2,
    "min_position": 0.01,
    "sector_bands": {"X": sma.Band(lower=-0.1, upper=0.2), "Z": sma.Band(upper=0.3, relative=False)},
    "factor_bands": {2: sma.Band(lower=-0.3, upper=0.4), 0: sma.Band(lower=-2.0, relative=False)},
    "min_cash": 0.005,
    "max_cash": 0.03,
    "max_turnover": 0.9,
}  # fmt: skip


def lots(rng: np.random.Generator, where: sma.Market, count: int) -> sma.Lots:
    """Lots of the first five assets and the first fund, gains and losses."""
    asset = rng.choice([0, 1, 2, 3, 4, 8], size=count)
    price = np.asarray(where.universe.price)[asset]
    days = rng.integers(1, 900, size=count)
    return sma.Lots(
        asset=[where.universe.asset[i] for i in asset],
        shares=rng.uniform(100, 1000, count) / price,
        cost_per_share=price * rng.uniform(0.5, 1.5, count),
        acquired=[where.as_of - timedelta(days=int(day)) for day in days],
    )


def point(program: Program, buy: Vector, sell: Vector) -> tuple[Vector, Vector, float]:
    """The point of trades, block by block in the words of `layout`; weights; cash."""
    problem, columns = program.problem, program.structure.columns
    universe, kinds = problem.market.universe, problem.account.mandate.kinds
    owned = sorted(set(problem.lot_asset.tolist()))
    held = [i for i in range(universe.size) if universe.kind[i] in kinds or i in owned]
    weight = problem.held + buy
    np.subtract.at(weight, problem.lot_asset, sell)
    weight[np.abs(weight) < 1e-12] = 0.0  # all lots sold
    half = 0.5 * np.asarray(universe.spread)
    cash = float(
        problem.cash_before - buy @ (1 + half) + sell @ (1 - half)[problem.lot_asset]
    )
    slots: list[float] = []
    for i in owned:  # the cheapest to sell first, dearest last
        mine = [j for j, asset in enumerate(problem.lot_asset) if asset == i]
        slots += [sell[j] for j in sorted(mine, key=lambda j: problem.tax_rate[j])]
    W = problem.market.baskets.toarray()
    active = W.T @ weight - problem.benchmark
    model = problem.market.risk_model
    x = np.zeros(program.structure.integer.size)
    blocks = {
        "hold": weight[held], "buy": buy[owned], "sell": slots, "cash": [cash],
        "active": active[program.layout.seen],
        "factor": model.factor_root @ model.X.T @ active,
    }  # fmt: skip
    for name, values in blocks.items():
        if name in columns:
            x[columns[name]] = 100.0 * np.asarray(values)
    if "on" in columns:
        x[columns["on"]] = weight[held] > 0
    if "netted" in columns:
        x[columns["netted"]] = 100.0 * added(problem, sell)
    return x, weight, cash


def added(problem: sma.Problem, sell: Vector) -> Vector:
    """What sales add to the short-term result, the long-term one and the tax ``(3,)``.

    Without wash sales. Tax by `added_tax`, which knows no program.
    """
    gain, account, value = sell * problem.gain_rate, problem.account, problem.value
    short = float(gain[~problem.long_term].sum())
    long = float(gain[problem.long_term].sum())
    rates, year = account.tax_rates, account.year_to_date
    tax = added_tax(short * value, long * value, rates, year)
    return np.array([short, long, tax / value])


@pytest.fixture
def drawn() -> Callable[..., Case]:
    """A random account and trades, from a seed and changes of the mandate."""

    def draw(seed: int, **wishes: Any) -> Case:
        rng = np.random.default_rng(seed)
        where = market(rng)
        account = sma.Account(
            account_id=f"seed {seed}",
            mandate=sma.Mandate(**{**EVERY, **wishes}),
            lots=lots(rng, where, 12),
            cash=2000.0,
        )
        problem = sma.Problem(market=where, account=account)
        program = build(problem, Layout(market=where, shape=shape_of(problem)))
        sell = problem.lot_weight * rng.choice([0.0, 0.3, 1.0], size=12)
        sell[problem.restricted[problem.lot_asset]] = problem.lot_weight[
            problem.restricted[problem.lot_asset]
        ]
        allowed = ~problem.forbidden
        buy = np.where(allowed, rng.choice([0.0, 0.02, 0.1], size=allowed.size), 0.0)
        x, weight, cash = point(program, buy, sell)
        return Case(problem, program, buy, sell, weight, cash, x)

    return draw
