"""One solve of every kind of instance, judged as a run would."""

from dataclasses import dataclass, replace
from time import process_time

import numpy as np
import pytest
from sma_benchmarks.answer import Answer, from_bytes, to_bytes
from sma_benchmarks.attempt import Ended
from sma_benchmarks.claims import exactness
from sma_benchmarks.instances import catalog
from sma_benchmarks.instances.content import program_instance
from sma_benchmarks.instances.instance import (
    AccountCase,
    Instance,
    InstanceKind,
    PathCase,
    Period,
    ProgramCase,
)
from sma_benchmarks.judging.verdict import Verdict
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.peers import PeerAnswer
from sma_benchmarks.referee import judge
from sma_benchmarks.solving import prepare, probed, solve
from sma_benchmarks.task import Budget, Task
from sma_benchmarks.worker import HarnessError, measured, outcome_of

from sma_research.arrays import Vector
from sma_research.errors import (
    BackendError,
    BackendNotFound,
    DataError,
    LicenceError,
    UnsupportedProgram,
)
from sma_research.formulations.method import Exactness
from sma_research.portfolio.account import Account
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Availability, Licence
from sma_research.testing.programs import kkt_qp


def task_of(instance: Instance, method: str, **changes: object) -> Task:
    task = Task(
        suite="test", suite_hash="0", family=instance.family,
        instance=instance.reference, instance_hash=instance.hash, method=method,
        budget=Budget(time_limit_s=20.0),
    )  # fmt: skip
    return replace(task, **changes)  # type: ignore[arg-type]


def answered(instance: Instance, task: Task) -> tuple[Answer, Verdict]:
    """An answer as it arrives, and what the referee makes of it."""
    answer = from_bytes(to_bytes(solve(instance, task)))
    return answer, judge(instance, task, Ended(answer=answer, wall_s=1.0))


@pytest.fixture(scope="module")
def account() -> Instance:
    return catalog.load("names:n=60,k=20,factors=5", None)


def path_of(instance: Instance, count: int = 3) -> Instance:
    """The account over some quarters in which prices move."""
    case, rng = instance.case, np.random.default_rng(1)
    assert isinstance(case, AccountCase)
    market, periods = case.problem.market, []
    start = market.as_of
    for i in range(count):
        returns = 0.01 * rng.standard_normal((market.universe.size, 20))
        day = start.replace(year=start.year + i)
        market = replace(market, as_of=day)
        periods.append(
            Period(
                market=market, returns=returns, date=day,
                benchmark_returns=market.blend({"broad": 1.0}) @ returns,
            )
        )  # fmt: skip
        price = np.asarray(market.universe.price) * np.prod(1.0 + returns, axis=1)
        market = replace(market, universe=replace(market.universe, price=price))
    path = PathCase(account=case.problem.account, periods=periods)
    return replace(instance, kind=InstanceKind.PATH, case=path)


def test_an_account(account: Instance) -> None:
    answer, verdict = answered(account, task_of(account, "clarabel"))
    assert verdict.outcome is Outcome.VERIFIED_FEASIBLE
    assert answer.formulation == "perspective+relax+round_and_polish"
    assert answer.exactness == "restriction"
    assert answer.solver_version.startswith("clarabel ")
    assert {"build", "compile", "solve", "recover", "audit"} == set(answer.phases)
    assert not verdict.columns["claim_mismatch"]


def test_events_are_in_the_units_of_the_objective(account: Instance) -> None:
    answer, verdict = answered(account, task_of(account, "osqp"))
    assert answer.events
    last = min(e.objective for e in answer.events if e.objective is not None)
    assert last == pytest.approx(verdict.columns["objective"], rel=1e-4)
    offset = answer.phases["build"] + answer.phases["compile"]
    assert all(event.elapsed_s >= offset for event in answer.events)


def test_a_hot_start_finds_its_session_compiled() -> None:
    # Without a limit on names the two accounts have the same shape.
    instance = catalog.load("demo:client=C,kinds=both,n=150,factors=10,etfs=4", None)
    cold = task_of(instance, "osqp")
    hot = replace(cold, start_mode="hot")
    answer, verdict = answered(instance, hot)
    assert verdict.outcome is answered(instance, cold)[1].outcome
    assert answer.phases["compile"] == 0.0
    assert hot.row_id != cold.row_id


def test_a_hot_start_needs_an_account_before(account: Instance) -> None:
    assert isinstance(account.case, AccountCase)
    bare = replace(account, case=replace(account.case, before=None))
    with pytest.raises(DataError, match="no account before"):
        prepare(bare, task_of(bare, "clarabel", start_mode="hot"))


def test_a_program() -> None:
    known = kkt_qp(3)
    case = ProgramCase(structure=known.structure, parameters=known.parameters)
    instance = program_instance("kkt", "kkt:seed=3", case)
    answer, verdict = answered(instance, task_of(instance, "osqp[tolerance=1e-8]"))
    assert verdict.outcome is Outcome.CERTIFIED_OPTIMAL
    assert answer.objective == pytest.approx(known.objective, abs=1e-6)
    assert set(answer.phases) == {"compile", "solve"}


