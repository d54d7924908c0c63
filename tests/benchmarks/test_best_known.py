"""Best known values move only forwards, and a bound never passes a portfolio."""

from pathlib import Path

import pytest
from sma_benchmarks.best_known import Known, contradiction, read, updated, write
from sma_benchmarks.records import Value

from sma_research.errors import DataError


def row(
    objective: float | None, bound: float | None, **more: Value
) -> dict[str, Value]:
    return {
        "instance": "names:n=100", "instance_hash": "h", "method": "clarabel",
        "outcome": "verified_feasible", "seed": 0, "answer_blob": "b",
        "objective": objective, "bound": bound, **more,
    }  # fmt: skip


def test_only_better_values_are_taken() -> None:
    first = updated({}, [row(1.0, 0.8), row(1.1, 0.9), row(0.95, 0.7)])
    (known,) = first.known.values()
    assert known.incumbent is not None
    assert known.bound is not None
    assert (known.incumbent.value, known.bound.value) == (0.95, 0.9)
    again = updated(first.known, [row(1.0, 0.8)])
    assert again.known == first.known
    assert not again.moved


def test_wrong_answers_are_never_taken() -> None:
    wrong = row(0.1, None, outcome="wrong_feasible")
    assert updated({}, [wrong]).known["names:n=100"].incumbent is None


def test_a_bound_above_a_portfolio_is_a_conflict() -> None:
    update = updated({}, [row(1.0, 0.9), row(None, 1.1)])
    assert len(update.conflicts) == 1
    assert "above the portfolio" in update.conflicts[0]
    bound = update.known["names:n=100"].bound
    assert bound is not None
    assert bound.value == 0.9


def test_another_problem_starts_anew() -> None:
    first = updated({}, [row(1.0, 0.9)])
    after = updated(first.known, [row(2.0, 1.9, instance_hash="other")])
    known = after.known["names:n=100"]
    assert known.instance_hash == "other"
    assert known.incumbent is not None
    assert known.incumbent.value == 2.0


def test_files_come_back(tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    known = updated({}, [row(1.0, 0.9, te_bp=12.0)]).known
    write(path, known)
    assert read(path) == known
    assert read(tmp_path / "none.json") == {}
    path.write_text('{"names": [1]}')
    with pytest.raises(DataError, match="no table of best known values"):
        read(path)


def test_gap_needs_both() -> None:
    assert Known(instance_hash="h").gap is None


def test_a_false_bound_costs_no_portfolio() -> None:
    update = updated({}, [row(5.0, 2.0), row(1.0, None), row(0.9, 1.2)])
    known = update.known["names:n=100"]
    assert known.incumbent is not None
    assert known.incumbent.value == 0.9
    assert known.bound is None
    assert len(update.conflicts) == 2


def test_a_bound_may_pass_by_what_the_tolerance_is_worth() -> None:
    near = [row(1.0, None), row(None, 1.001, bound_room=2e-3)]
    assert not updated({}, near).conflicts
    assert updated({}, [near[0], row(None, 1.003, bound_room=2e-3)]).conflicts


SHIPPED = sorted(
    (Path(__file__).resolve().parents[2] / "benchmarks" / "best_known").glob("*.json")
)


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_no_shipped_bound_is_above_a_portfolio(path: Path) -> None:
    known = read(path)
    assert known
    wrong = [line for name in known if (line := contradiction(name, known[name]))]
    assert not wrong


def test_something_is_shipped() -> None:
    assert {path.stem for path in SHIPPED} >= {"names", "minbuyin"}
