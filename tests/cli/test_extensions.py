"""Verbs that other packages bring."""

from importlib.metadata import EntryPoint

import pytest
import typer
from typer.testing import CliRunner

from sma_research.cli import extensions
from sma_research.cli.program import OneLineErrors

GROUP = extensions.GROUP
GOOD = EntryPoint("bench", "sma_benchmarks.command:bench_app", GROUP)
BAD = EntryPoint("broken", "sma_benchmarks.nowhere:app", GROUP)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setattr(extensions, "entry_points", lambda **_: (BAD, GOOD))
    made = typer.Typer(cls=OneLineErrors, rich_markup_mode=None)
    extensions.add_extensions(made)
    return made


def test_a_verb_is_found(app: typer.Typer) -> None:
    found = CliRunner().invoke(app, ["bench", "run", "--help"])
    assert found.exit_code == 0
    assert "--dry-run" in found.output


def test_one_that_does_not_load_leaves_the_others_alone(app: typer.Typer) -> None:
    found = CliRunner().invoke(app, ["broken", "list", "--json", "x.json"])
    assert found.exit_code == 2
    assert "'broken' does not load from sma_benchmarks.nowhere:app" in found.output
    assert found.output.count("\n") == 1
