r"""A program put together constraint by constraint.

.. math::

    \sqrt{x^T Q x} \le t: \quad v = R x,\; u_i t \ge v_i^2,\; \sum_i u_i \le t
    \qquad (Q = R^T R)

Sums of squares below a constant become caps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import coo_array

from sma_research.arrays import Index, Matrix, Vector, sparse
from sma_research.errors import DataError
from sma_research.program.form import Cap, Cones, OnOff, Parameters, Structure

Terms = Mapping[int, float]  # column -> coefficient
PERCENT = 100.0  # norms are of the order of a hundredth


@dataclass(eq=False, kw_only=True)
class Assembly:
    """Columns, rows, caps, cones and pairs so far."""

    lower: list[float]
    upper: list[float]
    integer: list[bool]
    rows: list[Terms] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    caps: list[tuple[Vector, Terms, float]] = field(default_factory=list)
    cones: list[tuple[int, int, int]] = field(default_factory=list)
    pairs: dict[int, tuple[int, float, float]] = field(default_factory=dict)
    linear: Terms = field(default_factory=dict)  # objective
    constant: float = 0.0
    squares: list[int] = field(default_factory=list)  # columns squared in it

    def column(self, lower: float = -np.inf, upper: float = np.inf) -> int:
        """Append a continuous column."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(False)
        return len(self.lower) - 1

    def row(self, terms: Terms, lower: float, upper: float) -> None:
        """Append a row."""
        self.rows.append(terms)
        self.row_lower.append(lower)
        self.row_upper.append(upper)

    def factors(self, root: Vector, scale: float = 1.0) -> list[int]:
        """Columns ``v = scale * root @ x``, root is (k, columns before)."""
        found = []
        for coefficients in scale * root:
            terms = {
                int(j): float(coefficients[j]) for j in np.flatnonzero(coefficients)
            }
            low, high = self.range(terms)
            v = self.column(low, high)
            self.row({**terms, v: -1.0}, 0.0, 0.0)
            found.append(v)
        return found

    def range(self, terms: Terms) -> tuple[float, float]:
        """Least and greatest value of a linear expression within column bounds."""
        ends = [
            sorted((a * self.lower[j], a * self.upper[j])) for j, a in terms.items()
        ]
        return sum(low for low, _ in ends), sum(high for _, high in ends)

    def norm(self, root: Vector, most: Terms, constant: float) -> None:
        """Demand ``|root @ x| <= most @ x + constant``."""
        factors = self.factors(root, PERCENT)
        _, high = self.range(most)
        t = self.column(0.0, PERCENT * (high + constant))
        scaled = {j: PERCENT * a for j, a in most.items()}
        self.row({**scaled, t: -1.0}, -PERCENT * constant, -PERCENT * constant)
        shares = []
        for v in factors:
            u = self.column(0.0, self.upper[t])
            self.cones.append((u, t, v))
            shares.append(u)
        self.row({**dict.fromkeys(shares, 1.0), t: -1.0}, -np.inf, 0.0)

    def program(self) -> tuple[Structure, Parameters]:
        """The program of all that was said."""
        p = len(self.lower)
        diagonal = np.bincount(self.squares, minlength=p).astype(float)
        binary, column = self._pairs()
        cones = np.array(self.cones, dtype=np.intp).reshape(-1, 3).T
        structure = Structure(
            P=sparse(2.0 * coo_array((diagonal, (np.arange(p), np.arange(p))))),
            A=self._matrix(self.rows),
            integer=np.array(self.integer, dtype=np.bool_),
            columns={"instance": slice(0, p)},
            rows={"instance": slice(0, len(self.rows))},
            on_off=OnOff(binary=binary, column=column),
            caps=tuple(
                Cap(name=f"square_{g}", square=self._wide(square))
                for g, (square, _, _) in enumerate(self.caps)
            ),
            cones=Cones(epigraph=cones[0], scale=cones[1], column=cones[2]),
        )
        limits = [self.pairs[int(z)] for z in binary]
        parameters = Parameters(
            q=self._matrix([self.linear]).toarray()[0],
            r=self.constant,
            row_lower=np.array(self.row_lower),
            row_upper=np.array(self.row_upper),
            lower=np.array(self.lower),
            upper=np.array(self.upper),
            on_lower=np.array([low for _, low, _ in limits]),
            on_upper=np.array([high for _, _, high in limits]),
            cap_linear=self._matrix([h for _, h, _ in self.caps]).toarray(),
            cap_limit=np.array([limit for _, _, limit in self.caps]),
        )
        return structure, parameters

    def _pairs(self) -> tuple[Index, Index]:
        binary = np.array(sorted(self.pairs), dtype=np.intp)
        column = np.array([self.pairs[int(z)][0] for z in binary], dtype=np.intp)
        return binary, column

    def _wide(self, square: Vector) -> Vector:
        return np.concatenate([square, np.zeros(len(self.lower) - square.size)])

    def _matrix(self, rows: list[Terms]) -> Matrix:
        entries = [(i, j, a) for i, row in enumerate(rows) for j, a in row.items()]
        i, j, a = np.array(entries, dtype=float).reshape(-1, 3).T
        shape = (len(rows), len(self.lower))
        return sparse(coo_array((a, (i.astype(np.intp), j.astype(np.intp))), shape))


def root_of(Q: Vector, what: str) -> Vector:
    """R with ``R'R = Q`` ``(rank, columns)``.

    Raises
    ------
    DataError
        Q is not positive semidefinite.
    """
    used = np.flatnonzero(Q.any(axis=0))
    block = Q[np.ix_(used, used)]
    values, vectors = np.linalg.eigh(block)
    largest = float(np.abs(values).max(initial=0.0))
    if values.size and values[0] < -1e-9 * largest:
        raise DataError(
            f"{what} is not convex: least eigenvalue {values[0]:.3g}, expected at "
            "least 0; no convex program states it"
        )
    kept = values > 1e-12 * largest
    root = np.zeros((int(kept.sum()), Q.shape[0]))
    root[:, used] = (vectors[:, kept] * np.sqrt(values[kept])).T
    return root
