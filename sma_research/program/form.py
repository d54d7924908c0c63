r"""The program form: the only thing a backend ever sees.

.. math::

    \min_x \;& \tfrac12 x^T P x + q^T x + r \\
    \text{s.t.}\;& b_l \le A x \le b_u,\quad l \le x \le u,\quad
        x_j \in \mathbb{Z}\ (j \in J) \\
    & z_i = 0 \Rightarrow x_i = 0,\quad z_i = 1 \Rightarrow l^{on}_i \le x_i \le u^{on}_i
        && \text{on/off pairs } (z_i, x_i) \\
    & \textstyle\sum_j c_{gj} x_j^2 + h_g^T x \le \kappa_g && \text{caps} \\
    & t_i s_i \ge x_i^2,\; t_i, s_i \ge 0 && \text{rotated cones } (t_i, s_i, x_i)

`Structure` is what accounts on one market share; `Parameters` is what belongs
to one account. Sizes: ``p`` columns, ``r`` rows, ``c`` on/off pairs, ``g`` caps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from sma_research.arrays import Index, Mask, Matrix, Vector
from sma_research.errors import DataError


class ProblemClass(StrEnum):
    """The classes the program form can express."""

    LP = "LP"
    QP = "QP"
    QCP = "QCP"
    MILP = "MILP"
    MIQP = "MIQP"
    MIQCP = "MIQCP"


# (quadratic objective, caps or cones, integers) -> class
CLASSES = {
    (False, False, False): ProblemClass.LP,
    (True, False, False): ProblemClass.QP,
    (False, True, False): ProblemClass.QCP,
    (True, True, False): ProblemClass.QCP,
    (False, False, True): ProblemClass.MILP,
    (True, False, True): ProblemClass.MIQP,
    (False, True, True): ProblemClass.MIQCP,
    (True, True, True): ProblemClass.MIQCP,
}


def _none() -> Index:
    return np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, eq=False, kw_only=True)
class OnOff:
    """Pairs of a binary column and the column it switches."""

    binary: Index = field(default_factory=_none)  # (c,) columns, each integral and once
    column: Index = field(default_factory=_none)  # (c,) columns, each once

    @property
    def size(self) -> int:
        """Number of pairs."""
        return int(self.binary.size)


@dataclass(frozen=True, eq=False, kw_only=True)
class Cones:
    """Rotated second-order cones ``x[epigraph] * x[scale] >= x[column]**2``."""

    epigraph: Index = field(default_factory=_none)  # (d,)
    scale: Index = field(default_factory=_none)  # (d,)
    column: Index = field(default_factory=_none)  # (d,)

    @property
    def size(self) -> int:
        """Number of cones."""
        return int(self.epigraph.size)


@dataclass(frozen=True, eq=False, kw_only=True)
class Cap:
    """One separable quadratic limit; its linear part and limit are parameters."""

    name: str
    square: Vector  # (p,) at least zero


@dataclass(frozen=True, eq=False, kw_only=True)
class Structure:
    """What is fixed while many accounts are solved."""

    P: Matrix  # (p, p) symmetric positive semidefinite, both triangles
    A: Matrix  # (r, p)
    integer: Mask  # (p,) True where the column is integral
    columns: Mapping[str, slice]  # block name -> columns, e.g. "hold" -> slice(0, 84)
    rows: Mapping[str, slice]  # block name -> rows, e.g. "budget" -> slice(0, 1)
    owner: Index | None = None  # (p,) the asset a column belongs to, -1 for none
    on_off: OnOff = field(default_factory=OnOff)
    caps: tuple[Cap, ...] = ()
    cones: Cones = field(default_factory=Cones)

    def __post_init__(self) -> None:
        p = self.integer.size
        if self.P.shape != (p, p) or self.A.shape[1] != p:
            raise DataError(
                f"P is {self.P.shape} and A is {self.A.shape}, "
                f"but there are {p} columns"
            )
        pairs = self.on_off
        if pairs.binary.shape != pairs.column.shape:
            raise DataError(
                f"{pairs.binary.size} binaries for {pairs.column.size} switched columns"
            )
        if np.unique(pairs.column).size != pairs.size:
            raise DataError("a column is switched by more than one binary")
        if np.unique(pairs.binary).size != pairs.size:
            raise DataError(
                "a binary switches more than one column, expected one; give each "
                "column a binary of its own and tie them by a row"
            )
        if not self.integer[pairs.binary].all():
            raise DataError("the binary of an on/off pair must be an integer column")
        for cap in self.caps:
            if cap.square.shape != (p,) or (cap.square < 0).any():
                raise DataError(
                    f"cap {cap.name!r} needs {p} coefficients of at least zero"
                )

    @cached_property
    def diagonal(self) -> Vector:
        """Diagonal of P ``(p,)``."""
        return np.asarray(self.P.diagonal(), dtype=np.float64)

    @cached_property
    def is_separable(self) -> bool:
        """Whether P is diagonal."""
        P = self.P.tocoo()
        return bool(np.all((P.row == P.col) | (P.data == 0.0)))

    @cached_property
    def problem_class(self) -> ProblemClass:
        """The smallest class that contains this structure."""
        return CLASSES[
            bool(self.P.count_nonzero()),
            bool(self.caps) or self.cones.size > 0,
            bool(self.integer.any()),
        ]


def _empty() -> Vector:
    return np.zeros(0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Parameters:
    """The numbers that differ from one account to the next."""

    q: Vector  # (p,)
    row_lower: Vector  # (r,) may hold -inf
    row_upper: Vector  # (r,) may hold +inf
    lower: Vector  # (p,) may hold -inf
    upper: Vector  # (p,) may hold +inf
    r: float = 0.0
    on_lower: Vector = field(default_factory=_empty)  # (c,) finite
    on_upper: Vector = field(default_factory=_empty)  # (c,) finite
    cap_linear: Vector = field(default_factory=lambda: np.zeros((0, 0)))  # (g, p)
    cap_limit: Vector = field(default_factory=_empty)  # (g,)


def check_shapes(s: Structure, d: Parameters) -> None:
    """Refuse parameters that do not fit the structure, or hold NaN.

    Raises
    ------
    DataError
        Names the array, its shape or value, and what was expected.
    """
    r, p = s.A.shape
    expected: dict[str, tuple[int, ...]] = {
        "q": (p,), "lower": (p,), "upper": (p,), "row_lower": (r,), "row_upper": (r,),
        "on_lower": (s.on_off.size,), "on_upper": (s.on_off.size,),
        "cap_limit": (len(s.caps),),
    }  # fmt: skip
    if s.caps:
        expected["cap_linear"] = (len(s.caps), p)
    for name, shape in expected.items():
        array = getattr(d, name)
        if array.shape != shape:
            raise DataError(f"{name} is {array.shape}, the structure needs {shape}")
        if np.isnan(array).any():
            raise DataError(f"{name} holds NaN at {int(np.isnan(array).argmax())}")
    if not np.isfinite(d.r):
        raise DataError(f"r is {d.r}, expected a finite number")
    if not np.isfinite(d.q).all():
        raise DataError(f"q is infinite at {int((~np.isfinite(d.q)).argmax())}")


def objective(s: Structure, d: Parameters, x: Vector) -> float:
    """Value of the objective at a point ``(p,)``."""
    return float(0.5 * x @ (s.P @ x) + d.q @ x + d.r)


def cap_values(s: Structure, d: Parameters, x: Vector) -> Vector:
    """Left side of every cap at a point, ``(g,)``."""
    return np.array(
        [cap.square @ x**2 + d.cap_linear[i] @ x for i, cap in enumerate(s.caps)]
    )
