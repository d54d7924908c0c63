"""What a market and an account must have in common to be a problem."""

from typing import TYPE_CHECKING

import numpy as np

from sma_research.errors import DataError
from sma_research.portfolio.checks import require_known
from sma_research.portfolio.netting import check_rates
from sma_research.portfolio.tax_wishes import TaxModel

if TYPE_CHECKING:
    from sma_research.portfolio.problem import Problem


def check_problem(problem: "Problem") -> None:
    """Refuse an account that its market does not fit.

    Raises
    ------
    DataError
        Names the account, what was found and what was expected.
    """
    account, mandate = problem.account, problem.account.mandate
    who = f"account {account.account_id}"
    _check_lots(problem, who)
    if not 0 < problem.value < np.inf:
        raise DataError(
            f"{who} is worth {problem.value:,.2f} USD after a contribution of "
            f"{account.contribution:,.2f}, expected above 0 and finite"
        )
    _ = problem.benchmark, problem.restricted, problem.wash
    if mandate.tax_model == TaxModel.NETTED:
        check_rates(account.tax_rates)
    _check_names(problem, who)
    _check_bounds(problem, who)


def _check_lots(problem: "Problem", who: str) -> None:
    """Lots of known assets that were bought by the date of the market."""
    lots, market = problem.account.lots, problem.market
    require_known(f"{who}, lots", lots.asset, market.universe.asset)
    for asset, day in zip(lots.asset, lots.bought, strict=True):
        if day > market.as_of:
            raise DataError(
                f"{who}: lot of {asset} on {day} is acquired after {market.as_of}"
                ", the date of the market; expected no date in the future"
            )


def _check_names(problem: "Problem", who: str) -> None:
    """Assets, sectors and factors that the mandate names are the market's."""
    universe, mandate = problem.market.universe, problem.account.mandate
    require_known(f"{who}, weight_bounds", mandate.weight_bounds, universe.asset)
    for group in mandate.equivalents:
        require_known(f"{who}, equivalents", group.assets, universe.asset)
    require_known(f"{who}, sector_bands", mandate.sector_bands, universe.sector)
    factors = problem.market.risk_model.factors
    for factor in mandate.factor_bands:
        if factor not in range(factors):
            raise DataError(
                f"{who}: factor_bands name factor {factor}, "
                f"expected a position from 0 to {factors - 1}"
            )


def _check_bounds(problem: "Problem", who: str) -> None:
    """No asset has to weigh more than it may."""
    least, most = problem.weight_lower, problem.weight_upper
    smallest = np.where(least > 0, problem.smallest_position, 0.0)
    least = np.maximum(least, smallest)
    crossed = np.flatnonzero(least > most)
    if crossed.size:
        i = int(crossed[0])
        why = ": it may not be held" if problem.forbidden[i] else ""
        if problem.wash.no_buy[i]:
            why = ": it was sold at a loss in the last 30 days"
        raise DataError(
            f"{who}: weight of {problem.market.universe.asset[i]} must be at least "
            f"{least[i]:g} and at most {most[i]:g}{why}; expected no crossing"
        )
