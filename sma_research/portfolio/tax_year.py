r"""A tax year: netting, the deduction from ordinary income, and what is carried on.

With :math:`s` and :math:`l` the net short-term and long-term results, losses carried in
counted (26 U.S.C. 1222, 1211(b), 1212(b)):

.. math::

    \\text{taxed short} &= \\max(\\min(s, s + l), 0) \\\\
    \\text{taxed long} &= \\max(\\min(l, s + l), 0) \\\\
    d &= \\min(\\text{limit}, \\max(-s - l, 0)), \\quad s' = s + \\min(d, \\text{income}) \\\\
    \\text{carried short} &= \\max(-s' - \\max(l, 0), 0), \\quad
    \\text{carried long} = \\max(-l - \\max(s', 0), 0)

All functions take arrays and work element by element; USD, float64.
"""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, final

import numpy as np
from numpy.typing import ArrayLike

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.portfolio.amounts import ZERO
from sma_research.portfolio.holding import Term
from sma_research.portfolio.pieces import Disposal
from sma_research.portfolio.rules import Filing
from sma_research.portfolio.statutes import (
    LongTermRates,
    NetInvestmentIncome,
    loss_limit,
)
from sma_research.portfolio.tax import TaxRates
from sma_research.portfolio.transactions import AccountKind

YEAR_DECIMALS: Final = 6  # of a year's figures, USD


@dataclass(frozen=True, eq=False, kw_only=True)
class Netting:
    """What a year's gains and losses come to, one element for each pair."""

    taxable_short: Vector  # USD taxed at the short-term rate
    taxable_long: Vector  # USD taxed at the long-term rate
    ordinary_offset: Vector  # USD deducted from other income
    carry_short: Vector  # USD of losses carried to the next year, positive
    carry_long: Vector

    def tax(self, rates: TaxRates) -> Vector:
        """Tax of the year, USD; negative where losses save tax on other income."""
        tax: Vector = (
            rates.short * self.taxable_short
            + rates.long * self.taxable_long
            - rates.against_ordinary * self.ordinary_offset
        )
        return tax


def net_year(
    net_short: ArrayLike,
    net_long: ArrayLike,
    *,
    carry_short: ArrayLike = 0.0,
    carry_long: ArrayLike = 0.0,
    limit: ArrayLike = 3000.0,
    income: ArrayLike = np.inf,
) -> Netting:
    """Net a year's results against each other and against losses carried in.

    Results before losses carried in, and losses carried in (positive), USD; ``limit``
    is what may be deducted from other income (``statutes.loss_limit``), and the
    deduction uses up no more losses than ``income``, the adjusted taxable income of
    1212(b)(2).

    Raises
    ------
    DataError
        A negative carry or limit.
    """
    short = np.asarray(net_short, np.float64) - _positive("carry_short", carry_short)
    long = np.asarray(net_long, np.float64) - _positive("carry_long", carry_long)
    both = short + long
    offset = np.minimum(_positive("limit", limit), np.maximum(-both, 0.0))
    used = short + np.minimum(offset, np.maximum(income, 0.0))
    return Netting(
        taxable_short=np.maximum(np.minimum(short, both), 0.0),
        taxable_long=np.maximum(np.minimum(long, both), 0.0),
        ordinary_offset=offset,
        carry_short=np.maximum(-used - np.maximum(long, 0.0), 0.0),
        carry_long=np.maximum(-long - np.maximum(used, 0.0), 0.0),
    )


def year_tax(
    net_short: ArrayLike,
    net_long: ArrayLike,
    rates: TaxRates,
    *,
    carry_short: ArrayLike = 0.0,
    carry_long: ArrayLike = 0.0,
    limit: ArrayLike = 3000.0,
) -> Vector:
    """Exact tax of a year by its net short-term and long-term results, USD."""
    return net_year(
        net_short, net_long, carry_short=carry_short, carry_long=carry_long, limit=limit
    ).tax(rates)


