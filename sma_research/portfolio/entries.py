"""A proposal as the transactions that the ledger would see, with what matters before.

The household's own lots come in as open lots, with both dates and their purchase, each
in an account of its own: a sale then takes the very lot that the proposal names.
Purchases elsewhere come in as `WashLimits` knows them. Assets are named with their group.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import numpy as np

from sma_research.arrays import Index
from sma_research.errors import DataError
from sma_research.portfolio.amounts import CENT_PARTS, LARGEST, SHARE_PARTS, exact
from sma_research.portfolio.pieces import OpenLot
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.transactions import (
    EARLIEST,
    AccountKind,
    Action,
    Transaction,
)
from sma_research.portfolio.wash_limits import Recent

SMALLEST: Final = 1e-9  # shares
OWN, ELSEWHERE = "own", "elsewhere"


def live_groups(problem: Problem, rebalance: Rebalance) -> Index:
    """Groups that are sold from and have shares that might replace what is sold."""
    group = problem.market.universe.identical_group
    of_lot = group[problem.lot_asset]
    sold = of_lot[rebalance.sell > SMALLEST]
    fresh = of_lot[problem.recent & problem.account.lots.is_fresh]
    bought = group[rebalance.buy > SMALLEST]
    elsewhere = np.array([one.group for one in problem.wash.elsewhere], dtype=np.intp)
    return np.intersect1d(sold, np.concatenate([fresh, bought, elsewhere]))


def group_of(asset: str) -> int:
    """Identity group of an asset as it is named here."""
    return int(asset.rpartition("@")[2])


def opening(problem: Problem, rebalance: Rebalance, live: Index) -> Iterator[OpenLot]:
    """Lots and purchases elsewhere of some identity groups."""
    lots, group = problem.account.lots, problem.market.universe.identical_group
    # An old lot that is kept neither realizes anything nor replaces what is sold.
    seen = np.isin(group[problem.lot_asset], live) & (lots.quantity > SMALLEST)
    seen &= problem.recent | (rebalance.sell > SMALLEST)
    for j in map(int, np.flatnonzero(seen)):
        yield _own_lot(problem, j)
    for one in problem.wash.elsewhere:
        if one.group in live and one.shares > SMALLEST:
            yield _bought_elsewhere(problem, one)


def _own_lot(problem: Problem, j: int) -> OpenLot:
    lots, number = problem.account.lots, int(problem.wash.purchase[j])
    asset, identical = _names(problem, int(problem.lot_asset[j]))
    basis = _amount(lots.quantity[j] * lots.cost[j])
    return OpenLot(
        lot=str(number),
        asset=asset,
        account=_place(j),
        account_kind=AccountKind.TAXABLE,
        shares=_shares(lots.quantity[j]),
        basis=basis,
        acquired=max(lots.bought[j], EARLIEST),
        adjusted_basis=basis,
        adjusted_acquired=max(lots.acquired[j], EARLIEST),
        replaced=not lots.is_fresh[j],
        identical=identical,
        purchase=number,
    )


def _bought_elsewhere(problem: Problem, one: Recent) -> OpenLot:
    group = problem.market.universe.identical_group
    asset, identical = _names(problem, int(np.flatnonzero(group == one.group)[0]))
    basis = _amount(one.shares)  # never sold: any cost will do
    return OpenLot(
        lot=str(one.day),
        asset=asset,
        account=ELSEWHERE,
        account_kind=AccountKind.TAXABLE,
        shares=_shares(one.shares),
        basis=basis,
        acquired=one.day,
        adjusted_basis=basis,
        adjusted_acquired=one.day,
        identical=identical,
    )


def trades(
    problem: Problem, rebalance: Rebalance, live: Index
) -> Iterator[Transaction]:
    """Today's trades in some identity groups."""
    group, number = problem.market.universe.identical_group, problem.wash.purchase
    sold = np.isin(group[problem.lot_asset], live) & (rebalance.sell > SMALLEST)
    bought = np.isin(group, live) & (rebalance.buy > SMALLEST)

    def row(
        i: int, action: Action, shares: float, account: str, lot: str
    ) -> Transaction:
        asset, identical = _names(problem, i)
        return Transaction(
            date=problem.market.as_of, account=account, asset=asset, action=action,
            shares=_shares(shares), amount=_amount(shares * problem.price[i]),
            identical=identical, lot=lot,
        )  # fmt: skip

    for j in map(int, np.flatnonzero(sold)):
        i = int(problem.lot_asset[j])
        yield row(i, Action.SELL, rebalance.sell[j], _place(j), str(number[j]))
    for i in map(int, np.flatnonzero(bought)):
        yield row(i, Action.BUY, rebalance.buy[i], OWN, "today")


def _names(problem: Problem, i: int) -> tuple[str, str]:
    """Asset and identity group, as both are named here."""
    universe = problem.market.universe
    group = int(universe.identical_group[i])
    return f"{universe.asset[i]}@{group}", str(group)


def _place(j: int) -> str:
    """The account that holds one lot alone; sorted as the lots are."""
    return f"{OWN} {j:09d}"


def _shares(number: float) -> Decimal:
    return _exact(number, SHARE_PARTS)


def _amount(number: float) -> Decimal:
    return _exact(number, CENT_PARTS)


def _exact(number: float, parts: Decimal) -> Decimal:
    found = exact(float(number), parts)
    if found is None:
        raise DataError(
            f"{number:.3e} shares or USD are more than the ledger can count, expected "
            f"at most {LARGEST:.0e}"
        )
    return found
