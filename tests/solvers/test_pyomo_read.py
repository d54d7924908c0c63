"""A Pyomo model that a person changed, and what is understood of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from sma_solvers.pyomo_miqp import PyomoMiqp

from sma_research.arrays import Vector
from sma_research.errors import DataError, SmaError, UnsupportedProgram
from sma_research.program.backend import Settings
from sma_research.program.form import (
    Parameters,
    Structure,
)
from sma_research.program.solution import Solution

TICKERS = ("AAPL", "MSFT", "KO", "XOM", "ON")
N = len(TICKERS)


def read(m: Any) -> tuple[Structure, Parameters]:
    return PyomoMiqp.read_model(m, m.case.structure, m.case.parameters)


def solved(m: Any) -> tuple[Solution, Vector]:
    structure, parameters = read(m)
    settings = Settings(relative_gap=0.0)
    solution = PyomoMiqp("scip").compile(structure, settings).solve(parameters)
    assert solution.x is not None
    PyomoMiqp.load_point(m, structure, solution.x)
    return solution, solution.x


def test_an_untouched_model_reads_as_it_was(m: Any) -> None:
    for now in (m, m.clone()):
        structure, parameters = read(now)
        assert structure is now.case.structure
        for name in ("q", "row_lower", "row_upper", "lower", "upper", "r"):
            was = getattr(m.case.parameters, name)
            assert np.array_equal(was, getattr(parameters, name)), name


def test_an_added_constraint_is_obeyed(m: Any) -> None:
    before = solved(m)[0].objective
    m.client = pyo.Constraint(expr=m.hold["AAPL"] + m.hold["MSFT"] <= 0.5)
    solution, _ = solved(m)
    assert m.hold["AAPL"].value + m.hold["MSFT"].value <= 0.5 + 1e-6
    assert before is not None
    assert solution.objective is not None
    assert solution.objective > before + 1e-3
    structure, parameters = read(m)
    assert structure.rows["user"] == slice(2 + N, 3 + N)
    assert parameters.row_upper[-1] == 0.5
    assert parameters.row_lower[-1] == -np.inf


def test_constants_and_ranges_of_added_constraints_count(m: Any) -> None:
    m.first = pyo.Constraint(expr=2.0 * m.hold["KO"] + 1.0 >= 1.2 + m.hold["ON"])
    m.block = pyo.Block()
    m.block.list = pyo.ConstraintList()
    m.block.list.add((0.1, m.hold["XOM"] - 0.05, 0.2))
    structure, parameters = read(m)
    A = structure.A.toarray()[-2:]
    ko, xom, on = (TICKERS.index(t) for t in ("KO", "XOM", "ON"))
    slack = np.sign(A[0, ko]) * np.array([A[0, ko], A[0, on]])
    assert slack == pytest.approx([2.0, -1.0])
    sides = sorted(abs(v) for v in (parameters.row_lower[-2], parameters.row_upper[-2]))
    assert sides == pytest.approx([0.2, np.inf])
    assert A[1, xom] == 1.0
    assert parameters.row_lower[-1] == pytest.approx(0.15)
    assert parameters.row_upper[-1] == pytest.approx(0.25)


def test_an_added_variable_becomes_a_column(m: Any) -> None:
    m.tech = pyo.Var(bounds=(0.0, 0.25))
    m.pick = pyo.Var(["a", "b"], domain=pyo.Binary)
    m.define = pyo.Constraint(expr=m.tech == m.hold["AAPL"] + m.hold["MSFT"])
    m.either = pyo.Constraint(expr=m.pick["a"] + m.pick["b"] == 1)
    structure, _ = read(m)
    assert structure.columns["user"] == slice(2 * N, 2 * N + 3)
    assert structure.integer[-3:].tolist() == [False, True, True]
    assert structure.owner is not None
    assert structure.owner[-3:].tolist() == [-1, -1, -1]
    solution, x = solved(m)
    assert m.tech.value == pytest.approx(0.25, abs=1e-6)
    assert m.pick["a"].value + m.pick["b"].value == pytest.approx(1.0)
    assert m.tech.value == x[-3]
    assert solution.objective is not None


def test_fixed_variables_and_changed_bounds_are_obeyed(m: Any) -> None:
    m.hold["KO"].fix(0.25)
    m.hold["AAPL"].setub(0.3)
    m.on[4].fix(1)
    m.hold["ON"].setlb(0.02)
    _, x = solved(m)
    assert x[2] == pytest.approx(0.25, abs=1e-6)
    assert x[0] <= 0.3 + 1e-6
    assert x[4] >= 0.02 - 1e-6
    assert round(x[N + 4]) == 1


def test_limits_change_by_their_parameters(m: Any) -> None:
    m.names_upper[0] = 1
    m.hold_cost["XOM"] = -100.0
    _, x = solved(m)
    assert x[TICKERS.index("XOM")] == pytest.approx(1.0, abs=1e-5)
    assert read(m)[1].row_upper[1] == 1.0
    assert read(m)[0] is m.case.structure


def test_a_restated_row_is_read_again(m: Any) -> None:
    m.names[0].set_value(m.names[0].body <= 2)
    assert read(m)[0] is m.case.structure
    assert read(m)[1].row_upper[1] == 2.0
    m.names[0].set_value(m.on[0] + m.on[1] + 0.5 <= 1.5)
    structure, parameters = read(m)
    assert structure.A.toarray()[1].tolist() == [0.0] * N + [1.0, 1.0] + [0.0] * (N - 2)
    assert parameters.row_upper[1] == 1.0
    assert structure.A.shape == m.case.structure.A.shape


@pytest.mark.parametrize("act", [lambda m: m.names.deactivate(),
                                 lambda m: m.del_component(m.names)])  # fmt: skip
def test_a_dropped_constraint_no_longer_binds(
    act: Callable[[Any], None], m: Any
) -> None:
    act(m)
    structure, parameters = read(m)
    assert structure is m.case.structure
    assert (parameters.row_lower[1], parameters.row_upper[1]) == (-np.inf, np.inf)
    solution, _ = solved(m)
    assert solution.objective == pytest.approx(0.0, abs=1e-5)


def _quadratic(m: Any) -> None:
    m.bad = pyo.Constraint(expr=m.hold["KO"] ** 2 <= 0.1)


def _second_goal(m: Any) -> None:
    m.other = pyo.Objective(expr=m.hold["KO"])


def _switched_off(m: Any) -> None:
    m.objective.deactivate()


def _restated_goal(m: Any) -> None:
    m.objective.set_value(m.objective.expr + m.hold["KO"])


def _upside_down(m: Any) -> None:
    m.objective.sense = pyo.maximize


def _special_order(m: Any) -> None:
    m.bad = pyo.SOSConstraint(var=m.hold, sos=1)


def _half_integer(m: Any) -> None:
    m.bad = pyo.Var(domain=pyo.Set(initialize=[0, 2, 4]))


def _stranger(m: Any) -> None:
    other = pyo.ConcreteModel()
    other.far = pyo.Var()
    m.bad = pyo.Constraint(expr=m.hold["KO"] <= other.far)
    m.kept_elsewhere = {"model": other}


def _deleted(m: Any) -> None:
    del m.hold["KO"]


def _no_value(m: Any) -> None:
    m.hold["KO"].fixed = True


def _no_such_side(m: Any) -> None:
    m.names_lower[0] = 1


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (_quadratic, UnsupportedProgram, "'bad' is not linear"),
        (_second_goal, UnsupportedProgram, "2 active objectives"),
        (_switched_off, UnsupportedProgram, "0 active objectives"),
        (_restated_goal, UnsupportedProgram, "0 of them its own"),
        (_upside_down, UnsupportedProgram, "0 of them its own"),
        (_special_order, UnsupportedProgram, "'bad' is a SOSConstraint"),
        (_half_integer, UnsupportedProgram, "'bad' has domain"),
        (_stranger, DataError, "'bad' uses 'far', which is no variable"),
        (_deleted, DataError, "was deleted"),
        (_no_value, DataError, r"'hold\[KO\]' is fixed without a value"),
        (_no_such_side, DataError, r"names_lower\[0\] is 1, but names\[0\] has no"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    change: Callable[[Any], None], error: type[SmaError], words: str, m: Any
) -> None:
    change(m)
    with pytest.raises(error, match=words) as caught:
        read(m)
    assert "\n" not in str(caught.value)


def test_a_product_with_a_fixed_variable_is_linear(m: Any) -> None:
    m.on[0].fix(1)
    m.product = pyo.Constraint(expr=m.on[0] * m.hold["AAPL"] <= 0.2)
    structure, parameters = read(m)
    assert structure.A.toarray()[-1].tolist() == [1.0] + [0.0] * (2 * N - 1)
    assert parameters.row_upper[-1] == 0.2
