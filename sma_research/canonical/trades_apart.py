"""Which columns of a program buy, which sell at a loss, and of which group.

Nobody buys what is sold at a loss the same day, nor anything identical to it. The
program cannot say that, its certificate can.
"""

import numpy as np

from sma_research.arrays import Index, sparse
from sma_research.canonical.build import Program
from sma_research.canonical.clauses import position
from sma_research.program.apart import Apart


def trades_apart(program: Program) -> Apart | None:
    """Purchases and sales by position and group; None where nothing is to be known.

    That is without lots at a loss, and where a row of a position says something else
    than it was built to say, as it may in a model that a person edits.
    """
    layout, problem = program.layout, program.problem
    if not problem.at_loss.any() or not _as_built(program):
        return None
    columns, tradable = layout.columns, layout.tradable
    group = problem.market.universe.identical_group
    lost = np.zeros(layout.slot_owner.size, dtype=np.bool_)
    lost[program.slot] = problem.at_loss
    plain = np.flatnonzero(
        layout.plain & np.isin(group[tradable], group[problem.lot_asset])
    )
    return Apart(
        row=_within(program.structure.rows["position"]),
        hold=columns["hold"].start + layout.slotted,
        buy=_within(columns["buy"]),
        group=group[tradable[layout.slotted]],
        sell=_within(columns["sell"]),
        owner=layout.slot_owner,
        lost=lost,
        plain=columns["hold"].start + plain,
        plain_group=group[tradable[plain]],
        groups=int(group.max(initial=-1)) + 1,
    )


def _as_built(program: Program) -> bool:
    """Whether the rows of positions are theirs alone, with intervals that end."""
    s, d, layout = program.structure, program.parameters, program.layout
    at, built = s.rows["position"], position(layout, program.problem)
    if not np.array_equal(d.row_lower[at], built.lower):
        return False
    if not np.array_equal(d.row_upper[at], built.upper):
        return False
    traded = [s.columns[name] for name in ("hold", "buy", "sell")]
    ends = [end[column] for end in (d.lower, d.upper) for column in traded]
    if not np.isfinite(np.concatenate(ends)).all():
        return False
    rows, terms = sparse(s.A.tocsr()[at]), built.terms()
    same = all(
        abs(rows[:, s.columns[name]] - term).sum() == 0.0
        for name, term in terms.items()
    )
    return bool(same and rows.nnz == sum(term.nnz for term in terms.values()))


def _within(block: slice) -> Index:
    return np.arange(block.start, block.stop)
