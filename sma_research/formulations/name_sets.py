"""Which names to hold: sets from preferences, and exchanges that may be better."""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array, vstack

from sma_research.arrays import Mask, Matrix, Vector, sparse
from sma_research.formulations.reshape import ROUNDING
from sma_research.formulations.switches import possible_pairs
from sma_research.program.certificate import counting_row
from sma_research.program.form import Parameters, Structure
from sma_research.program.ties import ties

SHRINK = 0.9  # of the names, when a set is too heavy to hold
EXCHANGES = (16, 4, 1)  # names swapped at once, after the full re-selection
FEW = 32  # names held, each of them worth a trial against several others
BEST = 8  # names that are tried in each direction
TRIALS = 24  # of the moves of one name, in or out or both
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


def fitting(s: Structure, d: Parameters, liking: Vector, count: int) -> Mask:
    """The best liked pairs whose smallest positions fit into the rows ``(c,)``.

    A pair is passed over where, with those before it, the least value of a row, all
    columns at their best for it, would be above the row's limit.
    """
    z, j = s.on_off.binary, s.on_off.column
    rest = np.ones(s.integer.size, dtype=np.bool_)
    rest[z] = rest[j] = False
    rows = sparse(vstack([s.A, -s.A]))
    others = _least(sparse(rows[:, rest]), d.lower[rest], d.upper[rest])
    room = np.append(d.row_upper, -d.row_lower) - np.asarray(others.sum(axis=1))
    tight = np.isfinite(room)
    part, room = sparse(rows.tocsr()[tight]), room[tight]
    reached = _least(sparse(part[:, j]), d.on_lower, d.on_upper)
    weight: Vector = sparse(part[:, z] + reached).toarray()
    held = forced_pairs(s, d)
    room = room - weight[:, held].sum(axis=1)
    wanted = possible_pairs(s, d) & ~held & (liking > -np.inf)
    for i in np.argsort(-np.where(wanted, liking, -np.inf), kind="stable"):
        if not wanted[i] or held.sum() >= count:
            break
        if np.all((weight[:, i] <= 0.0) | (weight[:, i] <= room + ROUNDING)):
            held[i], room = True, room - weight[:, i]
    return held


def _least(A: Matrix, lower: Vector, upper: Vector) -> Matrix:
    """The least of each entry times its column, which is within its limits."""
    rows = A.tocoo()
    ends = rows.data * np.stack([lower[rows.col], upper[rows.col]])
    return sparse(coo_array((ends.min(axis=0), (rows.row, rows.col)), shape=A.shape))


def smaller_sets(s: Structure, d: Parameters, liking: Vector) -> Iterator[Mask]:
    """Ever fewer of the best liked pairs, for minimum positions that do not fit."""
    least, most = name_limits(s, d)
    count = most
    while count > max(least, 1):
        count = max(least, 1, min(count - 1, int(np.ceil(count * SHRINK))))
        yield liked(s, d, liking, count)


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
        if held.sum() <= FEW:
            yield from _moves(held, np.where(free, liking, np.nan), name_limits(s, d))
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


def _moves(held: Mask, liking: Vector, limits: tuple[int, int]) -> Iterator[Mask]:
    """One name in, one out, or one for another, in the order of what that promises.

    A place in the list of names, and what is in or out, is -1 where nothing moves.
    """
    moves, size = ~np.isnan(liking), int(held.sum())
    into = _first(np.where(~held & moves, liking, -np.inf))
    out = _first(np.where(held & moves, -liking, -np.inf))
    gain = np.append(liking, 0.0)  # so that no name has no price
    pairs = [
        (gain[i] - gain[o], i, o)
        for i in (-1, *into)
        for o in (-1, *out)
        if (i, o) != (-1, -1) and limits[0] <= size + (i >= 0) - (o >= 0) <= limits[1]
    ]
    for _, i, o in sorted(pairs, reverse=True)[:TRIALS]:
        changed = np.append(held, False)
        changed[o], changed[i] = False, i >= 0
        yield changed[:-1]


def _first(liking: Vector) -> list[int]:
    """The most liked ones, without those that do not move."""
    order = np.argsort(-liking, kind="stable")[:BEST]
    return [int(i) for i in order if liking[i] > -np.inf]


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
