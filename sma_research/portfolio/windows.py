"""Which window bars a sale or a purchase today, and until when, in words.

A trade of the 30 days before stands in the way up to its 30th day: of what was bought
on one day, a loss may be realized from the 31st day after.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

from sma_research.portfolio.acquisitions import WINDOW
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.tax_wishes import WashSales
from sma_research.portfolio.wash_limits import ELSEWHERE, Recent

PAST: Final = WINDOW + dt.timedelta(days=1)

Bar = tuple[str, dt.date]  # why, and the first day on which it is over


def barred_sale(problem: Problem, lot: int) -> str:
    """Why a lot that may not be sold (`Problem.no_sell`) may not, and until when."""
    lots = problem.account.lots
    why = ", ".join(reason for reason, _ in _bars(problem, lot))
    return (
        f"{lots.asset[lot]} lot {lot} (bought {lots.bought[lot]}, {why}: "
        f"may be sold from {sale_from(problem, lot)})"
    )


def sale_from(problem: Problem, lot: int) -> dt.date:
    """First day on which a lot that is barred may be sold, if nobody trades until."""
    return max(day for _, day in _bars(problem, lot))


def barred_purchase(problem: Problem, asset: int) -> str:
    """Why an asset that may not be bought (`WashLimits.no_buy`) may not, until when."""
    name, last = problem.market.universe.asset[asset], _loss(problem, asset)
    sold = "" if last.asset == name else f"{last.asset}, identical to it, "
    return (
        f"{name} ({sold}sold at a loss on {last.day}: "
        f"may be bought from {purchase_from(problem, asset)})"
    )


def purchase_from(problem: Problem, asset: int) -> dt.date:
    """First day on which an asset that is barred may be bought, likewise."""
    return _loss(problem, asset).day + PAST


def _bars(problem: Problem, lot: int) -> list[Bar]:
    return [*_young(problem, lot), *_wash(problem, lot)]


def _loss(problem: Problem, asset: int) -> Recent:
    group = problem.market.universe.identical_group[asset]
    return _last(one for one in problem.wash.losses if one.group == group)


def _young(problem: Problem, lot: int) -> Iterator[Bar]:
    """A least holding period that is not over."""
    least = problem.account.mandate.min_holding_days
    bought = problem.account.lots.bought[lot]
    held = (problem.market.as_of - bought).days
    if held < least:
        yield f"held {held} of {least} days", bought + dt.timedelta(days=least)


def _wash(problem: Problem, lot: int) -> Iterator[Bar]:
    """A purchase that would disallow the loss, or a loss that the lot may replace."""
    forbids = problem.account.mandate.wash_sales == WashSales.FORBID
    if problem.washed[lot] and (forbids or not any(_young(problem, lot))):
        yield _replaced(problem, lot)
    elif not any(_young(problem, lot)):
        bought = problem.account.lots.bought[lot]
        yield "it may replace what is sold at a loss", bought + PAST


def _replaced(problem: Problem, lot: int) -> Bar:
    wash, group = problem.wash, problem.market.universe.identical_group
    last = _last(
        one
        for one in (*wash.elsewhere, *wash.own)
        if one.group == group[problem.lot_asset[lot]]
        and one.purchase != wash.purchase[lot]
    )
    outside = last.purchase == ELSEWHERE
    who = "another account of the household" if outside else "this account"
    why = f"at a loss; {who} bought {last.asset} on {last.day}, in the wash-sale window"
    return why, last.day + PAST


def _last(trades: Iterable[Recent]) -> Recent:
    """The trade whose window closes last."""
    return max(trades, key=lambda one: one.day)
