"""Mean-variance selection with switched weights, as a program."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, diags_array

from sma_research.arrays import Vector, sparse
from sma_research.program.form import OnOff, Parameters, Structure


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanVariance:
    """``min scale x'Qx`` with return, budget and switched weights.

    Q is split into a diagonal and a rest of low or full rank: the diagonal is what
    the perspective can tighten.
    """

    covariance: Vector  # (n, n)
    diagonal: Vector  # (n,) with covariance - diag(diagonal) semidefinite
    mean: Vector  # (n,)
    least_return: float
    exact_return: bool
    lower: Vector  # (n,) of a held weight
    upper: Vector  # (n,)
    names: int | None
    scale: float  # of the objective, so that it is near one

    def program(self) -> tuple[Structure, Parameters]:
        """Columns: weights, binaries, factors of the rest."""
        n = self.mean.size
        values, vectors = np.linalg.eigh(self.covariance - np.diag(self.diagonal))
        kept = values > 1e-12 * values[-1]
        root = (_turned(vectors[:, kept]) * np.sqrt(values[kept])).T
        k = root.shape[0]
        A = np.zeros((3 + k, 2 * n + k))
        A[0, :n], A[1, :n], A[2, n : 2 * n] = 1.0, self.mean, 1.0
        A[3:, :n], A[3:, 2 * n :] = root, -np.eye(k)
        square = np.concatenate([self.diagonal, np.zeros(n), np.ones(k)])
        P = sparse(csc_array(diags_array(2.0 * self.scale * square)))
        P.eliminate_zeros()
        structure = Structure(
            P=P,
            A=sparse(A),
            integer=np.repeat([False, True, False], [n, n, k]),
            columns={
                "hold": slice(0, n),
                "on": slice(n, 2 * n),
                "factor": slice(2 * n, 2 * n + k),
            },
            rows={
                "budget": slice(0, 1),
                "return": slice(1, 2),
                "names": slice(2, 3),
                "factor": slice(3, 3 + k),
            },
            on_off=OnOff(binary=np.arange(n, 2 * n), column=np.arange(n)),
        )
        return structure, self._parameters(k)

    @property
    def source(self) -> tuple[Vector, ...]:
        """What the program follows from, free of how its covariance is factored."""
        numbers = [self.least_return, float(self.exact_return), self.names or 0]
        return (self.covariance, self.diagonal, self.mean, self.lower, self.upper,
                np.array([*numbers, self.scale]))  # fmt: skip

    def _parameters(self, k: int) -> Parameters:
        n, zero, wide = self.mean.size, np.zeros(k), np.full(k, np.inf)
        most = self.least_return if self.exact_return else np.inf
        names = float(n if self.names is None else self.names)
        return Parameters(
            q=np.zeros(2 * n + k),
            row_lower=np.concatenate([[1.0, self.least_return, 0.0], zero]),
            row_upper=np.concatenate([[1.0, most, names], zero]),
            lower=np.concatenate([np.zeros(2 * n), -wide]),
            upper=np.concatenate([self.upper, np.ones(n), wide]),
            on_lower=self.lower,
            on_upper=self.upper,
        )


def _turned(vectors: Vector) -> Vector:
    """Eigenvectors with their largest entry positive, so that all processes agree."""
    largest = np.abs(vectors).argmax(axis=0)
    sign: Vector = np.sign(vectors[largest, np.arange(vectors.shape[1])])
    return np.asarray(vectors * sign)
