"""Where purchases and sales at a loss may meet, and a program with sides chosen."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.program.form import Parameters

APART: Final = 1e-7  # of account value; smaller trades do not meet


@dataclass(frozen=True, eq=False, kw_only=True)
class Meeting:
    """Columns in which purchases and sales of losses meet, by group."""

    buy: Index  # (b,) columns that buy
    buy_group: Index  # (b,)
    sell: Index  # (s,) columns that sell at a loss
    sell_group: Index  # (s,)
    groups: int

    def bought(self, x: Vector) -> Vector:
        """Purchases of every group ``(groups,)``, of account value."""
        return self._total(x, self.buy, self.buy_group)

    def lost(self, x: Vector) -> Vector:
        """Sales at a loss of every group ``(groups,)``, of account value."""
        return self._total(x, self.sell, self.sell_group)

    def both(self, x: Vector) -> Mask:
        """Groups that do both ``(groups,)``."""
        return np.minimum(self.bought(x), self.lost(x)) > APART

    def restricted(self, d: Parameters, *, selling: Mask, buying: Mask) -> Parameters:
        """No purchases of groups that sell, no sales at a loss of those that buy."""
        upper = d.upper.copy()
        upper[self.buy[selling[self.buy_group]]] = 0.0
        upper[self.sell[buying[self.sell_group]]] = 0.0
        return replace(d, upper=upper)

    def _total(self, x: Vector, column: Index, group: Index) -> Vector:
        total = np.bincount(group, weights=x[column], minlength=self.groups)
        return np.asarray(total / PERCENT, dtype=np.float64)


def meeting_of(program: Program) -> Meeting:
    """Where purchases and sales at a loss may meet in a program."""
    layout, problem = program.layout, program.problem
    group = problem.market.universe.identical_group
    columns, none = layout.columns, np.zeros(0, dtype=np.intp)
    # What is held of an asset without lots was bought.
    plain = np.flatnonzero(layout.plain)
    buy, asset = columns["hold"].start + plain, layout.tradable[plain]
    sell, sold = none, none
    if layout.slotted.size:
        slotted = layout.tradable[layout.slotted]
        buy = np.append(buy, columns["buy"].start + np.arange(slotted.size))
        asset = np.append(asset, slotted)
        lots = np.flatnonzero(problem.at_loss)
        sell = columns["sell"].start + program.slot[lots]
        sold = group[problem.lot_asset[lots]]
    meets = np.isin(group[asset], sold)
    return Meeting(
        buy=buy[meets],
        buy_group=group[asset][meets],
        sell=sell,
        sell_group=sold,
        groups=int(group.max(initial=-1)) + 1,
    )
