"""A small account that the tests of Pyomo's models share."""

from typing import Any

import numpy as np
import pytest

from sma_research.arrays import sparse
from sma_research.program.form import Parameters, Structure
from sma_research.testing.programs import Case

TICKERS = ("AAPL", "MSFT", "KO", "XOM", "ON")
TARGET = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
N = len(TICKERS)


@pytest.fixture
def five_names() -> Case:
    """Nearest to a target with at most three of five names."""
    structure = Structure(
        P=sparse(np.diag(np.repeat([2.0, 0.0], N))),
        A=sparse(
            np.vstack(
                [
                    np.repeat([1.0, 0.0], N),
                    np.repeat([0.0, 1.0], N),
                    np.hstack([np.eye(N), -np.eye(N)]),
                ]
            )
        ),
        integer=np.repeat([False, True], N),
        columns={"hold": slice(0, N), "on": slice(N, 2 * N)},
        rows={"budget": slice(0, 1), "names": slice(1, 2), "switch": slice(2, 2 + N)},
        owner=np.tile(np.arange(N), 2),
    )
    parameters = Parameters(
        q=np.concatenate([-2 * TARGET, np.zeros(N)]),
        r=float(TARGET @ TARGET),
        row_lower=np.concatenate([[1.0], np.full(1 + N, -np.inf)]),
        row_upper=np.concatenate([[1.0, 3.0], np.zeros(N)]),
        lower=np.zeros(2 * N),
        upper=np.ones(2 * N),
    )
    return Case(structure=structure, parameters=parameters, objective=np.nan)


@pytest.fixture
def m(five_names: Case) -> Any:
    """Its model, with tickers, and the program as ``m.case``."""
    from sma_solvers.pyomo_miqp import PyomoMiqp

    model = PyomoMiqp.build_model(
        five_names.structure, five_names.parameters, {"hold": TICKERS}
    )
    model.case = five_names
    return model
