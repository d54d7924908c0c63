"""References of instances, and what they load."""

import numpy as np
import pytest
from sma_benchmarks.instances.catalog import FAMILIES, expand, load
from sma_benchmarks.instances.content import rounded
from sma_benchmarks.instances.instance import AccountCase

from sma_research.errors import DataError


def test_a_grid_becomes_every_combination() -> None:
    assert expand("names:n=[100, 300],k=[20,50],factors=5") == (
        "names:n=100,k=20,factors=5,seed=0",
        "names:n=100,k=50,factors=5,seed=0",
        "names:n=300,k=20,factors=5,seed=0",
        "names:n=300,k=50,factors=5,seed=0",
    )


def test_the_order_given_does_not_matter() -> None:
    assert expand("names:k=20,n=100") == expand("names:n=100,k=20,seed=0")


@pytest.mark.parametrize(
    "text",
    ["", "names:n", "names:n=", "names:n=1,", "names:n=[1,]", "names:n=[1", "names:n=1;k=2",
     "names:n=1,n=2", "nomes:n=1", "names:m=1"],
)  # fmt: skip
def test_malformed_references_are_refused(text: str) -> None:
    with pytest.raises(DataError):
        expand(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("names:n=[40,50]", "stands for 2 instances"),
        ("names:n=many", "n is 'many'"),
        ("names:n=5", "n is 5"),
        ("demo:client=D,n=60", "client is 'D'"),
        ("demo:kinds=bonds,n=60", "kinds is 'bonds'"),
    ],
)
def test_bad_values_are_refused(text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        load(text, None)


def test_families_say_what_they_are() -> None:
    for name, family in FAMILIES.items():
        assert family.name == name
        assert family.description


def test_names_holds_what_was_asked() -> None:
    instance = load("names:n=60,k=30,factors=4", None)
    assert (instance.n_assets, instance.n_factors, instance.k_names) == (60, 4, 30)
    assert isinstance(instance.case, AccountCase)
    assert instance.case.problem.account.mandate.max_weight == pytest.approx(2 / 30)
    assert instance.case.before is not None


def test_the_hash_is_that_of_the_problem() -> None:
    first = load("names:n=60,k=30,factors=4", None)
    assert load("names:n=60,factors=4,seed=0,k=30", None).hash == first.hash
    others = ("names:n=60,k=31,factors=4", "names:n=60,k=30,factors=4,seed=1")
    assert len({first.hash, *(load(text, None).hash for text in others)}) == 3


def test_demo_clients_differ() -> None:
    size = "n=150,factors=5,etfs=4"
    hashes = {
        load(f"demo:client={client},kinds={kinds},{size}", None).hash
        for client in "ABC"
        for kinds in ("stocks", "etfs", "both")
    }
    assert len(hashes) == 9


def test_rounding_hides_the_last_digits_only() -> None:
    values = np.array([0.1, -3e-9, 1234.5])
    assert np.array_equal(rounded(values), rounded(values * (1 + 1e-13)))
    assert not np.array_equal(rounded(values), rounded(values * (1 + 1e-5)))
    assert np.array_equal(rounded([0.0, -0.0]), np.zeros(2))
    assert np.isinf(rounded([np.inf, 1.0])[0])
