r"""The classic LP surrogate: absolute deviations in place of squares.

.. math:: \tfrac12 h_j x_j^2 + q_j x_j \;\to\; \sqrt{h_j/2}\,|x_j - c_j|,
    \qquad c_j = -q_j / h_j

Linear costs of columns without a square stay as they are. Another objective: the
answer is scored by the true one. Source: Konno and Yamazaki, "Mean-absolute
deviation portfolio optimization", Manag. Sci. 37 (1991), here by factor and name.
"""

from dataclasses import replace
from typing import Final, final

import numpy as np

from sma_research.arrays import Index, Vector, sparse
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.reshape import entries, grow, grow_parameters
from sma_research.program.backend import (
    Availability,
    Backend,
    Observer,
    Service,
    Session,
    Settings,
)
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution, Termination

INFO: Final = FormulationInfo(
    name="absolute_deviation",
    exactness=Exactness.SURROGATE,
    summary="absolute deviations in place of squares; any LP or MILP engine",
)


@final
class AbsoluteDeviation:
    """Solves an LP or MILP near a QP or MIQP."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        solves = {ProblemClass.QP}
        if ProblemClass.MILP in inner.info.solves:
            solves |= {ProblemClass.MIQP}
        self.info = widened(
            inner.info,
            INFO.name,
            solves=solves,
            drops=frozenset({
                Service.BOUND, Service.DUALS, Service.INCUMBENTS, Service.INTERRUPT,
                Service.PRIMAL_START,
            }),
        )  # fmt: skip

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the inner backend."""
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> Session:
        """Translate once what accounts share."""
        if structure.caps or structure.cones.size or not structure.is_separable:
            raise UnsupportedProgram(
                f"{INFO.name} replaces separable squares only; this program has caps, "
                "cones or cross terms"
            )
        linear, curved = rewrite(structure)
        session = self._inner.compile(linear, settings)
        return DeviationSession(structure, curved, session, self.info.name)


def rewrite(s: Structure) -> tuple[Structure, Index]:
    """Append a column per square, above the deviation from both sides."""
    curved = np.flatnonzero(s.diagonal > 0)
    p, c = s.integer.size, curved.size
    i, deviation, one = np.arange(c), p + np.arange(c), np.ones(c)
    rows = entries(
        (2 * c, p + c),
        np.concatenate([i, i, c + i, c + i]),
        np.concatenate([deviation, curved, deviation, curved]),
        np.concatenate([one, -one, one, one]),
    )
    linear = grow(
        s,
        columns=("deviation", c),
        rows=("deviation", rows),
        P=sparse((p, p)),
        keep_on_off=True,
    )
    return linear, curved


@final
class DeviationSession:
    """One compiled surrogate; every account moves its centres."""

    def __init__(
        self, structure: Structure, curved: Index, inner: Session, name: str
    ) -> None:
        self._structure = structure
        self._curved = curved
        self._inner = inner
        self._name = name

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        for asked in (start, observe):
            if asked is not None:
                raise UnsupportedProgram(f"{self._name} takes no start and no observer")
        s, d, curved = self._structure, parameters, self._curved
        height = s.diagonal[curved]
        centre = -d.q[curved] / height
        q = d.q.copy()
        q[curved] = 0.0
        c = curved.size
        linear = grow_parameters(
            replace(d, q=q),
            q=np.sqrt(0.5 * height),
            lower=np.zeros(c),
            upper=np.full(c, np.inf),
            row_lower=np.concatenate([-centre, centre]),
            row_upper=np.full(2 * c, np.inf),
            keep_on_off=True,
        )
        return _back(s, d, self._inner.solve(linear))


def _back(s: Structure, d: Parameters, answer: Solution) -> Solution:
    x = None if answer.x is None else answer.x[: s.integer.size]
    optimal = answer.termination is Termination.OPTIMAL
    return replace(
        answer,
        termination=Termination.FEASIBLE if optimal else answer.termination,
        x=x,
        y=None,
        objective=None if x is None else value_at(s, d, x),
        bound=None,
        incumbents=(),
    )
