"""What a proposal realizes by the ledger, against what the model of taxes says.

The ledger sees the lots of every identity group that is sold from, what others of the
household bought in the last 30 days (`WashLimits.elsewhere`), and the proposed trades.
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

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np

from sma_research.arrays import Index, Vector
from sma_research.portfolio.acquisitions import WINDOW
from sma_research.portfolio.holding import Term
from sma_research.portfolio.ledger import keep_ledger
from sma_research.portfolio.netting import added_tax
from sma_research.portfolio.pieces import Disposal
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import disallowed
from sma_research.portfolio.rebalance import Rebalance
from sma_research.portfolio.tax_wishes import TaxModel, WashSales
from sma_research.portfolio.transactions import EARLIEST, Action, Transaction

CENT: Final = 0.01  # USD
RELATIVE: Final = 1e-10  # of account value, what decimals of shares may come to
SMALLEST: Final = 1e-9  # shares
OWN, ELSEWHERE = "own", "elsewhere"


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


def price(problem: Problem, rebalance: Rebalance) -> LedgerPrice:
    """Enter a proposal in the ledger and compare; sales that cannot be are cut."""
    sell = np.clip(_numbers(rebalance.sell), 0.0, problem.account.lots.quantity)
    rebalance = replace(rebalance, sell=sell, buy=_numbers(rebalance.buy))
    groups = problem.market.universe.identical_group
    touched = np.unique(groups[problem.lot_asset[rebalance.sell > SMALLEST]])
    rows = sorted(_rows(problem, rebalance, touched), key=lambda row: row.date)
    sales = [
        sale
        for sale in keep_ledger(rows).disposals
        if sale.date == problem.market.as_of and sale.account == OWN
    ]
    found = np.zeros((groups.max() + 1, 2))
    for sale in sales:
        found[int(sale.asset.partition("@")[2]), _column(sale)] += float(sale.allowed)
    model = _model_gains(problem, rebalance)
    return LedgerPrice(
        short_term_gain=float(found[:, 0].sum()),
        long_term_gain=float(found[:, 1].sum()),
        disallowed=float(sum(sale.disallowed for sale in sales)),
        tax=_tax(problem, sales, found.sum(axis=0)),
        model_tax=_model_tax(problem, rebalance, model.sum(axis=0)),
        differences=tuple(_differences(problem, rebalance, model - found)),
    )


def _numbers(shares: Vector) -> Vector:
    return np.where(np.isfinite(shares), shares, 0.0)


def _rows(
    problem: Problem, rebalance: Rebalance, touched: Index
) -> Iterator[Transaction]:
    """Lots, purchases elsewhere and trades of the groups that are sold from."""
    account, universe = problem.account, problem.market.universe
    lots, group, as_of = account.lots, universe.identical_group, problem.market.as_of

    def row(
        i: int, day: dt.date, action: Action, shares: float, each: float, lot: str
    ) -> Transaction:
        held = ELSEWHERE if lot == ELSEWHERE else OWN
        return Transaction(
            date=max(day, EARLIEST), account=held, asset=f"{universe.asset[i]}@{group[i]}",
            action=action, shares=Decimal(repr(float(shares))), identical=str(group[i]),
            amount=Decimal(repr(float(shares * each))),
            lot="" if lot == ELSEWHERE else lot,
        )  # fmt: skip

    within = np.isin(group[problem.lot_asset], touched)
    for j in map(int, np.flatnonzero(within & (lots.quantity > SMALLEST))):
        i, number = int(problem.lot_asset[j]), str(problem.wash.purchase[j])
        # `acquired` is the date that decides the term of a lot that replaced another;
        # out of the window, where its shares would replace once more.
        day, sold = lots.acquired[j], float(rebalance.sell[j])
        if day != lots.bought[j]:
            day = min(day, as_of - WINDOW - dt.timedelta(days=1))
        yield row(i, day, Action.BUY, lots.quantity[j], lots.cost[j], number)
        if sold > SMALLEST:
            yield row(i, as_of, Action.SELL, sold, problem.price[i], number)
    bought = np.isin(group, touched) & (rebalance.buy > SMALLEST)
    for i in map(int, np.flatnonzero(bought)):
        each = float(problem.price[i])
        yield row(i, as_of, Action.BUY, float(rebalance.buy[i]), each, "today")
    for one in problem.wash.elsewhere:
        if one.group in touched and one.shares > SMALLEST:
            first = int(np.flatnonzero(group == one.group)[0])
            yield row(first, one.day, Action.BUY, one.shares, 1.0, ELSEWHERE)


def _column(sale: Disposal) -> int:
    return int(sale.term is Term.LONG)


def _model_gains(problem: Problem, rebalance: Rebalance) -> Vector:
    """Gains that the model counts, by identity group and term ``(groups, 2)``, USD."""
    sold = rebalance.sell_weight(problem)
    counted = problem.taxed_gain_rate * (sold - disallowed(problem, sold))
    group = problem.market.universe.identical_group
    out = np.zeros((group.max() + 1, 2))
    place = (group[problem.lot_asset], problem.long_term.astype(int))
    np.add.at(out, place, counted * problem.value)
    return out


def _tax(problem: Problem, sales: list[Disposal], total: Vector) -> float:
    """Tax of the ledger's gains by the mandate's model, USD."""
    rates, mandate = problem.account.tax_rates, problem.account.mandate
    if mandate.tax_model == TaxModel.NETTED:
        short, long = map(float, total)
        return added_tax(short, long, rates, problem.account.year_to_date)
    gain = np.array([float(sale.allowed) for sale in sales])
    long_term = np.array([sale.term is Term.LONG for sale in sales], dtype=np.bool_)
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
        term = (Term.SHORT, Term.LONG)[column]
        yield Difference(
            subject=f"{universe.asset[first]}, {term}",
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
    since = problem.market.as_of - WINDOW
    recent = np.array([day >= since for day in lots.bought], dtype=np.bool_)
    if (sold & recent).any() and (sold & problem.at_loss).sum() > 0:
        return "replacement sold"
    return ""
