"""Constraints of MINLPLib as the program form states them, or a refusal."""

from collections.abc import Iterator
from typing import Any

import pytest
from sma_benchmarks.published import compare
from sma_benchmarks.published.minlplib import published

from sma_research.errors import DataError
from sma_research.program.backend import Settings


def instance(**parts: Any) -> dict[str, Any]:
    """Least x in a unit square, with further constraints."""
    box = {"type": "C", "lb": 0.0, "ub": 1.0}
    free = {"type": "C", "lb": None, "ub": None}
    whole = {"coef": {"0": -1.0, "1": 1.0}, "sense": "==", "rhs": 0.0, "name": "e1"}
    return {
        "variables": {"0": free, "1": box, "2": box},
        "linear": [whole],
        "quadratic": [],
        "sqrt_constraints": [],
        **parts,
    }


KNOWN = {"primal": 1.0, "dual": 1.0}


def solved(parts: dict[str, Any]) -> float:
    case = published("toy", instance(**parts), KNOWN)
    objective = compare(case, settings=Settings(tolerance=1e-8)).objective
    assert objective is not None
    return objective


def row(sense: str, rhs: float, **coefficients: float) -> dict[str, Any]:
    coefficients = {name[1:]: a for name, a in coefficients.items()}
    return {"name": "e", "coef": coefficients, "sense": sense, "rhs": rhs}


def products(sense: str, rhs: float, *triples: tuple[int, int, float]) -> Any:
    return {**row(sense, rhs), "quad": triples}


def test_a_cap_is_read() -> None:
    """(x - 1)^2 <= 1/4 without its constant: x = 1/2."""
    limit = {**products("<=", -0.75, (1, 1, 1.0)), "coef": {"1": -2.0}}
    assert solved({"quadratic": [limit]}) == pytest.approx(0.5, abs=1e-6)


def test_a_cone_is_read() -> None:
    """4 y^2 <= x^2 at y = 1/4: x = 1/2."""
    limit = products("<=", 0.0, (2, 2, 4.0), (1, 1, -1.0))
    fixed = row("==", 0.25, _2=1.0)
    parts = {"quadratic": [limit], "linear": [*instance()["linear"], fixed]}
    assert solved(parts) == pytest.approx(0.5, abs=1e-6)


def test_a_root_is_read() -> None:
    """x - 3 |y| >= -1/2 at y = 1/4: x = 1/4."""
    limit = row(">=", -0.5, _1=1.0)
    limit["sqrt_terms"] = [
        {"mult": -3.0, "quad": [(2, 2, 1.0)], "coef": {}, "const": 0.0}
    ]
    fixed = row("==", 0.25, _2=1.0)
    parts = {"sqrt_constraints": [limit], "linear": [*instance()["linear"], fixed]}
    assert solved(parts) == pytest.approx(0.25, abs=1e-6)


def refused() -> Iterator[tuple[str, dict[str, Any]]]:
    """Constraints that no convex program states, and what is said of them."""
    yield "eigenvalue", {"quadratic": [products("<=", 1.0, (1, 2, 1.0))]}
    yield "eigenvalue", {"quadratic": [products(">=", 1.0, (1, 1, 1.0))]}
    yield "equation", {"quadratic": [products("==", 1.0, (1, 1, 1.0))]}
    term = {"mult": 1.0, "quad": [(1, 1, 1.0)], "coef": {}, "const": 0.0}
    root = {**row(">=", 0.0), "sqrt_terms": [term]}
    yield "root", {"sqrt_constraints": [root]}
    yield "objective", {"linear": []}


@pytest.mark.parametrize(("said", "parts"), list(refused()))
def test_what_cannot_be_stated_is_refused(said: str, parts: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=said):
        published("toy", instance(**parts), KNOWN)


def test_a_cone_stays_when_pairs_are_rewritten() -> None:
    """2 |y| <= x for a switched y of at least 1/4: x = 1/2."""
    switched = {"3": {"type": "B", "lb": 0.0, "ub": 1.0}}
    rows = [row("<=", 0.0, _2=1.0, _3=-1.0), row(">=", 0.25, _2=1.0)]
    parts = {
        "variables": {**instance()["variables"], **switched},
        "quadratic": [products("<=", 0.0, (2, 2, 4.0), (1, 1, -1.0))],
        "linear": [*instance()["linear"], *rows],
    }
    assert solved(parts) == pytest.approx(0.5, abs=1e-6)
