"""What a proposal realizes by the ledger, against what the model of taxes says.

Where an identity group has shares that might replace what is sold, bought in the last
30 days or today, its trades go through the ledger (`entries`). Where it has none, a
sale realizes its proceeds less its basis, with the term of the ledger.
Where it realizes another gain than the model, the difference has a cause:

===================  ================================================================
cause                why
===================  ================================================================
wash sales ignored   the mandate does not look; the law disallows the loss
no credit            the mandate credits none of a washed loss, the law a part of it
replacement sold     a recent lot of the group is sold the same day: the older lot's
                     loss moves to it first, with its holding period
bought the same day  a purchase of the group today, which another clause finds
===================  ================================================================

A difference without a cause is a finding of the audit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from sma_research.arrays import Index, Vector
from sma_research.portfolio.entries import (
    SMALLEST,
    group_of,
    live_groups,
    opening,
    trades,
)
from sma_research.portfolio.holding import Term, term
from sma_research.portfolio.ledger import keep_ledger
from sma_research.portfolio.netting import added_tax
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import disallowed
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.tax_wishes import TaxModel, WashSales

CENT: Final = 0.01  # USD
RELATIVE: Final = 1e-10  # of account value, what decimals of shares may come to


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A gain of one identity group and term that model and ledger see differently."""

    subject: str  # the group's first asset, and the term
    usd: float  # model less ledger
    cause: str  # empty: none is known


@dataclass(frozen=True, kw_only=True)
class LedgerPrice:
    """The trades of a proposal by the ledger, USD."""

    short_term_gain: float  # allowed
    long_term_gain: float
    disallowed: float  # losses that are not deductible now, positive
    tax: float  # of the mandate's model, on the ledger's gains
    model_tax: float
    differences: tuple[Difference, ...]


class Realized(NamedTuple):
    """One piece that was sold, USD."""

    group: int
    long: bool
    allowed: float
    disallowed: float = 0.0


@lru_cache(maxsize=4)
def price(problem: Problem, rebalance: Rebalance) -> LedgerPrice:
    """Enter a proposal in the ledger and compare; sales that cannot be are cut."""
    sell = np.clip(_numbers(rebalance.sell), 0.0, problem.account.lots.quantity)
    rebalance = replace(rebalance, sell=sell, buy=_numbers(rebalance.buy))
    live = live_groups(problem, rebalance)
    pieces = [*_plain(problem, rebalance, live), *_kept(problem, rebalance, live)]
    found = np.zeros((int(problem.market.universe.identical_group.max()) + 1, 2))
    for piece in pieces:
        found[piece.group, int(piece.long)] += piece.allowed
    model = _model_gains(problem, rebalance)
    return LedgerPrice(
        short_term_gain=float(found[:, 0].sum()),
        long_term_gain=float(found[:, 1].sum()),
        disallowed=sum(piece.disallowed for piece in pieces),
        tax=_tax(problem, pieces, found.sum(axis=0)),
        model_tax=_model_tax(problem, rebalance, model.sum(axis=0)),
        differences=tuple(_differences(problem, rebalance, model - found)),
    )


def _plain(problem: Problem, rebalance: Rebalance, live: Index) -> Iterator[Realized]:
    """Sales of groups without any replacement."""
    lots, as_of = problem.account.lots, problem.market.as_of
    group = problem.market.universe.identical_group[problem.lot_asset]
    gain = rebalance.sell * (problem.price[problem.lot_asset] - lots.cost)
    plain = (rebalance.sell > SMALLEST) & ~np.isin(group, live)
    for j in map(int, np.flatnonzero(plain)):
        long = term(lots.acquired[j], as_of) is Term.LONG
        yield Realized(int(group[j]), long, float(gain[j]))


def _kept(problem: Problem, rebalance: Rebalance, live: Index) -> Iterator[Realized]:
    """Sales of the other groups, by the ledger."""
    held = list(opening(problem, rebalance, live))
    kept = keep_ledger(list(trades(problem, rebalance, live)), opening=held)
    for sale in kept.disposals:
        yield Realized(
            group_of(sale.asset), sale.term is Term.LONG, float(sale.allowed),
            float(sale.disallowed),
        )  # fmt: skip


def _numbers(shares: Vector) -> Vector:
    return np.where(np.isfinite(shares), shares, 0.0)


def _model_gains(problem: Problem, rebalance: Rebalance) -> Vector:
    """Gains that the model counts, by identity group and term ``(groups, 2)``, USD."""
    sold = rebalance.sell_weight(problem)
    counted = problem.taxed_gain_rate * (sold - disallowed(problem, sold))
    group = problem.market.universe.identical_group
    out = np.zeros((group.max() + 1, 2))
    place = (group[problem.lot_asset], problem.long_term.astype(int))
    np.add.at(out, place, counted * problem.value)
    return out


def _tax(problem: Problem, pieces: list[Realized], total: Vector) -> float:
    """Tax of the ledger's gains by the mandate's model, USD."""
    rates, mandate = problem.account.tax_rates, problem.account.mandate
    if mandate.tax_model == TaxModel.NETTED:
        short, long = map(float, total)
        return added_tax(short, long, rates, problem.account.year_to_date)
    gain = np.array([piece.allowed for piece in pieces])
    long_term = np.array([piece.long for piece in pieces], dtype=np.bool_)
    rate = np.where(gain < 0, rates.of_loss(long_term), rates.of(long_term))
    return float(rate @ gain)


def _model_tax(problem: Problem, rebalance: Rebalance, total: Vector) -> float:
    account = problem.account
    if account.mandate.tax_model == TaxModel.NETTED:
        short, long = map(float, total)
        return added_tax(short, long, account.tax_rates, account.year_to_date)
    sold = rebalance.sell_weight(problem)
    counted = sold - disallowed(problem, sold)
    return float(problem.tax_rate @ counted) * problem.value


def _differences(
    problem: Problem, rebalance: Rebalance, usd: Vector
) -> Iterator[Difference]:
    universe = problem.market.universe
    for g, column in np.argwhere(np.abs(usd) > CENT + RELATIVE * problem.value):
        first = int(np.flatnonzero(universe.identical_group == g)[0])
        yield Difference(
            subject=f"{universe.asset[first]}, {(Term.SHORT, Term.LONG)[column]}",
            usd=float(usd[g, column]),
            cause=_cause(problem, rebalance, int(g)),
        )


def _cause(problem: Problem, rebalance: Rebalance, group: int) -> str:
    """Why the gains of a group differ."""
    mandate, lots = problem.account.mandate, problem.account.lots
    inside = problem.market.universe.identical_group[problem.lot_asset] == group
    sold = inside & (rebalance.sell > SMALLEST)
    if mandate.wash_sales == WashSales.IGNORE:
        return "wash sales ignored"
    if mandate.wash_sales == WashSales.NO_CREDIT and (sold & problem.washed).any():
        return "no credit"
    if (rebalance.buy[problem.market.universe.identical_group == group] > 0).any():
        return "bought the same day"
    fresh = sold & lots.is_fresh & problem.recent
    lost, number = sold & problem.at_loss, problem.wash.purchase
    if (number[lost][:, None] != number[fresh][None, :]).any():
        return "replacement sold"
    return ""
