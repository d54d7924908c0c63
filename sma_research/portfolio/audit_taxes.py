"""The finance referee on taxes: what may be sold and bought, gains, budgets, lots."""

from collections.abc import Iterator

import numpy as np

from sma_research.portfolio import metrics
from sma_research.portfolio.findings import Clause, Finding, above, between
from sma_research.portfolio.priced import price
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import sums_of_gains
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.tax_wishes import LotOrder

WHOLE = 1e-7  # of account value, what an order leaves of a lot that is sold first


def purchases(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Nothing is bought that the household sold at a loss in the last 30 days."""
    limit = np.where(problem.wash.no_buy, 0.0, np.inf)
    asset, bought = problem.market.universe.asset, rebalance.buy_weight(problem)
    yield from above("purchase within 30 days of a loss", asset, bought, limit)


def sales(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """No lot is sold that has to be kept: too young, or a wash sale."""
    asset = problem.market.universe.asset
    lot = [f"{asset[i]} (lot {j})" for j, i in enumerate(problem.lot_asset)]
    limit = np.where(problem.no_sell, 0.0, np.inf)
    yield from above(
        "sale of a lot to keep", lot, rebalance.sell_weight(problem), limit
    )


def gain_limits(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Sums of gains and losses stand within their limits."""
    mandate = problem.account.mandate
    sums = sums_of_gains(problem, rebalance.sell_weight(problem))
    for key, (lower, upper) in mandate.gain_limits.items():
        yield from between(f"gain limit of {key}", sums[key], lower, upper)
    yield from between("min_harvest", sums["total_loss"], mandate.min_harvest, np.inf)


def tax_budget(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Tax stays below `tax_budget`."""
    limit = problem.account.mandate.tax_budget
    if limit is not None:
        yield from between("tax", metrics.tax(problem, rebalance), -np.inf, limit)


def lot_order(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """A lot is sold only after all those of its asset that the custodian sells first."""
    order = problem.account.mandate.lot_order
    if order == LotOrder.FREE:
        return
    lots, sold = problem.account.lots, rebalance.sell_weight(problem)
    left = problem.lot_weight - sold
    for k in map(int, np.flatnonzero(sold > WHOLE)):
        before = problem.lot_asset == problem.lot_asset[k]
        if order == LotOrder.HIFO:
            before &= lots.cost > lots.cost[k]
        else:
            before &= np.array([day < lots.bought[k] for day in lots.bought], np.bool_)
        kept = float(left[before].max(initial=0.0))
        asset = problem.market.universe.asset[int(problem.lot_asset[k])]
        yield from between(f"{order} order of {asset} before lot {k}", kept, 0.0, WHOLE)


def equivalents(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Substitutes together weigh what the mandate allows."""
    universe, weight = problem.market.universe, rebalance.weight(problem)
    for group in problem.account.mandate.equivalents:
        at = universe.positions("equivalents", list(group.assets))
        total, first = float(weight[at].sum()), group.assets[0]
        yield from between(f"equivalents of {first}", total, group.lower, group.upper)


def ledger(problem: Problem, rebalance: Rebalance) -> Iterator[Finding]:
    """Gains by lot are those of the ledger, or differ for a named cause."""
    for difference in price(problem, rebalance).differences:
        if not difference.cause:
            yield from above(
                "gain beside the ledger's, USD",
                [difference.subject],
                np.array([abs(difference.usd)]),
                0.0,
            )


CLAUSES: tuple[Clause, ...] = (
    purchases, sales, gain_limits, tax_budget, lot_order, equivalents, ledger,
)  # fmt: skip
