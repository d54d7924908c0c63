r"""On/off pairs as plain rows: :math:`l_i z_i \le x_i \le u_i z_i`. Exact."""

from dataclasses import replace
from functools import partial
from typing import Final, final

import numpy as np

from sma_research.arrays import Vector
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.reshape import grow, grow_parameters
from sma_research.formulations.switches import (
    Limits,
    Rewritten,
    SwitchedSession,
    switch_rows,
)
from sma_research.program.backend import Availability, Backend, Service, Settings
from sma_research.program.form import Parameters, Structure
from sma_research.program.solution import Solution

INFO: Final = FormulationInfo(
    name="big_m",
    exactness=Exactness.EXACT,
    summary="on/off pairs as rows l z <= x <= u z; weak relaxation, any MIQP engine",
)


@final
class BigM:
    """Rewrites on/off pairs for a backend that cannot read them."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.info = widened(
            inner.info, INFO.name, solves=set(), adds=frozenset({Service.ON_OFF})
        )

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the inner backend."""
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> SwitchedSession:
        """Translate once what accounts share."""
        return SwitchedSession(structure, settings, self._inner, rewrite)


def rewrite(s: Structure, limits: Limits) -> Rewritten:
    """Append the rows of the pairs."""
    rows, low, high = switch_rows(s, limits)
    return Rewritten(
        structure=grow(s, rows=("switch", rows)),
        forward=partial(_forward, low, high),
        back=partial(_back, s),
        start=lambda x: x,
    )


def _forward(low: Vector, high: Vector, d: Parameters) -> Parameters:
    none = np.zeros(0)
    return grow_parameters(
        d, q=none, lower=none, upper=none, row_lower=low, row_upper=high
    )


def _back(s: Structure, d: Parameters, answer: Solution) -> Solution:
    del d
    r = s.A.shape[0]
    return replace(answer, y=None if answer.y is None else answer.y[:r])
