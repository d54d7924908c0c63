"""The finance referee: every mandate clause, re-derived from the proposal alone.

It sees the `Problem` and the `Rebalance`, never a program or a solver. Each clause
is one function that returns its violations; `audit` collects those beyond the
tolerance.
"""

from collections.abc import Iterator

import numpy as np

from sma_research.portfolio import audit_taxes, metrics
from sma_research.portfolio.findings import (
    Clause,
    Finding,
    above,
    below,
    between,
    masked,
)
from sma_research.portfolio.mandate import Band
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.screens import wrong_kind

TOLERANCE = 1e-6  # of account value, 0.01 bp
UNCOUNTED = 1e-5  # of account value, most that all holdings too small to count weigh


def audit(
    problem: Problem, rebalance: Rebalance, tolerance: float = TOLERANCE
) -> tuple[Finding, ...]:
    """Every clause broken by more than the tolerance; empty means it passed."""
    found = (f for clause in CLAUSES for f in clause(problem, rebalance))
    return tuple(f for f in found if not f.excess <= tolerance)


def trades(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Trades are numbers of shares, and no lot sells more than it holds."""
    asset = problem.market.universe.asset
    lot = [f"{asset[i]} (lot {j})" for j, i in enumerate(problem.lot_asset)]
    weight = 1.0 / problem.value
    lot_price, price = problem.price[problem.lot_asset] * weight, problem.price * weight
    held = problem.account.lots.quantity
    yield from below("shares bought", asset, rebalance.buy, 0.0, scale=price)
    yield from below("shares sold", lot, rebalance.sell, 0.0, scale=lot_price)
    yield from above("shares sold", lot, rebalance.sell, held, scale=lot_price)


def cash(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Cash before, less purchases, plus sales, less their cost, is cash after."""
    cost = metrics.transaction_cost(problem, rebalance)
    bought = rebalance.buy_weight(problem).sum()
    sold = rebalance.sell_weight(problem).sum()
    expected = problem.cash_before - bought + sold - cost
    claimed, mandate = rebalance.cash / problem.value, problem.account.mandate
    difference = abs(claimed - expected)
    yield Finding(clause="cash that adds up", subject="", value=claimed,
                  limit=expected, excess=float(difference))  # fmt: skip
    yield from between("cash", expected, mandate.min_cash, mandate.max_cash)


def forbidden(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Nothing excluded, screened or of a wrong kind is held."""
    weight = rebalance.weight(problem)
    kind = wrong_kind(problem.market.universe, problem.account.mandate)
    for clause, mask in (("exclusion", problem.restricted), ("kind", kind)):
        yield from masked(problem, clause, weight, 0.0, mask)


def weights(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Every weight stands within the bounds of its name."""
    asset, weight = problem.market.universe.asset, rebalance.weight(problem)
    allowed = np.where(problem.forbidden, np.inf, problem.weight_upper)
    yield from above("weight", asset, weight, allowed)
    yield from below("weight", asset, weight, problem.weight_lower)


def inside_funds(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Restricted names seen through funds stay below `look_through_limit`."""
    limit = problem.account.mandate.look_through_limit
    if limit is not None:
        seen = np.asarray(problem.market.baskets.T @ rebalance.weight(problem))
        yield from masked(
            problem, "look_through_limit", seen, limit, problem.restricted
        )


def count(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Between `min_names` and `max_names` holdings, and next to nothing uncounted."""
    mandate, weight = problem.account.mandate, rebalance.weight(problem)
    yield from between(
        "number of names",
        metrics.names(weight),
        mandate.min_names or 0,
        mandate.max_names or np.inf,
    )
    if mandate.max_names:
        small = float(weight[(weight > 0) & (weight <= metrics.HELD)].sum())
        yield from between("holdings too small to count", small, 0.0, UNCOUNTED)


def same_day(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Nothing is bought on the day that it, or its identical like, is sold at a loss.

    That sale would be a wash sale: its loss is disallowed (26 U.S.C. 1091).
    """
    universe = problem.market.universe
    group, lot = universe.identical_group, problem.lot_asset
    lost = np.where(problem.at_loss, rebalance.sell_weight(problem), 0.0)
    bought = np.bincount(group, weights=rebalance.buy_weight(problem))
    sold = np.bincount(group[lot], weights=lost, minlength=bought.size)
    names = np.array(universe.asset)[np.unique(group, return_index=True)[1]]
    yield from above(
        "purchase on the day of a sale at a loss",
        names.tolist(),
        np.minimum(bought, sold),
        0.0,
    )


def positions(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """What is held weighs at least `min_position`, or what `min_names` asks for."""
    weight = rebalance.weight(problem)
    smallest = problem.smallest_position
    asset = problem.market.universe.asset
    small = np.where(weight > metrics.HELD, smallest, -np.inf)
    yield from below("min_position", asset, weight, small)


def sectors(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Sector weights, seen through funds, stand within their bands."""
    active = problem.active(rebalance.weight(problem))
    for sector, band in problem.account.mandate.sector_bands.items():
        inside = problem.market.universe.in_sector(sector)
        yield from _band(
            f"sector band of {sector}",
            band,
            float(active[inside].sum()),
            float(problem.benchmark[inside].sum()),
        )


def factors(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Factor exposures stand within their bands."""
    X = problem.market.risk_model.X
    active = X.T @ problem.active(rebalance.weight(problem))
    benchmark = X.T @ problem.benchmark
    for factor, band in problem.account.mandate.factor_bands.items():
        yield from _band(
            f"factor band of {factor}",
            band,
            float(active[factor]),
            float(benchmark[factor]),
        )


def turnover(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """One-way turnover stays below `max_turnover`."""
    limit = problem.account.mandate.max_turnover
    if limit is not None:
        value = metrics.turnover(problem, rebalance)
        yield from between("turnover", value, 0.0, limit)


def tracking_error(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Tracking error stays below `tracking_error_cap`."""
    limit = problem.account.mandate.tracking_error_cap
    if limit is not None:
        value = metrics.tracking_error(problem, rebalance.weight(problem))
        yield from between("tracking error", value, 0.0, limit)


CLAUSES: tuple[Clause, ...] = (
    trades, cash, same_day, forbidden, weights, inside_funds, count, positions,
    sectors, factors, turnover, tracking_error, *audit_taxes.CLAUSES,
)  # fmt: skip


def _band(
    clause: str, band: Band, active: float, benchmark: float
) -> Iterator[Finding]:
    value = active if band.relative else active + benchmark
    yield from between(clause, value, band.lower, band.upper)
