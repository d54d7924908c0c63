"""The backend ``qpsolvers``: each engine that is installed keeps the whole contract."""

from importlib.util import find_spec

import numpy as np
import pytest
from sma_benchmarks.peers.qp import QpSolvers
from sma_benchmarks.peers.qp_engines import ENGINES

from sma_research.errors import BackendNotFound, SettingError, UnsupportedProgram
from sma_research.program.backend import Settings
from sma_research.program.form import ProblemClass
from sma_research.program.registry import backend_names, load_backend
from sma_research.testing import programs
from sma_research.testing.conformance import CHECKS, Check


def _engine(name: str) -> QpSolvers:
    if not (find_spec("qpsolvers") and find_spec(ENGINES[name].module)):
        pytest.skip(f"qpsolvers and {ENGINES[name].package} are not installed")
    return QpSolvers(name)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("name", sorted(ENGINES))
def test_conformance(name: str, check: Check) -> None:
    backend = _engine(name)
    if check.applies_to(backend):
        check.run(backend)


def test_it_is_registered_with_its_engines() -> None:
    assert "qpsolvers" in backend_names()
    assert load_backend("qpsolvers:scs").info.name == "qpsolvers:scs"
    with pytest.raises(BackendNotFound, match="piqp, proxqp, scs"):
        QpSolvers("gurobi")


def test_proxqp_is_asked_for_no_lp() -> None:
    assert ProblemClass.LP not in QpSolvers("proxqp").info.solves
    with pytest.raises(UnsupportedProgram, match="LP"):
        QpSolvers("proxqp").compile(programs.kkt_lp(0).structure, Settings())


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sma_benchmarks.peers.qp_engines.find_spec", lambda _: None)
    with pytest.raises(BackendNotFound, match="pip install qpsolvers scs"):
        QpSolvers("scs").compile(programs.kkt_qp(0).structure, Settings())
    found = QpSolvers().probe()
    assert not any(engine.usable for engine in found)
    assert all("pip install" in engine.missing for engine in found)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [("piqp", "tau", 0.9), ("proxqp", "rho", 1e-5), ("scs", "scale", 0.5)],
)
def test_native_settings_reach_the_engine(
    name: str, setting: str, value: float
) -> None:
    backend, case = _engine(name), programs.kkt_qp(1)
    session = backend.compile(case.structure, Settings(native={setting: value}))
    answer = session.solve(case.parameters)
    assert answer.objective == pytest.approx(case.objective, abs=1e-4)
    plain = backend.compile(case.structure, Settings()).solve(case.parameters)
    assert plain.x is not None
    assert answer.x is not None
    assert not np.array_equal(plain.x, answer.x)
    with pytest.raises(SettingError, match="no setting 'speed'"):
        backend.compile(case.structure, Settings(native={"speed": 9}))
