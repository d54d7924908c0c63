"""Which assets an account may not hold, and why."""

import numpy as np

from sma_research.arrays import Mask
from sma_research.portfolio.checks import require_known
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.universe import Universe


def restrictions(universe: Universe, mandate: Mandate) -> dict[str, Mask]:
    """Reason -> assets ``(n,)`` that it forbids to hold.

    Raises
    ------
    DataError
        An excluded asset or a screen's tag that the universe does not know.
    """
    require_known("screens", mandate.screens, universe.tags)
    named = np.zeros(universe.size, dtype=np.bool_)
    named[universe.positions("exclude", sorted(mandate.exclude))] = True
    reasons = {"excluded by name": named}
    for tag in sorted(mandate.screens):
        reasons[f"screened: {tag}"] = np.asarray(universe.tags[tag], dtype=np.bool_)
    return reasons


def restricted(universe: Universe, mandate: Mandate) -> Mask:
    """Assets that an exclusion or a screen forbids ``(n,)``."""
    masks = restrictions(universe, mandate).values()
    return np.asarray(np.any(np.vstack(list(masks)), axis=0), dtype=np.bool_)


def wrong_kind(universe: Universe, mandate: Mandate) -> Mask:
    """Assets of a kind the mandate does not hold ``(n,)``."""
    return np.array([kind not in mandate.kinds for kind in universe.kind])
