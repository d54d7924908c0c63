"""Engines behind Pyomo: settings, statuses, licences, and the lies of imports."""

import subprocess
import sys
from dataclasses import replace
from textwrap import dedent
from typing import NoReturn

import pytest
from pyomo.contrib.solver.common.results import TerminationCondition
from pyomo.opt import TerminationCondition as OlderCondition
from sma_solvers.pyomo_engines import ENGINES
from sma_solvers.pyomo_miqp import PyomoMiqp
from sma_solvers.pyomo_runs import STATUS

from sma_research.errors import (
    BackendNotFound,
    LicenceError,
    SettingError,
)
from sma_research.program.backend import Licence, Settings
from sma_research.program.form import ProblemClass
from sma_research.program.registry import load_backend
from sma_research.program.solution import Termination
from sma_research.testing import integer_programs

FREE = ("highs", "scip")


def test_a_flood_of_log_lines_does_not_block_scip() -> None:
    """A blocked pipe ignores time limits, so a process of its own is timed."""
    code = """
        from sma_solvers.pyomo_miqp import PyomoMiqp
        from sma_research.program.backend import Settings
        from sma_research.testing.integer_programs import market_split
        case = market_split(columns=60, rows=10)
        chatty = {"display/freq": 1, "display/headerfreq": 1}
        settings = Settings(time_limit_s=10.0, relative_gap=0.0, native=chatty)
        session = PyomoMiqp("scip").compile(case.structure, settings)
        assert session.solve(case.parameters).x is not None
    """
    command = [sys.executable, "-c", dedent(code)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("engine", "native"),
    [
        ("scip", {"display/verblevel": 4}),
        ("scip", {"no/such/setting": 1}),
        ("highs", {"output_flag": True}),
        ("highs", {"no_such_setting": 1}),
        ("highs", {"presolve": "perhaps"}),
    ],
)
def test_settings_are_refused_by_name(engine: str, native: dict[str, object]) -> None:
    structure = integer_programs.knapsack().structure
    with pytest.raises(SettingError, match=next(iter(native))):
        PyomoMiqp(engine).compile(structure, Settings(native=native))


@pytest.mark.parametrize(
    ("engine", "native"),
    [("highs", {"presolve": "off"}), ("scip", {"presolving/maxrounds": 0})],
)
def test_native_settings_are_taken(engine: str, native: dict[str, object]) -> None:
    case = integer_programs.knapsack()
    session = PyomoMiqp(engine).compile(case.structure, Settings(native=native))
    assert session.solve(case.parameters).termination is Termination.OPTIMAL


def test_an_unknown_engine_is_not_found() -> None:
    with pytest.raises(BackendNotFound, match="no engine 'abacus', expected one of"):
        load_backend("pyomo:abacus")


def test_an_engine_is_chosen_by_name() -> None:
    assert load_backend("pyomo").info.name == "pyomo:highs"
    assert load_backend("pyomo:scip").info.name == "pyomo:scip"
    assert ProblemClass.MIQP not in load_backend("pyomo").info.solves
    assert load_backend("pyomo:scip").info.solves == frozenset(ProblemClass)


def test_the_probe_names_every_engine_and_what_is_missing() -> None:
    found = {a.engine.partition(":")[2]: a for a in PyomoMiqp().probe()}
    assert set(found) == set(ENGINES)
    for name in FREE:
        assert found[name].usable
        assert found[name].licence is Licence.FREE
        assert not found[name].missing
    for availability in found.values():
        assert availability.usable != bool(availability.missing)
        assert availability.usable == (availability.licence is not Licence.MISSING)


@pytest.mark.parametrize("engine", ["gurobi", "cplex", "xpress", "mosek"])
def test_a_sold_engine_solves_or_says_what_it_needs(engine: str) -> None:
    case = integer_programs.cardinality(pairs=False)
    backend = PyomoMiqp(engine)
    (found,) = (a for a in backend.probe() if a.engine == f"pyomo:{engine}")
    if not found.usable:
        with pytest.raises(BackendNotFound, match=f"pip install {engine}"):
            backend.compile(case.structure, Settings())
        return
    solution = backend.compile(case.structure, Settings()).solve(case.parameters)
    assert solution.objective == pytest.approx(case.objective, abs=1e-4)


def test_a_native_error_is_told_with_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    def sold_out(*_: object) -> NoReturn:
        raise RuntimeError("Model too large for size-limited license")

    case = integer_programs.knapsack()
    session = PyomoMiqp().compile(case.structure, Settings())
    with monkeypatch.context() as patch:
        table = {**ENGINES, "highs": replace(ENGINES["highs"], run=sold_out)}
        patch.setattr("sma_solvers.pyomo_engines.ENGINES", table)
        with pytest.raises(LicenceError, match="licence does not cover") as caught:
            session.solve(case.parameters)
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert session.solve(case.parameters).termination is Termination.OPTIMAL


def test_every_condition_of_pyomo_has_a_meaning() -> None:
    names = {c.name for c in (*TerminationCondition, *OlderCondition)}
    assert names == set(STATUS)
