"""Programs at the edge of the form: what the referees of the mathematics must keep."""

import numpy as np
import pytest
from scipy.sparse import csc_array

from sma_research.arrays import sparse
from sma_research.errors import DataError
from sma_research.formulations.reshape import take_out
from sma_research.program.certificate import certify
from sma_research.program.form import Cap, OnOff, Parameters, Structure


def capped(limit: float) -> tuple[Structure, Parameters]:
    """The program ``min x**2 - x`` with ``x**2 <= limit`` and 0 <= x <= 1."""
    structure = Structure(
        P=sparse(2.0 * np.eye(1)),
        A=sparse(csc_array((0, 1))),
        integer=np.array([False]),
        columns={"x": slice(0, 1)},
        rows={},
        caps=(Cap(name="cap", square=np.ones(1)),),
    )
    parameters = Parameters(
        q=np.array([-1.0]),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        lower=np.zeros(1),
        upper=np.ones(1),
        cap_linear=np.zeros((1, 1)),
        cap_limit=np.array([limit]),
    )
    return structure, parameters


@pytest.mark.parametrize("multiplier", [0.0, 2.0])
def test_a_cap_without_a_limit_is_no_reason_for_no_bound(multiplier: float) -> None:
    structure, parameters = capped(np.inf)
    found = certify(structure, parameters, cap_y=np.array([multiplier]))
    assert found.bound == pytest.approx(-0.25)


def test_a_binary_of_two_pairs_is_refused() -> None:
    with pytest.raises(DataError, match="more than one column"):
        Structure(
            P=sparse(csc_array((3, 3))),
            A=sparse(csc_array((0, 3))),
            integer=np.array([True, False, False]),
            columns={"all": slice(0, 3)},
            rows={},
            on_off=OnOff(binary=np.array([0, 0]), column=np.array([1, 2])),
        )


@pytest.mark.parametrize(
    ("floor", "on", "consistent"),
    [(0.2, False, False), (0.0, False, True), (0.2, True, True)],
)
def test_a_pair_that_must_hold_cannot_be_off(
    floor: float, *, on: bool, consistent: bool
) -> None:
    structure = Structure(
        P=sparse(csc_array((2, 2))),
        A=sparse(csc_array((0, 2))),
        integer=np.array([True, False]),
        columns={"all": slice(0, 2)},
        rows={},
        on_off=OnOff(binary=np.array([0]), column=np.array([1])),
    )
    parameters = Parameters(
        q=np.zeros(2),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        lower=np.array([0.0, floor]),
        upper=np.ones(2),
        on_lower=np.array([floor]),
        on_upper=np.ones(1),
    )
    fixed, values = np.array([True, False]), np.array([float(on), 0.0])
    assert take_out(structure, parameters, fixed, values).consistent is consistent