def test_a_book_in_the_order_of_its_accounts() -> None:
    instance = catalog.load("books:accounts=5,n=80,factors=5,held=6", None)
    answer, verdict = answered(instance, task_of(instance, "osqp"))
    assert verdict.outcome is Outcome.VERIFIED_FEASIBLE, verdict.message
    assert verdict.columns["accounts_solved"] == 5
    assert len(answer.accounts) == 5
    assert (np.diff(answer.vectors["buy_row"]) >= 0).all()


def test_a_book_stops_at_its_limit() -> None:
    instance = catalog.load("books:accounts=40,n=80,factors=5,held=6", None)
    task = task_of(instance, "osqp", budget=Budget(time_limit_s=0.05))
    answer, verdict = answered(instance, task)
    assert 0 < len(answer.accounts) < 40
    assert answer.status == "time limit"
    assert verdict.outcome is Outcome.TIMEOUT_NO_SOLUTION


def test_a_path_carries_its_holdings(account: Instance) -> None:
    path = path_of(account)
    answer, verdict = answered(path, task_of(path, "osqp"))
    assert verdict.outcome is Outcome.VERIFIED_FEASIBLE, verdict.message
    assert len(verdict.periods) == len(answer.periods) == 3
    assert answer.vectors["t0_sell"].size == 0
    assert answer.vectors["t1_sell"].size == np.count_nonzero(answer.vectors["t0_buy"])
    first, second, _ = (period["turnover"] for period in verdict.periods)
    assert isinstance(first, float)
    assert isinstance(second, float)
    assert second < 0.5 * first


def test_a_path_ends_where_no_trades_are_found(account: Instance) -> None:
    path = path_of(account)
    assert isinstance(path.case, PathCase)
    owner: Account = path.case.account
    strict = replace(owner, mandate=replace(owner.mandate, tracking_error_cap=1e-6))
    impossible = replace(path, case=replace(path.case, account=strict))
    answer, verdict = answered(impossible, task_of(path, "clarabel"))
    assert len(answer.periods) == 1
    assert verdict.outcome is Outcome.TIMEOUT_NO_SOLUTION


@pytest.mark.parametrize(
    ("method", "kind"),
    [("nobody", BackendNotFound), ("peer:nobody", BackendNotFound),
     ("highs[formulation=direct]", UnsupportedProgram)],
)  # fmt: skip
def test_refusals_reach_the_worker(
    account: Instance, method: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        solve(account, task_of(account, method))


def test_a_probe_tells_the_licence() -> None:
    assert probed("clarabel")().licence == "free software"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (UnsupportedProgram("not this class"), Outcome.UNSUPPORTED),
        (LicenceError("gurobi: it does not cover it"), Outcome.LICENCE),
        (BackendNotFound("no backend is called 'nobody'"), Outcome.UNSUPPORTED),
        (BackendError("scip failed: see /opt/licenses/scip.txt"), Outcome.EXCEPTION),
        (DataError("a license plate"), Outcome.EXCEPTION),
        (HarnessError("unlicensed"), Outcome.HARNESS_ERROR),
        (BackendError("numerical trouble"), Outcome.EXCEPTION),
        (MemoryError(), Outcome.OOM),
        (ZeroDivisionError(), Outcome.EXCEPTION),
    ],
)
def test_what_an_exception_means(error: Exception, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


class Late:
    """A vector that is computed when somebody reads it."""

    def __init__(self) -> None:
        self.reads = 0

    def __array__(self, dtype: object = None, copy: object = None) -> Vector:
        self.reads += 1
        until = process_time() + 0.05
        while process_time() < until:
            sum(range(100))
        return np.ones(3)


def test_a_vector_computed_late_is_on_the_clock() -> None:
    late = Late()
    lazy = Answer(status="OPTIMAL", vectors={"x": late})  # type: ignore[dict-item]
    answer, cpu_s = measured(lambda: lazy)
    assert cpu_s >= 0.05
    to_bytes(answer)
    assert late.reads == 1


@dataclass(frozen=True)
class Holding:
    """A peer that writes its limits down, and buys a little of everything."""

    limits: list[float]
    name: str = "holding"
    seeded: bool = False

    def probe(self) -> Availability:
        return Availability(
            engine="peer:holding", version="1", usable=True, licence=Licence.FREE
        )

    def weights(self, problem: Problem, budget: Budget, seed: int) -> PeerAnswer:
        self.limits.append(budget.time_limit_s)
        size = problem.held.size
        return PeerAnswer(weight=np.full(size, 0.9 / size), message=f"seed {seed}")


def test_peers_share_the_limit_over_a_path(
    account: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, peer = path_of(account), Holding([])
    monkeypatch.setattr("sma_benchmarks.solving_peers.PEERS", {"holding": peer})
    solve(path, task_of(path, "peer:holding", budget=Budget(time_limit_s=6.0)))
    # It takes no time, so what it leaves goes to the dates to come.
    assert peer.limits == pytest.approx([2.0, 3.0, 6.0], abs=0.2)


@pytest.mark.parametrize(
    ("chain", "kind"),
    [
        ("direct", Exactness.EXACT),
        ("", Exactness.EXACT),
        ("perspective+relax", Exactness.RELAXATION),
        ("perspective+relax+round_and_polish", Exactness.RESTRICTION),
        ("absolute_deviation+big_m", Exactness.SURROGATE),
    ],
)
def test_exactness_of_chains(chain: str, kind: Exactness) -> None:
    assert exactness(chain) is kind
