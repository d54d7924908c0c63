r"""The tight form of "held or not": the perspective of each square.

.. math:: \tfrac12 h_i x_i^2 \;\to\; \tfrac12 h_i t_i,\quad t_i z_i \ge x_i^2

Exact for binary z, and the convex hull of one pair when z is relaxed. Squares of
look-through weights, which no pair switches, are split by state (`tied_squares`).
Source:
Frangioni and Gentile, "Perspective cuts for a class of convex 0-1 mixed integer
programs", Math. Program. 106 (2006); Gunluk and Linderoth, Math. Program. 124 (2010).
"""

from dataclasses import replace
from functools import partial
from typing import Final, final

import numpy as np
from scipy.sparse import csc_array, diags_array, hstack

from sma_research.arrays import Index, Vector, sparse
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.reshape import grow, grow_parameters
from sma_research.formulations.switches import (
    Limits,
    Rewritten,
    SwitchedSession,
    switch_rows,
)
from sma_research.formulations.tied_squares import split, tied_limits
from sma_research.program.backend import Availability, Backend, Service, Settings
from sma_research.program.form import Cones, Parameters, ProblemClass, Structure
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution

INFO: Final = FormulationInfo(
    name="perspective",
    exactness=Exactness.EXACT,
    summary="squares of switched columns as rotated cones t z >= x^2; tight relaxation",
)


@final
class Perspective:
    """Rewrites on/off pairs and their squares for a backend that reads cones."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.info = widened(
            inner.info,
            INFO.name,
            solves={ProblemClass.MIQP, ProblemClass.MIQCP}
            if ProblemClass.MIQCP in inner.info.solves
            else set(),
            adds=frozenset({Service.ON_OFF}),
        )

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the inner backend."""
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> SwitchedSession:
        """Translate once what accounts share."""
        return SwitchedSession(
            structure, settings, self._inner, rewrite, limits=tied_limits
        )


def squared_pairs(s: Structure) -> Index:
    """Pairs whose switched column has a square of its own and no cross term."""
    P = s.P
    alone = np.diff(P.indptr) == (s.diagonal != 0.0)
    j = s.on_off.column
    return np.flatnonzero(alone[j] & (s.diagonal[j] > 0.0))


def rewrite(s: Structure, limits: Limits) -> Rewritten:
    """Move the squares of the pairs into cones, and append the rows of the pairs."""
    pair = squared_pairs(s)
    z, j = s.on_off.binary[pair], s.on_off.column[pair]
    half = 0.5 * s.diagonal[j]
    p = s.integer.size
    rows, low, high = switch_rows(s, limits)
    flattened = np.zeros(p)
    flattened[j] = -s.diagonal[j]
    P = sparse(s.P + diags_array(flattened))
    P.eliminate_zeros()
    cones = Cones(
        epigraph=np.concatenate([s.cones.epigraph, p + np.arange(pair.size)]),
        scale=np.concatenate([s.cones.scale, z]),
        column=np.concatenate([s.cones.column, j]),
    )
    structure = grow(
        s,
        columns=("square", pair.size),
        rows=("switch", sparse(hstack([rows, csc_array((rows.shape[0], pair.size))]))),
        P=P,
        cones=cones,
    )

    states = split(s, limits, structure.integer.size)

    def start(x: Vector) -> Vector:
        safe = np.where(x[z] > 0, x[z], 1.0)
        return states.start(np.append(x, x[j] ** 2 / safe))

    return Rewritten(
        structure=states.structure(structure) if states.size else structure,
        forward=lambda d: states.forward(_forward(half, low, high, d)),
        back=partial(_back, s),
        start=start,
    )


def _forward(half: Vector, low: Vector, high: Vector, d: Parameters) -> Parameters:
    return grow_parameters(
        d,
        q=half,
        lower=np.zeros(half.size),
        upper=np.full(half.size, np.inf),
        row_lower=low,
        row_upper=high,
    )


def _back(s: Structure, d: Parameters, answer: Solution) -> Solution:
    r, p = s.A.shape
    x = None if answer.x is None else answer.x[:p]
    return replace(
        answer,
        x=x,
        y=None if answer.y is None else answer.y[:r],
        objective=None if x is None else value_at(s, d, x),
        bound=answer.bound,
    )
