"""One solve, in the process made for it: an instance and a method give an answer.

`prepare` does all that is not measured (imports, loading, and for a hot start the
account before); what it returns is what the clock runs for.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Final

from sma_benchmarks.answer import Answer
from sma_benchmarks.claims import later, of_report, of_solution
from sma_benchmarks.instances.instance import (
    AccountCase,
    BookCase,
    Instance,
    ProgramCase,
)
from sma_benchmarks.methods import PEER, Method, parse
from sma_benchmarks.peers import PEERS
from sma_benchmarks.solving_many import book, path
from sma_benchmarks.solving_peers import prepare_peer
from sma_benchmarks.task import Task
from sma_research.canonical.layout import shape_of
from sma_research.errors import BackendError, DataError, UnsupportedProgram
from sma_research.explain import POLISH
from sma_research.formulations.catalog import method as put_together
from sma_research.program.adapter import try_engine
from sma_research.program.backend import Backend, Licence, Settings
from sma_research.program.registry import load_backend
from sma_research.run import Book
from sma_research.run import solve as solve_account

HOT: Final = "hot"


def solve(instance: Instance, task: Task) -> Answer:
    """Prepare and solve at once."""
    return prepare(instance, task)()


def prepare(instance: Instance, task: Task) -> Callable[[], Answer]:
    """Import, load and warm all that the solve needs; return the solve.

    Raises
    ------
    BackendNotFound
        A solver that is not installed, or has no licence here.
    DataError
        A hot start of an instance without an account before.
    UnsupportedProgram
        A peer that states no such instance.
    """
    method = parse(task.method)
    if method.peer is not None:
        return prepare_peer(instance, method.peer, task)
    backend = load_backend(method.solver)
    load_backend(POLISH)
    _warm(backend)
    case, settings = instance.case, method.settings_for(task.budget, task.seed)
    if task.start_mode == HOT:
        return _hot(case, method, settings)
    if isinstance(case, AccountCase):
        return lambda: of_report(
            solve_account(case.problem, method.solver, method.formulation, settings),
            version=version(backend),
        )
    if isinstance(case, ProgramCase):
        return lambda: _program(case, backend, method, settings)
    solver = book if isinstance(case, BookCase) else path
    return lambda: replace(
        solver(case, method, settings),  # type: ignore[arg-type]
        solver_version=version(backend),
    )


def probed(solver: str) -> Callable[[], Answer]:
    """Try a solver with its own tiny solve; its licence is the answer's.

    Raises
    ------
    BackendNotFound
        No solver has that name, or it cannot be imported.
    """
    if solver.startswith(PEER):
        found = [PEERS[solver.removeprefix(PEER)].probe()]
    else:
        found = list(load_backend(solver).probe())
    mine = next((engine for engine in found if engine.engine == solver), found[0])
    status = "usable" if mine.usable else "not usable"
    licence = str(mine.licence if found else Licence.UNKNOWN)
    return lambda: Answer(status=status, message=mine.missing, licence=licence,
                          solver_version=mine.version)  # fmt: skip


def version(backend: Backend) -> str:
    """Library and version of a backend."""
    return f"{backend.info.library} {backend.info.version}"


def _hot(case: object, method: Method, settings: Settings) -> Callable[[], Answer]:
    """Solve the account before; the timed one finds its session compiled."""
    if not isinstance(case, AccountCase) or case.before is None:
        raise DataError(
            "the instance has no account before, expected one for a hot start; "
            "use start mode cold"
        )
    shape = shape_of(case.problem)
    if shape_of(case.before) != shape:
        raise DataError(
            "the account before has another shape, expected the same limits and lot "
            "slots for a hot start"
        )
    shared = Book(case.problem.market, method.solver, method.formulation, settings)
    shared.solve(case.before, shape)
    problem, backend = case.problem, load_backend(method.solver)
    return lambda: of_report(shared.solve(problem, shape), version=version(backend))


def _program(
    case: ProgramCase, backend: Backend, method: Method, settings: Settings
) -> Answer:
    started = perf_counter()
    how = put_together(
        case.structure, backend, method.formulation, polish=load_backend(POLISH)
    )
    session = how.backend.compile(case.structure, settings)
    compiled = perf_counter()
    solution = session.solve(case.parameters)
    solved = perf_counter()
    answer = of_solution(solution, how.formulation, how.exactness)
    phases = {"compile": compiled - started, "solve": solved - compiled}
    claim = replace(answer, phases=phases, solver_version=version(backend))
    return later(claim, phases["compile"])


def _warm(backend: Backend) -> None:
    """Solve two columns, so that what a library imports late is not timed."""
    try:
        try_engine(backend)
    except (UnsupportedProgram, BackendError):
        return  # no linear programs, or not such small ones: the solve will tell
