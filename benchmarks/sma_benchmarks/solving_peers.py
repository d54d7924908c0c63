"""Solves by peers: somebody else's tool answers with weights."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from sma_benchmarks.answer import Answer
from sma_benchmarks.claims import Vectors
from sma_benchmarks.instances.carry import carried, next_problem
from sma_benchmarks.instances.instance import AccountCase, Instance, PathCase
from sma_benchmarks.judging.repair import from_weights
from sma_benchmarks.peers import PEERS, Peer, PeerAnswer
from sma_benchmarks.solving_many import share_s
from sma_benchmarks.task import Task
from sma_research.errors import BackendNotFound, LicenceError, UnsupportedProgram
from sma_research.formulations.method import Exactness
from sma_research.program.backend import Availability, Licence
from sma_research.report import Status


def prepare_peer(instance: Instance, name: str, task: Task) -> Callable[[], Answer]:
    """Try the peer with its tiny solve, which imports it; return the solve.

    Raises
    ------
    BackendNotFound
        No peer has that name, or it does not run here.
    LicenceError
        It is installed, but has no licence.
    UnsupportedProgram
        Peers answer accounts and paths from a cold start.
    """
    if name not in PEERS:
        raise BackendNotFound(
            f"no peer is called {name!r}, expected one of {', '.join(PEERS)}"
        )
    peer, case = PEERS[name], instance.case
    found = peer.probe()
    if not found.usable:
        unlicensed = found.licence is Licence.MISSING
        kind = LicenceError if unlicensed else BackendNotFound
        raise kind(f"{found.engine} does not run here: {found.missing}")
    if task.start_mode == "cold" and isinstance(case, AccountCase):
        return lambda: _account(case, peer, task, found)
    if task.start_mode == "cold" and isinstance(case, PathCase):
        return lambda: _path(case, peer, task, found)
    raise UnsupportedProgram(
        f"peer:{name} answers accounts and paths from a cold start, not a "
        f"{task.start_mode} {instance.kind}"
    )


def _account(case: AccountCase, peer: Peer, task: Task, found: Availability) -> Answer:
    started = perf_counter()
    said = peer.weights(case.problem, task.budget, task.seed)
    phases = {"solve": perf_counter() - started}
    return _answer([said], found, phases, _weights(said, ""))


def _path(case: PathCase, peer: Peer, task: Task, found: Availability) -> Answer:
    """Weights at every date, traded by the referee's own rule between them.

    What is left of the time limit is shared by the dates to come, as for backends.
    """
    began, account, vectors = perf_counter(), case.account, Vectors()
    said: list[PeerAnswer] = []
    periods: list[dict[str, Any]] = []
    for number, _ in enumerate(case.periods):
        problem = next_problem(case, number, account)
        started = perf_counter()
        left = task.budget.time_limit_s - (started - began)
        share = share_s(left, len(case.periods) - number)
        budget = replace(task.budget, time_limit_s=share)
        answer = peer.weights(problem, budget, task.seed)
        periods.append({"solve_s": perf_counter() - started})
        said.append(answer)
        vectors |= _weights(answer, f"t{number}_")
        if answer.weight is None:
            break
        account = carried(problem, from_weights(problem, answer.weight))
    phases = {"solve": float(sum(period["solve_s"] for period in periods))}
    return _answer(said, found, phases, vectors, periods=tuple(periods))


def _weights(said: PeerAnswer, prefix: str) -> Vectors:
    return {} if said.weight is None else {f"{prefix}weight": said.weight}


def _answer(
    said: list[PeerAnswer],
    found: Availability,
    phases: dict[str, float],
    vectors: Vectors,
    *,
    periods: tuple[dict[str, Any], ...] = (),
) -> Answer:
    """Its objective and bound are of its own model, so none of ours is claimed."""
    last = said[-1]
    return Answer(
        status=str(Status.NO_SOLUTION if last.weight is None else Status.FEASIBLE),
        message=last.message,
        exactness=str(Exactness.SURROGATE),
        solver_version=last.version or found.version,
        licence=str(found.licence),
        phases=phases,
        periods=periods,
        vectors=vectors,
    )
