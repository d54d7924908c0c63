"""Runs tasks: slots that solve, judge and keep one row after another."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock, Thread
from time import perf_counter

from sma_benchmarks import folder as folders
from sma_benchmarks import machine, store
from sma_benchmarks.attempt import Ended
from sma_benchmarks.instances import catalog
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.isolation import Isolation, Stopped
from sma_benchmarks.judging.verdict import Verdict
from sma_benchmarks.methods import parse
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.records import LONGEST
from sma_benchmarks.referee import judge
from sma_benchmarks.rows import Circumstances, finished
from sma_benchmarks.state import Finished, Ledger
from sma_benchmarks.task import Task

WAIT_S = 0.2  # between two looks at Ctrl-C


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be run, and where."""

    suite: str
    suite_hash: str
    tasks: Sequence[Task]  # in the order of the schedule
    data: Path | None  # folder of real data
    folder: Path
    jobs: int = 1
    resume: bool = False
    retry: tuple[Outcome, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """News for whoever watches: a solve began, or ended with an outcome."""

    task: Task
    outcome: Outcome | None = None
    wall_s: float | None = None
    seconds: float = 0.0  # all that the row took, loading and judging included
    message: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Summary:
    """What a run did."""

    outcomes: Counter[Outcome]  # of the rows asked for, those of earlier runs included
    solved: int  # rows added now
    mended: tuple[str, ...] = ()  # files that differed from the ledger


@dataclass(frozen=True, eq=False, kw_only=True)
class _Run:
    """What the slots share."""

    plan: Plan
    ledger: Ledger
    canary: machine.Canary
    calibration: machine.Calibration
    code: machine.Provenance
    machine_id: str
    waiting: SimpleQueue[tuple[int, Task]] = field(default_factory=SimpleQueue)
    news: SimpleQueue[Step | BaseException] = field(default_factory=SimpleQueue)
    stop: Flag = field(default_factory=Flag)
    keeping: Lock = field(default_factory=Lock)
    licences: dict[str, str | None] = field(default_factory=dict)


def run(plan: Plan, show: Callable[[Step], None]) -> Summary:
    """Run what the folder does not hold yet.

    Ctrl-C ends the solves under way, keeps every row, and is raised again.

    Raises
    ------
    DataError
        A folder in use, of another suite, or with a run that is not to be resumed.
    """
    folders.prepare(plan.folder, resume=plan.resume)
    with folders.locked(plan.folder), Ledger(plan.folder) as ledger:
        ledger.open_for(plan.suite, plan.suite_hash)
        ledger.plan(plan.tasks)
        ledger.retry(plan.retry)
        mended = store.mend(plan.folder, ledger)
        pending = ledger.pending(plan.tasks)
        if pending:
            _solve(_begun(plan, ledger, pending), show)
        asked = {task.row_id for task in plan.tasks}
        outcomes = Counter(
            Outcome(outcome)
            for task, _, outcome in ledger.times()
            if task.row_id in asked
        )
    return Summary(outcomes=outcomes, solved=len(pending), mended=tuple(mended))


def _begun(plan: Plan, ledger: Ledger, pending: Iterable[tuple[int, Task]]) -> _Run:
    canary = machine.Canary()
    # A run that goes on keeps the calibration of its machine: its rows refer to one.
    row = ledger.add_machine(machine.describe(machine.calibrate(canary.work)))
    store.write_machines(plan.folder, ledger)
    begun = _Run(
        plan=plan,
        ledger=ledger,
        canary=canary,
        calibration=machine.Calibration(
            seconds=row["calibration_s"], noise=row["noise"]
        ),
        code=machine.provenance(Path(__file__).parent),
        machine_id=str(row["machine_id"]),
    )
    for entry in pending:
        begun.waiting.put(entry)
    return begun


def _solve(shared: _Run, show: Callable[[Step], None]) -> None:
    slots = [Thread(target=_slot, args=(shared,)) for _ in range(shared.plan.jobs)]
    for slot in slots:
        slot.start()
    try:
        while any(slot.is_alive() for slot in slots) or not shared.news.empty():
            _pass_on(shared, show)
    finally:
        shared.stop.set()
        for slot in slots:
            slot.join()


def _pass_on(shared: _Run, show: Callable[[Step], None]) -> None:
    try:
        news = shared.news.get(timeout=WAIT_S)
    except Empty:
        return
    if isinstance(news, BaseException):
        raise news
    show(news)


def _slot(shared: _Run) -> None:
    """One solve after another, until none waits or the run is stopped."""
    scratch = shared.plan.folder / folders.SCRATCH
    try:
        with Isolation(scratch, shared.stop) as isolation:
            while not shared.stop.is_set():
                order_index, task = shared.waiting.get_nowait()
                _one(shared, isolation, order_index, task)
    except (Empty, Stopped):
        return
    except BaseException as error:  # raised again where the run is watched
        shared.news.put(error)


def _one(shared: _Run, isolation: Isolation, order_index: int, task: Task) -> None:
    """Solve, judge and keep one task."""
    started = perf_counter()
    shared.news.put(Step(task=task))
    shared.ledger.begin(task)
    licence = _licence(shared, isolation, parse(task.method).solver)
    load, ratio = machine.load_average(), shared.canary.work().wall_s
    ended = isolation.run(task, shared.plan.data)
    ended_utc, checking = machine.utc_now(), perf_counter()
    instance, verdict = _judged(task, ended, shared.plan.data)
    circumstances = Circumstances(
        order_index=order_index,
        check_s=perf_counter() - checking,
        canary_ratio=ratio / shared.calibration.seconds,
        load_average=load,
        machine_id=shared.machine_id,
        git_commit=shared.code.commit,
        git_dirty=shared.code.dirty,
        finished_utc=ended_utc,
        licence=licence,
    )
    kept = finished(shared.plan.folder, task, ended, verdict, instance, circumstances)
    _keep(shared, kept)
    step = Step(
        task=task,
        outcome=verdict.outcome,
        wall_s=ended.wall_s or None,
        seconds=perf_counter() - started,
        message=verdict.message,
    )
    shared.news.put(step)


def _keep(shared: _Run, kept: Finished) -> None:
    with shared.keeping:
        place = shared.ledger.finish(kept)
        store.write_place(shared.plan.folder, shared.ledger, place)


def _judged(
    task: Task, ended: Ended, data: Path | None
) -> tuple[Instance | None, Verdict]:
    """The verdict; a referee that fails is a harness error, not the method's."""
    instance = None
    try:
        instance = _instance(task.instance, data)
        return instance, judge(instance, task, ended)
    except Exception as error:  # whatever it is, the other rows go on
        said = f"the referee failed: {type(error).__name__}: {error}"
        return instance, Verdict(outcome=Outcome.HARNESS_ERROR, message=said[:LONGEST])


@lru_cache(maxsize=2)
def _instance(reference: str, data: Path | None) -> Instance:
    return catalog.load(reference, data)


def _licence(shared: _Run, isolation: Isolation, solver: str) -> str | None:
    """Licence of a solver, from its own tiny solve, tried once in a run."""
    if solver not in shared.licences:
        answer = isolation.probe(solver).answer
        shared.licences[solver] = answer.licence if answer else None
    return shared.licences[solver]
