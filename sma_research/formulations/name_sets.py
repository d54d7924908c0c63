"""Which names to hold: sets from preferences, and exchanges that may be better."""

from collections.abc import Iterator

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.formulations.switches import possible_pairs
from sma_research.program.certificate import counting_row
from sma_research.program.form import Parameters, Structure
from sma_research.program.ties import ties

SHRINK = 0.8  # of the names, when a set is too heavy to hold
EXCHANGES = (16, 4, 1)  # names swapped at once, after the full re-selection
BASKETS = 0.1  # of the names: where they are more, each one's place is worth a trial


def name_limits(s: Structure, d: Parameters) -> tuple[int, int]:
    """Fewest and most pairs that may be on."""
    possible = int(possible_pairs(s, d).sum())
    row = counting_row(s)
    if row is None:
        return 0, possible
    least = max(0.0, float(d.row_lower[row]))
    most = min(float(possible), float(d.row_upper[row]))
    return int(np.ceil(least - 1e-9)), int(np.floor(most + 1e-9))


def forced_pairs(s: Structure, d: Parameters) -> Mask:
    """Pairs that must be on ``(c,)``."""
    z, j = s.on_off.binary, s.on_off.column
    return np.asarray((d.lower[z] >= 1.0) | (d.lower[j] > 0.0), dtype=np.bool_)


def liked(s: Structure, d: Parameters, liking: Vector, count: int) -> Mask:
    """The pairs with the highest liking ``(c,)``, forced ones first."""
    order = np.where(forced_pairs(s, d), np.inf, liking)
    order = np.where(possible_pairs(s, d), order, -np.inf)
    chosen = np.argsort(-order, kind="stable")[:count]
    held = np.zeros(order.size, dtype=np.bool_)
    held[chosen] = order[chosen] > -np.inf
    return held


def smaller_sets(s: Structure, d: Parameters, liking: Vector) -> Iterator[Mask]:
    """Ever fewer of the best liked pairs, for minimum positions that do not fit."""
    least, most = name_limits(s, d)
    count = int(most * SHRINK)
    while count >= max(least, 1):
        yield liked(s, d, liking, count)
        count = int(count * SHRINK)


def exchanges(
    s: Structure, d: Parameters, held: Mask, liking: Vector
) -> Iterator[Mask]:
    """Sets near one that is held, most different first.

    First the best liked of all; then the worst held against the best not held,
    several at once and one at a time. Where pairs are tied, only these change places,
    and the best liked come last: a basket that they are seen through is worth more than
    its price, which leaves all others where they are, so that baskets are turned over
    by trial.
    """
    _, most = name_limits(s, d)
    best = liked(s, d, liking, most)
    free = possible_pairs(s, d) & ~forced_pairs(s, d)
    tied = np.zeros_like(free)
    tied[ties(s).pair] = True
    if not tied.any():
        yield best
        yield from _swaps(held, np.where(free, liking, np.nan))
        return
    yield from _swaps(held, np.where(free & tied, liking, np.nan))
    if (free & ~tied).sum() > BASKETS * most:
        yield from _turned(held, np.where(free, liking, np.nan), tied)
    yield best


def _swaps(held: Mask, liking: Vector) -> Iterator[Mask]:
    """Swaps between pairs with a liking; NaN where a pair stays as it is."""
    moves = ~np.isnan(liking)
    into = np.argsort(np.where(~held & moves, -liking, np.inf), kind="stable")
    out = np.argsort(np.where(held & moves, liking, np.inf), kind="stable")
    pairs = min(int((~held & moves).sum()), int((held & moves).sum()))
    worth = liking[into[:pairs]] > liking[out[:pairs]]
    useful = int(worth.sum())
    for count in EXCHANGES:
        if useful and count <= max(useful, 1):
            changed = held.copy()
            changed[into[:count]] = True
            changed[out[:count]] = False
            yield changed


def _turned(held: Mask, liking: Vector, tied: Mask) -> Iterator[Mask]:
    """Each basket turned over, for the worst or the best of the tied pairs."""
    moves = ~np.isnan(liking)
    worst = np.flatnonzero(held & moves & tied)
    best = np.flatnonzero(~held & moves & tied)
    for basket in np.flatnonzero(moves & ~tied):
        others = best if held[basket] else worst
        if not others.size:
            continue
        order = -liking[others] if held[basket] else liking[others]
        changed = held.copy()
        changed[[basket, others[np.argmin(order)]]] ^= True
        yield changed
