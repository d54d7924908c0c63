r"""What a priced wash sale leaves alone, so that its price is exact.

A loss is disallowed as far as the group has shares that were bought in the last 30
days, those of its own purchase excepted. Lots of one group may therefore have
different numbers of replacements, and a replacement may itself be a lot at a loss: what
one sale loses then moves to shares that another sells. A group is priced exactly where
the lots that may be sold at a loss all have the same replacements and none of these is
sold. So of each group that has losses to price

* the older lots are priced, or where there are none at a loss, the recent purchase that
  has lost most;
* recent lots that may replace them, and lots at a loss with other replacements, are kept.

What the mandate forbids to hold is not kept.
"""

import numpy as np

from sma_research.arrays import Index, Mask, Vector

OLDER = -1  # in place of a purchase: none of the last 30 days


def kept_replacements(
    *, group: Index, purchase: Index, recent: Mask, washed: Mask, loss: Vector
) -> Mask:
    """Lots to keep ``(m,)``, by identity group, purchase, and what each loses.

    Parameters
    ----------
    recent
        Lots of the last 30 days that have replaced none ``(m,)``.
    washed
        Lots at a loss that a recent purchase would disallow in part ``(m,)``.
    loss
        What each lot would lose ``(m,)``, at least zero.
    """
    kind = np.where(np.isin(purchase, purchase[recent]), purchase, OLDER)
    kept = np.zeros(group.size, dtype=np.bool_)
    for g in np.unique(group[washed]):
        inside = group == g
        lost = inside & washed
        older = lost & (kind == OLDER)
        chosen = OLDER if older.any() else _largest(kind[lost], loss[lost])
        others = inside & (kind != chosen)
        kept |= others & (washed | recent)
    return kept


def _largest(purchase: Index, loss: Vector) -> int:
    """The purchase that has lost most; the first of equals."""
    found, place = np.unique(purchase, return_inverse=True)
    return int(found[np.argmax(np.bincount(place, weights=loss))])