def net_investment_income_tax(
    law: NetInvestmentIncome, income: ArrayLike, adjusted_gross: ArrayLike
) -> Vector:
    """``rate x min(net investment income, adjusted gross income - threshold)``, USD."""
    above = np.asarray(adjusted_gross, dtype=np.float64) - law.threshold
    taxed: Vector = np.maximum(np.minimum(income, above), 0.0)
    return law.rate * taxed


def long_term_tax(law: LongTermRates, ordinary: ArrayLike, gain: ArrayLike) -> Vector:
    """Tax of long-term gains stacked on ordinary taxable income, USD."""
    bottom = np.maximum(ordinary, 0.0)
    top = bottom + np.maximum(gain, 0.0)
    above_zero = np.maximum(top - np.maximum(bottom, law.zero_to), 0.0)
    above_fifteen = np.maximum(top - np.maximum(bottom, law.fifteen_to), 0.0)
    tax: Vector = law.middle * above_zero + (law.top - law.middle) * above_fifteen
    return tax


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxYear:
    """What one year of a ledger has to report, USD."""

    year: int
    net_short: float  # allowed gains less allowed losses of the year alone
    net_long: float
    taxable_short: float  # after netting and losses carried in
    taxable_long: float
    ordinary_offset: float
    carry_short: float  # losses carried to the next year, positive
    carry_long: float
    disallowed: float  # losses of the year that wash sales disallow
    permanent: float  # of which lost for good
    provisional: bool  # a purchase after the last transaction may still undo a loss


@final
@dataclass(slots=True)
class Realized:
    """What the disposals of a year come to so far, USD."""

    allowed: defaultdict[Term, Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )
    disallowed: Decimal = ZERO
    permanent: Decimal = ZERO

    def add(self, sale: Disposal) -> None:
        """Count one more disposal."""
        self.allowed[sale.term] += sale.allowed
        self.disallowed += sale.disallowed
        self.permanent += sale.permanent


def tax_years(
    disposals: Iterable[Disposal],
    *,
    filing: Filing,
    carry_in: tuple[float, float],
    span: tuple[int | None, int],
    provisional: Set[int],
) -> tuple[TaxYear, ...]:
    """Years of a span, each carrying to the next.

    The losses carried in enter its first year, which is there whatever was sold; if
    none is given, the years start with the first taxable disposal.
    """
    realized: defaultdict[int, Realized] = defaultdict(Realized)
    for sale in disposals:
        if sale.account_kind is not AccountKind.IRA:
            realized[sale.date.year].add(sale)
    first, last = span
    if first is None:
        first = min(realized, default=last + 1)
    else:
        last = max(first, last)
    years: list[TaxYear] = []
    for year in range(first, last + 1):
        years.append(
            _tax_year(
                year,
                realized[year],
                carry_in=carry_in,
                filing=filing,
                provisional=year in provisional,
            )
        )
        carry_in = years[-1].carry_short, years[-1].carry_long
    return tuple(years)


def _tax_year(
    year: int,
    realized: Realized,
    *,
    carry_in: tuple[float, float],
    filing: Filing,
    provisional: bool,
) -> TaxYear:
    short, long = _usd(realized.allowed[Term.SHORT]), _usd(realized.allowed[Term.LONG])
    netted = net_year(
        short,
        long,
        carry_short=carry_in[0],
        carry_long=carry_in[1],
        limit=loss_limit(year, filing),
    )
    return TaxYear(
        year=year,
        net_short=short,
        net_long=long,
        taxable_short=_usd(netted.taxable_short),
        taxable_long=_usd(netted.taxable_long),
        ordinary_offset=_usd(netted.ordinary_offset),
        carry_short=_usd(netted.carry_short),
        carry_long=_usd(netted.carry_long),
        disallowed=_usd(realized.disallowed),
        permanent=_usd(realized.permanent),
        provisional=provisional,
    )


def _positive(name: str, values: ArrayLike) -> Vector:
    array = np.asarray(values, dtype=np.float64)
    if not (array >= 0).all():
        raise DataError(f"{name} is {array.min():g}, expected 0 or more")
    return array


def _usd(value: Decimal | Vector) -> float:
    return round(float(value), YEAR_DECIMALS)
