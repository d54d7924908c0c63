"""A program stated as a Pyomo model: names, values, points."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from sma_solvers.pyomo_miqp import PyomoMiqp

from sma_research.errors import DataError, UnsupportedProgram
from sma_research.program.backend import Settings
from sma_research.program.form import (
    OnOff,
    cap_values,
    objective,
)
from sma_research.testing import integer_programs, programs
from sma_research.testing.programs import Case

TICKERS = ("AAPL", "MSFT", "KO", "XOM", "ON")
N = len(TICKERS)


def test_components_carry_the_names_of_the_blocks(m: Any) -> None:
    assert list(m.hold) == list(TICKERS)
    assert list(m.on) == list(range(N))
    assert list(m.switch) == list(range(N))
    assert m.on[0].domain is pyo.Binary
    assert m.hold["MSFT"].bounds == (0.0, 1.0)
    text = "budget_lower[0]  <=  " + " + ".join(f"hold[{t}]" for t in TICKERS)
    assert str(m.budget[0].expr).startswith(text)
    assert str(m.names[0].expr).endswith("<=  names_upper[0]")


def test_the_model_is_the_program() -> None:
    """At any point both have the same value, caps, rows and all."""
    rng = np.random.default_rng(0)
    for case in (programs.kkt_qp(3), programs.kkt_qcp(3)):
        s, d = case.structure, case.parameters
        m = PyomoMiqp.build_model(s, d)
        x = rng.normal(size=d.q.size)
        PyomoMiqp.load_point(m, s, x)
        assert pyo.value(m.objective) == pytest.approx(objective(s, d, x))
        rows = [pyo.value(m.rows[i].body) for i in range(s.A.shape[0])]
        assert rows == pytest.approx(s.A @ x)
        caps = [pyo.value(m.cap[cap.name].body) for cap in s.caps]
        assert caps == pytest.approx(cap_values(s, d, x))


def test_on_off_pairs_are_stated_too() -> None:
    """The model can be handed to any solver of Pyomo, and is complete."""
    case = integer_programs.cardinality(6, 2)
    m = PyomoMiqp.build_model(case.structure, case.parameters)
    solver = pyo.SolverFactory("scip_direct")
    solver.config.solver_options = {"display/verblevel": 0}
    solver.config.rel_gap = 1e-6
    solver.solve(m)
    assert pyo.value(m.objective) == pytest.approx(case.objective, abs=1e-4)
    structure, parameters = PyomoMiqp.read_model(m, case.structure, case.parameters)
    assert structure is case.structure
    assert np.array_equal(parameters.on_upper, case.parameters.on_upper)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"holdings": TICKERS}, "'holdings', which is no block"),
        ({"hold": TICKERS[:3]}, "3 labels, 3 of them distinct"),
        ({"hold": ("A",) * N}, "5 labels, 1 of them distinct"),
    ],
)
def test_labels_must_fit(
    labels: dict[str, tuple[str, ...]], words: str, five_names: Case
) -> None:
    with pytest.raises(DataError, match=words):
        PyomoMiqp.build_model(five_names.structure, five_names.parameters, labels)


def test_names_that_are_taken_get_a_trailing_line(five_names: Case) -> None:
    s = replace(
        five_names.structure,
        columns={"name": slice(0, N), "objective": slice(N, 2 * N)},
        rows={"name": slice(0, 1)},
    )
    m = PyomoMiqp.build_model(s, five_names.parameters)
    assert m.name_[0].ub == 1.0
    assert len(m.objective_) == N
    assert len(m.name__) == 1
    assert len(m.row) == N + 1


def test_a_point_of_another_size_is_refused(m: Any) -> None:
    with pytest.raises(DataError, match="3 values for 10 columns and 10 variables"):
        PyomoMiqp.load_point(m, m.case.structure, np.zeros(3))


def test_a_session_hands_out_models_of_its_own(five_names: Case) -> None:
    session = PyomoMiqp("scip").compile(
        five_names.structure, Settings(relative_gap=0.0)
    )
    before = session.solve(five_names.parameters).objective
    m = session.model(five_names.parameters, {"hold": TICKERS})
    m.hold["AAPL"].fix(0.0)
    assert session.solve(five_names.parameters).objective == before
    m.account = {"id": "a-1"}  # a caller's own mark, kept by clones
    assert m.clone().account == {"id": "a-1"}


def test_pairs_are_dropped_whole_or_not_at_all(five_names: Case) -> None:
    pairs = OnOff(binary=np.arange(N, 2 * N), column=np.arange(N))
    s = replace(five_names.structure, on_off=pairs)
    d = replace(
        five_names.parameters, on_lower=np.full(N, 0.01), on_upper=np.full(N, 0.8)
    )
    m = PyomoMiqp.build_model(s, d)
    m.pair_lower[1].deactivate()
    with pytest.raises(UnsupportedProgram, match="one half of on/off pair 1"):
        PyomoMiqp.read_model(m, s, d)
    m.pair_upper[1].deactivate()
    structure, parameters = PyomoMiqp.read_model(m, s, d)
    assert structure.on_off.column.tolist() == [0, 2, 3, 4]
    assert parameters.on_upper.size == N - 1
    m.pair_upper[0].set_value(m.hold[0] <= 0.5)
    with pytest.raises(UnsupportedProgram, match=r"pair_upper\[0\]' was restated"):
        PyomoMiqp.read_model(m, s, d)


def test_caps_are_read_by_their_limits() -> None:
    case = programs.kkt_qcp(1)
    s, d = case.structure, case.parameters
    m = PyomoMiqp.build_model(s, d)
    m.cap_limit["cap 0"] = 7.0
    m.cap["cap 1"].deactivate()
    m.extra = pyo.Var()
    structure, parameters = PyomoMiqp.read_model(m, s, d)
    assert parameters.cap_limit.tolist() == [7.0, np.inf]
    assert parameters.cap_linear.shape == (2, s.integer.size + 1)
    assert structure.caps[0].square.size == s.integer.size + 1


def test_cones_can_be_dropped() -> None:
    case = programs.rotated_cones()
    m = PyomoMiqp.build_model(case.structure, case.parameters)
    assert m.x[0].lb == 0.0
    m.cone[1].deactivate()
    structure, _ = PyomoMiqp.read_model(m, case.structure, case.parameters)
    assert structure.cones.column.tolist() == [6, 8]


def test_a_model_from_elsewhere_is_refused(m: Any) -> None:
    case = programs.kkt_lp(0)
    with pytest.raises(DataError, match="without `sma_statement`"):
        PyomoMiqp.read_model(pyo.ConcreteModel(), case.structure, case.parameters)
    with pytest.raises(DataError, match="7 rows and 10 columns"):
        PyomoMiqp.read_model(m, case.structure, case.parameters)
