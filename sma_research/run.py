"""Solve one account, or a book of accounts that share structure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from sma_research.canonical.build import build, structure_of
from sma_research.canonical.layout import Layout, Shape, shape_of
from sma_research.errors import (
    BackendError,
    DataError,
    SettingError,
    SmaError,
    UnsupportedProgram,
    UnsupportedService,
)
from sma_research.explain import POLISH
from sma_research.fields import require_type
from sma_research.formulations.catalog import CATALOG, Method, method, parse
from sma_research.formulations.statements import (
    SIDES,
    STATEMENTS,
    SWITCH,
    without_statements,
)
from sma_research.judge import Claim, judged
from sma_research.netted import explained_cases, solve_cases
from sma_research.portfolio.account import Account, check_book
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.problem import Problem
from sma_research.program.adapter import try_settings
from sma_research.program.backend import Settings
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.form import Structure
from sma_research.program.registry import load_backend
from sma_research.report import Report, Status


@dataclass(frozen=True, eq=False, kw_only=True)
class Compiled:
    """A structure in a method, ready for account after account."""

    layout: Layout
    structure: Structure
    method: Method
    session: TimedSession


def methods() -> tuple[str, ...]:
    """Names of formulations."""
    return tuple(CATALOG)


def solve(
    problem: Problem,
    solver: str = "clarabel",
    formulation: str | None = None,
    settings: Settings | None = None,
) -> Report:
    """Solve one account.

    Parameters
    ----------
    solver
        A backend's name; ``"pyomo:scip"`` asks it for an engine.
    formulation
        Names of the catalog joined by ``+``; None takes the backend's default.

    Raises
    ------
    BackendNotFound, SettingError
        A misused name or setting. Everything else is a status of the report.
    DataError
        An argument of another type.
    """
    require_type("problem", problem, Problem)
    book = Book(problem.market, solver, formulation, settings or Settings())
    return book.solve(problem, book.shape_of(problem))


def solve_book(
    market: Market,
    accounts: Sequence[Account],
    solver: str = "clarabel",
    formulation: str | None = None,
    settings: Settings | None = None,
) -> Iterator[Report]:
    """Solve accounts in their order; those of one shape share what is compiled.

    A bad account gives a report with status BAD_INPUT and stops nothing.

    Raises
    ------
    DataError
        Two accounts of one id, an empty book, or an argument of another type.
    BackendNotFound, SettingError
        A misused name or setting, before the first account.
    """
    require_type("accounts", accounts, Sequence[Account])
    check_book(accounts)
    book = Book(market, solver, formulation, settings or Settings())
    return _reports(book, market, accounts)


def _reports(
    book: "Book", market: Market, accounts: Sequence[Account]
) -> Iterator[Report]:
    problems = [_problem(market, account) for account in accounts]
    readable = [p for p in problems if isinstance(p, Problem)]
    shapes = _shared([(p, book.shape_of(p)) for p in readable])
    for account, problem in zip(accounts, problems, strict=True):
        if isinstance(problem, Problem):
            yield book.solve(problem, shapes[account.account_id])
        else:
            yield book.unread(account, problem)


def _problem(market: Market, account: Account) -> Problem | str:
    try:
        return Problem(market=market, account=account)
    except DataError as error:
        return str(error)


def _shared(stated: Sequence[tuple[Problem, Shape]]) -> dict[str, Shape]:
    """Shapes with the lot slots of all accounts that are otherwise alike."""
    own = {problem.account.account_id: shape for problem, shape in stated}
    slots: dict[Shape, dict[int, int]] = {}
    for shape in own.values():
        most = slots.setdefault(replace(shape, slots=()), {})
        for asset, count in shape.slots:
            most[asset] = max(most.get(asset, 0), count)
    return {
        name: replace(
            shape, slots=tuple(sorted(slots[replace(shape, slots=())].items()))
        )
        for name, shape in own.items()
    }


class Book:
    """What is compiled for a market, by shape."""

    def __init__(
        self, market: Market, solver: str, formulation: str | None, settings: Settings
    ) -> None:
        require_type("market", market, Market)
        require_type("solver", solver, str)
        require_type("formulation", formulation, str | None)
        require_type("settings", settings, Settings, error=SettingError)
        self._market = market
        self._solver = solver
        self._formulation = formulation
        self._settings = settings
        self._backend = load_backend(solver)
        parse(formulation)
        self._stated, self._formulation = without_statements(formulation)
        try_settings(self._backend, settings)
        self._compiled: dict[Shape, Compiled] = {}

    def shape_of(self, problem: Problem) -> Shape:
        """Shape of one account on its own, as the formulation states it."""
        return shape_of(
            problem,
            sided=SIDES.name in self._stated,
            switched=SWITCH.name in self._stated,
        )

    def solve(self, problem: Problem, shape: Shape) -> Report:
        """Answer one account of a shape."""
        try:
            return self._solved(problem, shape)
        except (UnsupportedProgram, UnsupportedService) as error:
            return self._failed(problem, Status.UNSUPPORTED, error)
        except BackendError as error:
            return self._failed(problem, Status.NUMERICAL, error)

    def unread(self, account: Account, why: str) -> Report:
        """The report of an account that is none."""
        return Report(
            account_id=account.account_id,
            solver=self._solver,
            formulation=self._formulation or "",
            status=Status.BAD_INPUT,
            message=why,
        )

    def _solved(self, problem: Problem, shape: Shape) -> Report:
        compiled, build_s, compile_s = self._ready(problem, shape)
        started = perf_counter()
        program = build(problem, compiled.layout, compiled.structure)
        build_s += perf_counter() - started
        started, limit_s = perf_counter(), self._settings.time_limit_s
        deadline = Deadline.after(limit_s)
        answer = solve_cases(program, compiled.session, limit_s)
        solve_s = perf_counter() - started
        claim = Claim(
            program=answer.program,
            solution=answer.solution,
            method=compiled.method,
            solver=self._solver,
            phases={"build": build_s, "compile": compile_s, "solve": solve_s},
            settings=self._settings,
            certificates=answer.certificates,
            possible=answer.possible,
        )
        return explained_cases(judged(claim), answer, deadline)

    def _ready(self, problem: Problem, shape: Shape) -> tuple[Compiled, float, float]:
        """The compiled shape, with the seconds that it cost now."""
        if shape in self._compiled:
            return self._compiled[shape], 0.0, 0.0
        started = perf_counter()
        layout = Layout(market=self._market, shape=shape)
        structure = structure_of(layout, problem)
        built = perf_counter()
        polish = load_backend(POLISH)
        how = method(structure, self._backend, self._formulation, polish=polish)
        stated = [info.name for info in STATEMENTS if info.name in self._stated]
        how = replace(how, formulation="+".join([*stated, how.formulation]))
        session = TimedSession(how.backend, structure, self._settings)
        compiled = Compiled(
            layout=layout, structure=structure, method=how, session=session
        )
        self._compiled[shape] = compiled
        return compiled, built - started, perf_counter() - built

    def _failed(self, problem: Problem, status: Status, error: SmaError) -> Report:
        return Report(
            account_id=problem.account.account_id,
            solver=self._solver,
            formulation=self._formulation or "",
            status=status,
            message=str(error),
            raised=type(error),
            problem=problem,
        )
