r"""On/off pairs as rows, and sessions that share them between accounts.

.. math:: l_i z_i \le x_i \le u_i z_i

The limits are parameters of the account but coefficients of the rows. Accounts
with the same limits share a compiled program, and only they do: an answer must not
depend on the accounts before it, not even by coefficients of pairs that are off.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import final

import numpy as np

from sma_research.arrays import Mask, Matrix, Vector
from sma_research.formulations.reshape import entries
from sma_research.program.backend import Backend, Observer, Session, Settings
from sma_research.program.form import Parameters, Structure
from sma_research.program.solution import Solution


@dataclass(frozen=True, eq=False, kw_only=True)
class Limits:
    """Limits of every pair when it is on."""

    lower: Vector  # (c,)
    upper: Vector  # (c,)
    # Of what tied pairs have beside their own holding; none where it is not asked.
    rest_lower: Vector = field(default_factory=lambda: np.zeros(0))  # (ties,)
    rest_upper: Vector = field(default_factory=lambda: np.zeros(0))  # (ties,)

    def same(self, other: "Limits") -> bool:
        """Whether rows of these limits are rows of the others."""
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("lower", "upper", "rest_lower", "rest_upper")
        )


def possible_pairs(s: Structure, d: Parameters) -> Mask:
    """Pairs that an account can switch on ``(c,)``."""
    z, j = s.on_off.binary, s.on_off.column
    inside = np.minimum(d.on_upper, d.upper[j]) >= np.maximum(d.on_lower, d.lower[j])
    somewhere = (d.on_upper != 0.0) | (d.on_lower != 0.0)
    return np.asarray((d.upper[z] >= 1.0) & inside & somewhere, dtype=np.bool_)


def limits_of(s: Structure, d: Parameters) -> Limits:
    """Limits of an account; pairs without any get the widest of the possible ones."""
    possible = possible_pairs(s, d)
    widest = float(d.on_upper[possible].max(initial=1.0))
    stated = possible | ((d.on_lower <= d.on_upper) & (d.on_upper > 0.0))
    return Limits(
        lower=np.where(stated, d.on_lower, 0.0),
        upper=np.where(stated, d.on_upper, widest),
    )


def switch_rows(s: Structure, limits: Limits) -> tuple[Matrix, Vector, Vector]:
    """Rows of the pairs over all columns, with their lower and upper sides."""
    p, c = s.integer.size, s.on_off.size
    z, j, i = s.on_off.binary, s.on_off.column, np.arange(c)
    one = np.ones(c)
    sides = [(limits.upper, -np.inf, 0.0)]
    if np.any(limits.lower != 0.0):
        sides.append((limits.lower, 0.0, np.inf))
    row = np.concatenate([np.concatenate([i, i]) + k * c for k in range(len(sides))])
    column = np.concatenate([np.concatenate([j, z]) for _ in sides])
    value = np.concatenate([np.concatenate([one, -limit]) for limit, _, _ in sides])
    rows = entries((c * len(sides), p), row, column, value)
    low = np.concatenate([np.full(c, lower) for _, lower, _ in sides])
    high = np.concatenate([np.full(c, upper) for _, _, upper in sides])
    return rows, low, high


@dataclass(frozen=True, eq=False, kw_only=True)
class Rewritten:
    """A rewritten structure, and how accounts go there and answers come back."""

    structure: Structure
    forward: Callable[[Parameters], Parameters]
    back: Callable[[Parameters, Solution], Solution]
    start: Callable[[Vector], Vector]


Rewrite = Callable[[Structure, Limits], Rewritten]


@final
class SwitchedSession:
    """Compiles the rewritten program once per set of limits."""

    def __init__(
        self,
        structure: Structure,
        settings: Settings,
        inner: Backend,
        rewrite: Rewrite,
        *,
        limits: Callable[[Structure, Parameters], Limits] = limits_of,
    ) -> None:
        self._structure = structure
        self._settings = settings
        self._inner = inner
        self._rewrite = rewrite
        self._limits_of = limits
        self._limits = Limits(lower=np.zeros(0), upper=np.zeros(0))
        self._compiled: tuple[Rewritten, Session] | None = None

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        rewritten, session = self._session(parameters)
        begin = None if start is None else rewritten.start(start)
        answer = session.solve(
            rewritten.forward(parameters), start=begin, observe=observe
        )
        return rewritten.back(parameters, answer)

    def _session(self, d: Parameters) -> tuple[Rewritten, Session]:
        s = self._structure
        limits = self._limits_of(s, d)
        if self._compiled is None or not self._limits.same(limits):
            rewritten = self._rewrite(s, limits)
            session = self._inner.compile(rewritten.structure, self._settings)
            self._limits, self._compiled = limits, (rewritten, session)
        return self._compiled
