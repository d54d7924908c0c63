r"""Drop integrality. The answer is a bound, not a portfolio.

A program without on/off pairs keeps its form. Pairs that are still there are
projected out at their tightest: :math:`z_i = x_i / u_i`, so that a row counting
names becomes :math:`\sum_i x_i / u_i \le K`.
"""

from dataclasses import replace
from functools import partial
from typing import Final, final

import numpy as np
from scipy.sparse import coo_array

from sma_research.arrays import Mask, sparse
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.formulations.reshape import take_out
from sma_research.formulations.switches import Limits, Rewritten, SwitchedSession
from sma_research.program.backend import (
    Availability,
    Backend,
    Service,
    Session,
    Settings,
)
from sma_research.program.form import (
    OnOff,
    Parameters,
    ProblemClass,
    Structure,
)
from sma_research.program.solution import Solution

INFO: Final = FormulationInfo(
    name="relax",
    exactness=Exactness.RELAXATION,
    summary="drop integrality; the optimum is a bound",
)


@final
class Relax:
    """Solves the continuous relaxation with a continuous backend."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        solves = {
            {"LP": ProblemClass.MILP, "QP": ProblemClass.MIQP}.get(
                c, ProblemClass.MIQCP
            )
            for c in inner.info.solves
        }
        self.info = widened(
            inner.info, INFO.name, solves=solves, adds=frozenset({Service.ON_OFF})
        )

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the inner backend."""
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> Session:
        """Translate once what accounts share."""
        if structure.on_off.size:
            return SwitchedSession(structure, settings, self._inner, project)
        continuous = replace(structure, integer=np.zeros_like(structure.integer))
        return self._inner.compile(continuous, settings)


def project(s: Structure, limits: Limits) -> Rewritten:
    """Substitute every binary by ``x / u`` and take its column out."""
    z, j = s.on_off.binary, s.on_off.column
    p = s.integer.size
    binary = np.zeros(p, dtype=np.bool_)
    binary[z] = True
    _refuse_other_uses(s, binary)
    share = sparse(coo_array((1.0 / limits.upper, (z, j)), shape=(p, p)))
    A = sparse(s.A + s.A @ share)
    bare = replace(s, A=A, on_off=OnOff(), integer=np.zeros(p, dtype=np.bool_))
    counting = np.asarray(abs(s.A) @ binary.astype(float)) > 0
    shape = take_out(bare, _blank(bare), binary, np.zeros(p))
    return Rewritten(
        structure=shape.structure,
        forward=partial(_forward, s, bare, binary, counting),
        back=partial(_back, s, limits, shape.kept, shape.kept_rows),
        start=lambda x: x[~binary],
    )


def _refuse_other_uses(s: Structure, binary: Mask) -> None:
    if s.A[:, binary].data.min(initial=0.0) < 0 or s.diagonal[binary].any():
        raise UnsupportedProgram(
            "relax projects binaries that only count names; this program uses them "
            "otherwise, put `perspective` or `big_m` before it"
        )


def _blank(s: Structure) -> Parameters:
    r, p = s.A.shape
    return Parameters(
        q=np.zeros(p), row_lower=np.zeros(r), row_upper=np.zeros(r),
        lower=np.zeros(p), upper=np.zeros(p),
        cap_linear=np.zeros((len(s.caps), p)), cap_limit=np.zeros(len(s.caps)),
    )  # fmt: skip


def _forward(
    s: Structure, bare: Structure, binary: Mask, counting: Mask, d: Parameters
) -> Parameters:
    if d.q[binary].any():
        raise UnsupportedProgram("relax: a binary has a cost of its own; use `big_m`")
    z, j = s.on_off.binary, s.on_off.column
    lower, upper = d.lower.copy(), d.upper.copy()
    forced, never = d.lower[z] >= 1.0, d.upper[z] < 1.0
    lower[j] = np.where(forced, np.maximum(lower[j], d.on_lower), lower[j])
    upper[j] = np.where(never, 0.0, np.minimum(upper[j], d.on_upper))
    none = np.zeros(0)
    plain = replace(
        d, lower=lower, upper=upper, on_lower=none, on_upper=none,
        row_lower=np.where(counting, -np.inf, d.row_lower),
    )  # fmt: skip
    return take_out(bare, plain, binary, np.zeros(d.q.size)).parameters


def _back(
    s: Structure,
    limits: Limits,
    kept: Mask,
    kept_rows: Mask,
    d: Parameters,
    answer: Solution,
) -> Solution:
    del d
    x = y = None
    if answer.x is not None:
        x = np.zeros(kept.size)
        x[kept] = answer.x
        z, j = s.on_off.binary, s.on_off.column
        x[z] = np.clip(x[j] / limits.upper, 0.0, 1.0)
    if answer.y is not None:
        y = np.zeros(kept_rows.size)
        y[kept_rows] = answer.y
    return replace(answer, x=x, y=y)
