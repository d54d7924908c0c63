r"""How far a true bound may stand above a verified portfolio.

The audit lets every limit be missed by its tolerance :math:`\epsilon`, so a verified
portfolio may be better than all that hold the limits exactly. How much better follows
from what the limits cost: with the same multipliers, the certificate of the program
whose limits are wider by :math:`\epsilon` is below every such portfolio, and

.. math::

    \text{slack} = \text{bound} - \text{bound}_\epsilon, \qquad
    \text{room} = \max(\rho |v|, \rho_0 \lambda, \text{slack})

with *v* the portfolio's objective and :math:`\lambda` the risk aversion. The two
shares :math:`\rho, \rho_0` are those of the core's own judge. A bound above *v* by more
than the room contradicts it; one above it by less is said in the message.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from sma_research.arrays import Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.canonical.trades_apart import trades_apart
from sma_research.judge import LEAST_ROOM, ROOM
from sma_research.portfolio.audit import TOLERANCE
from sma_research.program.certificate import certify
from sma_research.program.form import Parameters

LEAST: Final = LEAST_ROOM / PERCENT**2  # of the risk aversion
NOTED: Final = 1e-6  # relative, from which a bound above a portfolio is told
TRADED: Final = ("hold", "buy", "sell", "cash")  # columns whose bounds are audited
AUDITED: Final = (
    "turnover", "sector_bands", "factor_bands", "equivalents", "gain_limits", "tax_budget",
)  # fmt: skip


def room(value: float, *, aversion: float = 0.0, slack: float = 0.0) -> float:
    """By how much a bound may pass a portfolio's objective."""
    one = (np.array([number]) for number in (value, aversion, slack))
    return float(rooms(*one)[0])


def rooms(value: Vector, aversion: Vector, slack: Vector) -> Vector:
    """The same for many; an aversion or a slack that is unknown adds nothing."""
    least = [ROOM * np.maximum(np.abs(value), 1e-10), LEAST * aversion, slack]
    return np.asarray(np.fmax.reduce(least), dtype=np.float64)


def passing(bound: float, value: float) -> str:
    """A sentence where a bound is above a portfolio, though within the room."""
    above = (bound - value) / max(abs(value), 1e-10)
    if above <= NOTED:
        return ""
    return (
        f"its bound is above its portfolio by {above:.2g}, within the audit's tolerance"
    )


def slack(program: Program, bound: float, y: Vector, cap_y: Vector | None) -> float:
    """What the audit's tolerance is worth at these multipliers, value per year."""
    apart = trades_apart(program)
    if apart is not None:
        apart = replace(apart, dust=PERCENT * TOLERANCE)
    wider = certify(
        program.structure, _wider(program), y, cap_y=cap_y, apart=apart
    ).bound
    found = bound - program.scale * wider
    return max(float(found), 0.0) if np.isfinite(found) else 0.0


def _wider(program: Program) -> Parameters:
    """The program's numbers with every audited limit wider by the tolerance."""
    s, d = program.structure, program.parameters
    by = PERCENT * TOLERANCE
    row, column = np.zeros(d.row_lower.size), np.zeros(d.q.size)
    for name in AUDITED:
        row[s.rows.get(name, slice(0))] = by
    if "turnover" in s.rows:
        row[s.rows["turnover"]] = 2.0 * by
    for name in TRADED:
        column[s.columns.get(name, slice(0))] = by
    cap = program.problem.account.mandate.tracking_error_cap
    squares = PERCENT**2 * TOLERANCE * (2.0 * (cap or 0.0) + TOLERANCE)
    return replace(
        d, row_lower=d.row_lower - row, row_upper=d.row_upper + row,
        lower=d.lower - column, upper=d.upper + column, on_lower=d.on_lower - by,
        on_upper=d.on_upper + by, cap_limit=d.cap_limit + squares,
    )  # fmt: skip
