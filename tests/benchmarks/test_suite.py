"""Suites: what a file resolves to, its hash, and the solves it asks for."""

from pathlib import Path

import pytest
from sma_benchmarks.methods import parse
from sma_benchmarks.suite import Suite, load_suite, read_suite, suites

from sma_research.errors import DataError

TEXT = """
name = "tiny"
description = "Two sizes."
tier = "smoke"
instances = ["names:n=[40,50],k=25,factors=3"]
methods = ["clarabel", "highs[tolerance=1e-07]"]
seeds = [0, 1, 2]
start_modes = ["cold", "hot"]
[budget]
time_limit_s = 5
"""


def _suite(tmp_path: Path, text: str = TEXT) -> Suite:
    path = tmp_path / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return read_suite(path)


def test_grids_and_methods_are_resolved(tmp_path: Path) -> None:
    suite = _suite(tmp_path)
    assert suite.instances == [
        "names:n=40,k=25,factors=3,seed=0",
        "names:n=50,k=25,factors=3,seed=0",
    ]
    assert suite.methods == ["clarabel", "highs[tolerance=1e-7]"]
    assert suite.limits.time_limit_s == 5.0


def test_the_hash_follows_the_content_alone(tmp_path: Path) -> None:
    first = _suite(tmp_path)
    same = TEXT.replace("Two sizes.", "Said otherwise.").replace("1e-07", "1e-7")
    assert _suite(tmp_path, same).hash == first.hash
    for old, new in (("[40,50]", "[40,51]"), ("= 5", "= 6"), ("[0, 1, 2]", "[0, 1]")):
        assert _suite(tmp_path, TEXT.replace(old, new)).hash != first.hash


def test_seeds_for_what_branches_modes_and_instances_for_all(tmp_path: Path) -> None:
    tasks = list(_suite(tmp_path).tasks(None))
    methods = [task.method for task in tasks]
    assert methods.count("clarabel") == 2 * 2
    assert methods.count("highs[tolerance=1e-7]") == 2 * 2 * 3
    assert len({task.row_id for task in tasks}) == len(tasks)
    assert {task.suite_hash for task in tasks} == {_suite(tmp_path).hash}


def test_methods_can_be_given_instead(tmp_path: Path) -> None:
    suite = _suite(tmp_path)
    tasks = list(suite.tasks(None, [parse("osqp")]))
    assert [task.method for task in tasks] == ["osqp"] * 4
    assert {task.suite_hash for task in tasks} == {suite.hash}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('tier = "smoke"', 'tier = "hourly"', "tier"),
        ("seeds = [0, 1, 2]", "seeds = [0, 0]", "given twice"),
        ("seeds = [0, 1, 2]", "seed = [0]", "seed is unknown, expected 'seeds'?"),
        ("seeds = [0, 1, 2]", "seeds = [-1]", "seeds.0. is -1, expected"),
        ("seeds = [0, 1, 2]", "seeds = []", "seeds is .., expected at least one"),
        ("time_limit_s = 5", "time_limit_s = 0", "is 0, expected greater than 0"),
        ("time_limit_s = 5", "", "budget.time_limit_s is missing, expected"),
        (
            "time_limit_s = 5",
            "time_limit_s = 5\nwork = 5",
            "budget.work is unknown, expected one of grace_s, memory_limit_mb,",
        ),
        ('"tiny"', '"Tiny!"', "name is 'Tiny!', expected small letters, digits"),
        ("[budget]\ntime_limit_s = 5", "budget = 5", "budget is 5, expected a table"),
        ('"clarabel"', '"clarabel[speed=9]"', "speed is no setting"),
        ('"clarabel"', '"highs[tolerance=1e-7]"', "given twice"),
        ("n=[40,50]", "n=[40,40]", "given twice"),
        ("names:", "nomes:", "no family 'nomes'"),
        ("k=25", "q=25", "no parameter 'q'"),
        ("name =", "name ?", "no TOML"),
    ],
)
def test_a_file_with_a_mistake_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(DataError, match=says) as caught:
        _suite(tmp_path, TEXT.replace(old, new, 1))
    assert "tiny.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
    for word in ("type=", "Value error", "Input", "Extra"):
        assert word not in str(caught.value)


def test_an_unknown_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="smoke"):
        load_suite("nightlies")
    with pytest.raises(DataError, match="not there"):
        load_suite(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("name", sorted(suites()))
def test_every_shipped_suite_is_read(name: str) -> None:
    assert load_suite(name).name == name
