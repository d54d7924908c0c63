"""Backends, formulations, clauses and schemas, as the program lists them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sma_research.cli.backends import backend_table, installed
from sma_research.cli.options import counted
from sma_research.formulations.catalog import CATALOG
from sma_research.program import registry
from sma_research.testing import conformance
from sma_research.testing.conformance import CHECKS, Check, ConformanceError

Sma = Callable[..., Any]


def test_backends_that_load_and_one_that_does_not(
    sma: Sma, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = registry.load_backend

    def load(name: str) -> Any:
        if name == "broken":
            raise AttributeError("module has\nno such class")
        return genuine(name)

    monkeypatch.setattr(registry, "backend_names", lambda: ("broken", "clarabel"))
    monkeypatch.setattr(registry, "load_backend", load)
    path = tmp_path / "solvers.json"
    run = sma("solvers", "--json", path)
    assert run.code == 0
    assert "module has no such class" in " ".join(run.out.split())
    file = json.loads(path.read_text())
    assert file["schema"] == "sma.solvers/1"
    broken, clarabel = file["backends"]
    assert broken["missing"] == "module has no such class"
    assert broken["engines"] == []
    assert clarabel["solves"] == ["LP", "QP", "QCP"]
    assert clarabel["engines"][0]["usable"] is True
    assert clarabel["missing"] == ""


def test_the_markdown_table_of_backends() -> None:
    found = installed()
    lines = backend_table(found).splitlines()
    assert lines[0] == "| backend | library | solves | services |"
    assert len(lines) == 2 + sum(backend.info is not None for backend in found)
    assert "| `clarabel` | clarabel | LP, QP, QCP | " in backend_table(found)


def test_formulations(sma: Sma, tmp_path: Path) -> None:
    path = tmp_path / "formulations.json"
    run = sma("formulations", "--json", path)
    assert run.code == 0
    listed = json.loads(path.read_text())["formulations"]
    assert [row["name"] for row in listed] == list(CATALOG)
    for info in CATALOG.values():
        assert info.name in run.out
        assert info.summary in " ".join(run.out.split())


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("0", 160), ("", 160)])
def test_a_pipe_is_as_wide_as_columns_says(
    sma: Sma, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    run = sma("formulations")
    assert 0.5 * widest < max(map(len, run.out.splitlines())) <= widest


def test_counts_have_their_number() -> None:
    said = [counted(number, "open lot") for number in (0, 1, 2)]
    assert said == ["0 open lots", "1 open lot", "2 open lots"]


def test_schemas_are_json(sma: Sma) -> None:
    book, report = (
        json.loads(sma("schema").out),
        json.loads(sma("schema", "report").out),
    )
    assert book["title"] == "BookFile"
    assert report["properties"]["schema"]["const"] == "sma.report/1"


def test_help_and_version(sma: Sma) -> None:
    assert sma().out == sma("-h").out
    assert sma("--version").out.startswith("sma-research ")


def test_clauses_that_hold(sma: Sma, tmp_path: Path) -> None:
    path = tmp_path / "check.json"
    run = sma("check", "osqp", "--json", path)
    file = json.loads(path.read_text())
    assert file["schema"] == "sma.check/1"
    assert [row["clause"] for row in file["clauses"]] == [c.name for c in CHECKS]
    outcomes = {row["outcome"] for row in file["clauses"]}
    assert outcomes == {"passed", "not applicable"}
    assert run.code == 0


def test_a_clause_that_is_broken(
    sma: Sma, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ConformanceError("a lie")

    checks = (Check("tells_the_truth", "0.1", frozenset(), broken),)
    monkeypatch.setattr(conformance, "CHECKS", checks)
    path = tmp_path / "check.json"
    run = sma("check", "osqp", "--json", path)
    assert run.code == 1
    assert "tells_the_truth" in run.out
    assert json.loads(path.read_text())["clauses"] == [
        {"clause": "tells_the_truth", "outcome": "failed", "message": "a lie"}
    ]
