"""Every installed backend against every clause that binds it."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

import pytest

from sma_research.errors import BackendNotFound
from sma_research.program.backend import Backend
from sma_research.program.registry import GROUP, backend_names, load_backend
from sma_research.testing.conformance import CHECKS, Check, checks_for, run_checks

BY_HAND = ("osqp", "highs", "clarabel")


@cache
def loaded(name: str) -> Backend:
    """One instance of each backend for all clauses."""
    return load_backend(name)


def lacking(name: str, module: str) -> str:
    """Why a backend cannot run here; the project's own four always can."""
    if find_spec(module) is None:
        return f"{module} is not there"
    if module.startswith("sma_solvers."):
        return ""
    try:
        engines = loaded(name).probe()
    except BackendNotFound as error:
        return str(error)
    return "" if any(e.usable for e in engines) else f"no engine of {name} runs here"


def cases() -> Iterator[Any]:
    """Pairs of a backend and a clause."""
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        absent = lacking(entry.name, entry.module)
        if absent:
            missing = pytest.mark.skip(reason=absent)
            yield pytest.param(entry.name, None, id=entry.name, marks=missing)
            continue
        for check in checks_for(loaded(entry.name)):
            yield pytest.param(entry.name, check, id=f"{entry.name}-{check.name}")


@pytest.mark.parametrize(("name", "check"), list(cases()))
def test_conformance(name: str, check: Check) -> None:
    check.run(loaded(name))


def test_no_backend_is_left_out() -> None:
    assert set(BY_HAND) <= set(backend_names())


def test_every_clause_has_its_own_name() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", BY_HAND)
def test_results_are_told_in_words(name: str) -> None:
    results = run_checks(loaded(name))
    assert len(results) == len(checks_for(loaded(name))) > 25
    assert {result.outcome for result in results} == {"passed"}
    assert not any(result.failed or result.message for result in results)
