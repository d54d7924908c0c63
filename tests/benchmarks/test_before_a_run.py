"""What is refused before the first solve: unknown solvers, bad suites, no extra."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sma_benchmarks import extras, solver_names
from sma_benchmarks.methods import parse
from sma_benchmarks.solver_names import check_solver

from sma_research.cli import main
from sma_research.errors import BackendNotFound

SUITE = """
name = "mine"
description = "One account"
tier = "ci"
instances = ["names:n=40,k=12,factors=4"]
methods = ["clarabel"]
[budget]
time_limit_s = 20.0
"""
Verb = Callable[..., str]


@pytest.fixture
def refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Verb:
    """The one line that a verb of ``sma bench`` says before it exits with 2."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["bench", *arguments])
        said = capsys.readouterr()
        assert (ended.value.code, said.out) == (2, "")
        assert said.err.count("\n") == 1
        return said.err

    return call


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"clarabel"', '"clarabell"', "no backend is called 'clarabell', expected one"),
        ('"clarabel"', '"peer:skfoli"', "no peer is called 'skfoli', expected one of"),
        (
            "k=12",
            "k=41",
            "mine.toml: instance names:n=40,k=41,factors=4,seed=0: k is 41, expected at "
            "most n, which is 40",
        ),
        ("n=40", "n=some", "n is 'some', expected a whole number"),
        ("time_limit_s = 20.0", "", "mine.toml: budget.time_limit_s is missing"),
    ],
)
def test_a_suite_is_refused_by_its_file(
    refused: Verb, tmp_path: Path, old: str, new: str, said: str
) -> None:
    (tmp_path / "mine.toml").write_text(SUITE.replace(old, new))
    error = refused("run", "mine.toml", "--out", "run")
    assert error.startswith("error: mine.toml: ")
    assert said in error
    assert not (tmp_path / "run").exists()


def test_a_solver_whose_library_is_absent_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is run, and its rows say that it is not covered."""

    def absent(name: str) -> None:
        raise BackendNotFound(f"backend {name!r} cannot be imported")

    monkeypatch.setattr(solver_names, "load_backend", absent)
    check_solver(parse("clarabel"))
    check_solver(parse("pyomo:scip"))
    with pytest.raises(BackendNotFound):
        check_solver(parse("clarabell"))


@pytest.mark.parametrize(
    "arguments",
    [("run", "smoke", "--out", "x"), ("report", "x"), ("verify", "x", "--rejudge")],
)
def test_a_missing_extra_is_named(
    refused: Verb, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    assert "pip install 'sma-research[bench]'" in refused(*arguments)


def test_an_export_spares_the_run(refused: Verb, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "state.sqlite").touch()
    assert "holds a run" in refused("export", "run", "--out", "run")
