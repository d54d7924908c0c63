"""Peers: what each may be asked, and that its answer is one where it runs."""

from dataclasses import replace

import numpy as np
import pytest
from sma_benchmarks.instances.catalog import load
from sma_benchmarks.instances.instance import AccountCase
from sma_benchmarks.methods import PEER, parse
from sma_benchmarks.peers import PEERS
from sma_benchmarks.peers.stating import ASKS, risk_directions, within_cap
from sma_benchmarks.suite import load_suite, suites
from sma_benchmarks.task import Budget

import sma_research as sma
from sma_research.errors import UnsupportedProgram
from sma_research.portfolio.metrics import tracking_error

BUDGET = Budget(time_limit_s=5.0)
# An account that each peer states, small enough for editions without a licence.
STATED = {
    "skfolio": "demo:client=C,kinds=both,n=150,factors=5,etfs=4",
    "taxrebalance": "lots:n=20",
    "cvxportfolio": "demo:client=C,kinds=both,n=150,factors=5,etfs=4",
    "copt": "names:n=60,k=25,factors=5",
}


def _problem(reference: str) -> sma.Problem:
    case = load(reference, None).case
    assert isinstance(case, AccountCase)
    return case.problem


def test_every_peer_has_an_account_to_state() -> None:
    assert set(STATED) == set(PEERS)
    assert {peer.name for peer in PEERS.values()} == set(PEERS)


def test_suites_name_peers_that_exist() -> None:
    for name in suites():
        for text in load_suite(name).methods:
            method = parse(text)
            assert method.peer is None or method.peer in PEERS, text


@pytest.mark.parametrize("name", sorted(PEERS))
def test_probe_says_how_to_get_what_is_missing(name: str) -> None:
    found = PEERS[name].probe()
    assert found.engine == f"{PEER}{name}"
    assert found.usable or found.missing


@pytest.mark.parametrize("name", sorted(STATED))
def test_an_answer_is_about_as_good_as_ours(name: str) -> None:
    peer, problem = PEERS[name], _problem(STATED[name])
    if not peer.probe().usable:
        pytest.skip(f"{name} does not run here: {peer.probe().missing}")
    answer = peer.weights(problem, BUDGET, 0)
    assert answer.weight is not None
    assert answer.version
    assert answer.weight.min() >= 0
    assert (answer.weight <= problem.weight_upper + 1e-4).all()
    assert answer.weight.sum() <= 1 + 1e-9
    report = sma.solve(problem, "clarabel")
    assert report.metrics is not None
    ours = report.metrics.tracking_error
    assert tracking_error(problem, answer.weight) == pytest.approx(ours, rel=0.02)
    assert within_cap(problem, answer.weight)


@pytest.mark.parametrize(
    ("name", "reference", "says"),
    [
        ("skfolio", "lots:n=20", "tax lots"),
        ("taxrebalance", "names:n=60,k=25", "no lots"),
        ("cvxportfolio", "names:n=60,k=25", "a limit on names"),
    ],
)
def test_what_a_peer_cannot_state_is_refused(
    name: str, reference: str, says: str
) -> None:
    with pytest.raises(UnsupportedProgram, match=says):
        PEERS[name].weights(_problem(reference), BUDGET, 0)


def test_a_cap_below_the_least_tracking_error_has_no_answer() -> None:
    peer, problem = PEERS["skfolio"], _problem(STATED["skfolio"])
    if not peer.probe().usable:
        pytest.skip("skfolio is not installed")
    mandate = replace(problem.account.mandate, tracking_error_cap=1e-4)
    account = replace(problem.account, mandate=mandate)
    tight = replace(problem, account=account)
    assert peer.weights(tight, BUDGET, 0).weight is None


def test_directions_carry_the_whole_risk() -> None:
    problem = _problem(STATED["skfolio"])
    moves, target = risk_directions(problem)
    weight = np.random.default_rng(0).dirichlet(np.ones(moves.shape[0]))
    found = float(np.linalg.norm(moves.T @ weight - target))
    assert found == pytest.approx(tracking_error(problem, weight))


def test_asks_are_read_from_the_account() -> None:
    asked = {name for name, ask in ASKS.items() if ask(_problem("lots:n=20"))}
    assert asked == {
        "tax lots", "a limit per name", "a least weight", "a tracking error cap",
        "a turnover limit", "transaction costs",
    }  # fmt: skip
