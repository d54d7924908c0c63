"""Programs with published optima: minimum buy-in, cardinality frontiers, convex QPs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from scipy.io import loadmat
from scipy.sparse import eye_array

from sma_benchmarks.instances.content import program_instance, rounded
from sma_benchmarks.instances.instance import Instance, ProgramCase
from sma_benchmarks.instances.reference import Family, folder_of, whole
from sma_benchmarks.published import Published, cesarone, minimum_buy_in
from sma_research.arrays import Vector, sparse
from sma_research.errors import DataError
from sma_research.program.form import Parameters, Structure

FRONTIER_ROWS: Final = 500
FRONTIER_NAMES: Final = (2, 10)
UNBOUNDED: Final = 1e20  # how the QP files write infinity
OPTIMUM: Final = 1e-4  # relative, to which the QPs' published optima were confirmed


def load_minimum_buy_in(values: Mapping[str, str], data: Path | None) -> Instance:
    """One of the minimum buy-in problems, by size and letter."""
    folder = folder_of(data, "mv_minbuyin").parent
    wanted = f"pard{values['n']}_{values['letter']}"
    for case in minimum_buy_in(folder):
        if case.name == wanted:
            return _instance(MINIMUM_BUY_IN, values, case)
    raise DataError(f"no minimum buy-in instance {wanted}, expected one like pard200_a")


def load_frontier(values: Mapping[str, str], data: Path | None) -> Instance:
    """One point of a cardinality frontier."""
    folder = folder_of(data, "cesarone_cardinality_frontiers").parent
    names, row = whole(values, "k"), whole(values, "row")
    least, most = FRONTIER_NAMES
    if not (least <= names <= most and row < FRONTIER_ROWS):
        raise DataError(
            f"k is {names} and row {row}, expected {least} to {most} and 0 to "
            f"{FRONTIER_ROWS - 1}"
        )
    return _instance(FRONTIERS, values, cesarone(folder, names, row))


def load_convex(values: Mapping[str, str], data: Path | None) -> Instance:
    """One convex QP of the Maros-Meszaros set.

    The files hold column bounds as rows; they become bounds again here.
    """
    folder = folder_of(data, "maros_meszaros")
    name = values["name"]
    path = folder / "mat" / f"{name}.mat"
    if not path.is_file():
        raise DataError(f"no convex QP {name!r}, expected a file {path}")
    content = loadmat(path)
    optimum = json.loads((folder / "optimal_objectives.json").read_text())[name]
    P, A = sparse(content["P"]), sparse(content["A"])
    p, r = P.shape[0], A.shape[0] - P.shape[0]
    if abs(A[r:] - eye_array(p)).nnz:
        raise DataError(f"{path}: the last {p} rows are no column bounds, as expected")
    low, high = _infinite(content["l"]), _infinite(content["u"])
    structure = Structure(
        P=P,
        A=sparse(A[:r]),
        integer=np.zeros(p, dtype=np.bool_),
        columns={"x": slice(0, p)},
        rows={"rows": slice(0, r)},
    )
    parameters = Parameters(
        q=np.asarray(content["q"], dtype=np.float64).ravel(),
        r=float(content["r"].item()),
        row_lower=low[:r],
        row_upper=high[:r],
        lower=low[r:],
        upper=high[r:],
    )
    case = ProgramCase(
        structure=structure,
        parameters=parameters,
        lower=float(optimum),
        upper=float(optimum),
        precision=OPTIMUM,
    )
    return program_instance(CONVEX.name, CONVEX.reference(values), case)


def _instance(family: Family, values: Mapping[str, str], known: Published) -> Instance:
    case = ProgramCase(
        structure=known.structure,
        parameters=known.parameters,
        lower=known.lower,
        upper=known.upper,
    )
    parts = [rounded(numbers) for numbers in known.source]
    return program_instance(family.name, family.reference(values), case, parts)


def _infinite(values: Vector) -> Vector:
    column = np.asarray(values, dtype=np.float64).ravel()
    return np.where(np.abs(column) >= UNBOUNDED, np.copysign(np.inf, column), column)


MINIMUM_BUY_IN: Final = Family(
    name="minbuyin",
    description="mean-variance with minimum buy-in, 200 to 400 assets; published bounds",
    load=load_minimum_buy_in,
    parameters={"n": "200", "letter": "a"},
    needs_data=True,
)
FRONTIERS: Final = Family(
    name="frontiers",
    description="at most k of 48 stocks at a given return; published optima",
    load=load_frontier,
    parameters={"k": "5", "row": "100"},
    needs_data=True,
)
CONVEX: Final = Family(
    name="convex",
    description="convex quadratic programs of Maros and Meszaros; published optima",
    load=load_convex,
    parameters={"name": "HS21"},
    needs_data=True,
)
