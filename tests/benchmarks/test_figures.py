"""The command that measures figures: verdicts, exit codes and files."""

import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from sma_benchmarks.figures import __main__ as command
from sma_benchmarks.figures.exact import exact
from sma_benchmarks.figures.figure import Figure, at_most, solved
from sma_benchmarks.figures.optima import optima

import sma_research as sma
from sma_research.errors import BackendError


@pytest.mark.parametrize(("value", "met"), [(0.5, True), (2.9, True), (3.1, False)])
def test_a_limit_is_met_up_to_itself(value: float, met: bool) -> None:  # noqa: FBT001
    figure = at_most("seconds", "a solve", value, 3.0, "s")
    assert figure.met is met
    assert figure.asked == "<= 3 s"


@pytest.mark.parametrize(("value", "code"), [(1.0, 0), (5.0, 1)])
def test_the_command_says_what_is_not_met(
    value: float,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def measure(name: str) -> Sequence[Figure]:
        return (at_most(name, "a solve", value, 3.0, "s"),)

    file = tmp_path / "figures.json"
    monkeypatch.setattr(command, "measure", measure)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(sys, "argv", ["figures", "--only", "gap", "--json", str(file)])
    assert command.main() == code
    assert "a solve" in capsys.readouterr().out
    assert json.loads(file.read_text())[0]["met"] is (code == 0)


def test_every_figure_has_its_function() -> None:
    from importlib import import_module

    for module, function in command.MEASURES.values():
        home = import_module(f"sma_benchmarks.figures.{module}")
        assert callable(getattr(home, function))


def test_absent_instances_are_not_a_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMA_DATA", str(tmp_path / "nowhere"))
    (figure,) = optima()
    assert figure.met is None
    assert "nowhere" in figure.what


def test_no_figure_without_an_answer() -> None:
    report = sma.Report(
        account_id="A", solver="s", formulation="", status=sma.Status.NUMERICAL
    )
    with pytest.raises(BackendError, match="audit"):
        solved(report)


@pytest.mark.slow
def test_exact_engines_agree() -> None:
    assert all(figure.met for figure in exact())


def test_what_is_measured_is_shown_as_it_is_written() -> None:
    figure = at_most("sides", "highs[formulation=big_m]", 1.0, 2.0, "s")
    screen = Console(width=120, record=True, file=io.StringIO())
    screen.print(command.table([figure]))
    assert "highs[formulation=big_m]" in screen.export_text()
