"""Published optima as programs: what no bound may pass and no answer may beat."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csc_array

from sma_research.arrays import Vector, sparse
from sma_research.program.form import OnOff, Parameters, Structure


@dataclass(frozen=True, eq=False, kw_only=True)
class Published:
    """A program and what is known of its optimum, in units of its objective."""

    name: str
    structure: Structure
    parameters: Parameters
    lower: float  # best proven bound
    upper: float  # best known value


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
        root = (vectors[:, kept] * np.sqrt(values[kept])).T
        k = root.shape[0]
        A = np.zeros((3 + k, 2 * n + k))
        A[0, :n], A[1, :n], A[2, n : 2 * n] = 1.0, self.mean, 1.0
        A[3:, :n], A[3:, 2 * n :] = root, -np.eye(k)
        integer = np.zeros(2 * n + k, dtype=np.bool_)
        integer[n : 2 * n] = True
        square = np.concatenate([self.diagonal, np.zeros(n), np.ones(k)])
        most = self.least_return if self.exact_return else np.inf
        names = float(n if self.names is None else self.names)
        wide = np.full(k, np.inf)
        structure = Structure(
            P=sparse(csc_array(np.diag(2.0 * self.scale * square))),
            A=sparse(A),
            integer=integer,
            columns={"hold": slice(0, n), "on": slice(n, 2 * n)},
            rows={"budget": slice(0, 1), "return": slice(1, 2), "names": slice(2, 3)},
            on_off=OnOff(binary=np.arange(n, 2 * n), column=np.arange(n)),
        )
        zero = np.zeros(k)
        parameters = Parameters(
            q=np.zeros(2 * n + k),
            row_lower=np.concatenate([[1.0, self.least_return, 0.0], zero]),
            row_upper=np.concatenate([[1.0, most, names], zero]),
            lower=np.concatenate([np.zeros(2 * n), -wide]),
            upper=np.concatenate([self.upper, np.ones(n), wide]),
            on_lower=self.lower,
            on_upper=self.upper,
        )
        return structure, parameters


def cesarone(folder: Path, names: int, row: int) -> Published:
    """One point of the EURO STOXX 50 frontier with at most `names` of 48 stocks.

    Values are printed to five digits, so the optimum is known to half a unit of the
    last one. Source: Cesarone, Scozzari, Tardella, data sets of 26 June 2008.
    """
    base = folder / "cesarone_cardinality_frontiers" / "EUROSTOXX_50"
    covariance = np.loadtxt(base / "data" / "Cov48.txt")
    frontier = np.loadtxt(
        base / "solutions" / "RetRisk48_SolVal.txt", usecols=range(11)
    )
    n = covariance.shape[0]
    smallest = float(np.linalg.eigvalsh(covariance)[0])
    model = MeanVariance(
        covariance=covariance,
        diagonal=np.full(n, 0.999 * smallest),
        mean=np.loadtxt(base / "data" / "MRet48.txt"),
        least_return=float(frontier[row, 0]),
        exact_return=True,
        lower=np.full(n, 0.01),
        upper=np.ones(n),
        names=names,
        scale=1e4,
    )
    value, digit = 1e4 * float(frontier[row, names - 1]), 1e4 * 0.5e-8
    structure, parameters = model.program()
    return Published(
        name=f"eurostoxx50 K={names} row={row}",
        structure=structure,
        parameters=parameters,
        lower=value - digit,
        upper=value + digit,
    )


def minimum_buy_in(folder: Path) -> Iterator[Published]:
    """The minimum buy-in family, n = 200 to 400, with best known bounds.

    Source: Frangioni and Gentile; diagonals by semidefinite programming.
    """
    for path in sorted((folder / "mv_minbuyin" / "instances").glob("*.npz")):
        with np.load(path) as data:
            model = MeanVariance(
                covariance=np.asarray(data["Q"], dtype=float),
                diagonal=np.asarray(data["diag_s"], dtype=float).ravel(),
                mean=np.asarray(data["mu"], dtype=float).ravel(),
                least_return=float(data["rho"]),
                exact_return=False,
                lower=np.asarray(data["l"], dtype=float).ravel(),
                upper=np.asarray(data["u"], dtype=float).ravel(),
                names=None,
                scale=1e-2,
            )
            structure, parameters = model.program()
            yield Published(
                name=path.stem,
                structure=structure,
                parameters=parameters,
                lower=1e-2 * float(data["best_lb"]),
                upper=1e-2 * float(data["best_ub"]),
            )
