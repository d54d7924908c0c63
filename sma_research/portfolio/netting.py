r"""The tax of a year after netting, and the two convex functions it is the least of.

With net results *s* and *l* (losses carried in counted), :math:`z = s + l`, rates
:math:`\tau_S \ge \tau_L` on gains, :math:`\tau_O` on other income, a value
:math:`\nu` of losses carried on, and *K* the most that losses deduct from other
income:

.. math::

    G_1 &= \max(\tau_S z,\; \tau_O z,\; \nu z - (\tau_O - \nu) K) \\
    G_2 &= \max(\tau_S s + \tau_L l,\; \tau_L z,\; \min(\tau_L, \tau_O) z,\;
        \nu z - (\tau_O - \nu) K) \\
    T &= \min(G_1, G_2)

Both are convex and nowhere below T: :math:`G_1` is T where :math:`l \le 0` or
:math:`z \le 0`, :math:`G_2` where :math:`l \ge 0` and :math:`z \ge 0`. The least
of a problem with T is therefore the least of two convex ones. T itself is not
convex: a long-term loss saves :math:`\tau_L` until long-term gains are used up, and
:math:`\tau_S` after.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.portfolio.tax import TaxRates, YearToDate
from sma_research.portfolio.tax_year import net_year

CASES: Final = 2


class Piece(NamedTuple):
    """An affine function ``short x s + long x l + constant``."""

    short: float
    long: float
    constant: float  # USD


def netted_tax(
    short: ArrayLike, long: ArrayLike, rates: TaxRates, limit: float
) -> Vector:
    """Tax of a year, USD, from its net results with losses carried in counted."""
    netted = net_year(short, long, limit=limit)
    carried = netted.carry_short + netted.carry_long
    return netted.tax(rates) - rates.carried_loss * carried


def added_tax(short: float, long: float, rates: TaxRates, year: YearToDate) -> float:
    """What realizing two more results adds to the tax of the year, USD."""
    s = np.array([year.short, year.short + short])
    l = np.array([year.long, year.long + long])  # noqa: E741 - the formula's letter
    before, after = netted_tax(s, l, rates, year.ordinary_limit)
    return float(after - before)


def pieces(rates: TaxRates, limit: float) -> tuple[tuple[Piece, ...], ...]:
    """Affine functions whose largest is :math:`G_1`, and those of :math:`G_2`.

    Raises
    ------
    DataError
        Rates that are out of order, see `check_rates`.
    """
    check_rates(rates)
    short, long, ordinary = rates.short, rates.long, rates.against_ordinary
    worth = rates.carried_loss
    deducted = Piece(worth, worth, -(ordinary - worth) * limit)
    least = min(long, ordinary)
    return (
        (Piece(short, short, 0.0), Piece(ordinary, ordinary, 0.0), deducted),
        (Piece(short, long, 0.0), Piece(long, long, 0.0), Piece(least, least, 0.0),
         deducted),
    )  # fmt: skip


def check_rates(rates: TaxRates) -> None:
    """Refuse rates under which netting is not the least of two convex functions.

    Raises
    ------
    DataError
        A carried loss worth more than a long-term gain costs or other income saves,
        a short-term rate below one of these, or a value of losses that only the
        linear model knows.
    """
    for name in ("loss_short", "loss_long"):
        if getattr(rates, name) is not None:
            raise DataError(
                f"{name} is {getattr(rates, name):g}: netting decides what a loss is "
                "worth; set ordinary and carried_loss, or take tax_model linear"
            )
    short, long, ordinary = rates.short, rates.long, rates.against_ordinary
    if not rates.carried_loss <= min(long, ordinary) <= max(long, ordinary) <= short:
        raise DataError(
            f"rates are {short:g} short-term, {long:g} long-term, {ordinary:g} on other "
            f"income and {rates.carried_loss:g} for a carried loss; netting expects "
            "short-term at least long-term and other income, these at least the carried "
            "loss; set ordinary and carried_loss, or take tax_model linear"
        )
