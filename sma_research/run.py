"""Solve one account, or a book of accounts that share structure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from sma_research.arrays import Vector
from sma_research.canonical.build import Program, build, structure_of
from sma_research.canonical.layout import Layout, Shape, shape_of
from sma_research.errors import (
    BackendError,
    DataError,
    UnsupportedProgram,
    UnsupportedService,
)
from sma_research.explain import POLISH, explained
from sma_research.formulations.catalog import CATALOG, Method, method
from sma_research.judge import judged
from sma_research.portfolio.account import Account, check_book
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Session, Settings
from sma_research.program.form import Parameters, Structure
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution
from sma_research.report import Report, Status

SIDE = 1e-7  # of account value, where a purchase meets the sale of a loss


@dataclass(frozen=True, eq=False, kw_only=True)
class Compiled:
    """A structure in a method, ready for account after account."""

    layout: Layout
    structure: Structure
    method: Method
    session: Session


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
    """
    book = Book(problem.market, solver, formulation, settings or Settings())
    return book.solve(problem, shape_of(problem))


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
        Two accounts of one id, or an empty book.
    """
    check_book(accounts)
    book = Book(market, solver, formulation, settings or Settings())
    problems = [_problem(market, account) for account in accounts]
    shapes = _shared([p for p in problems if isinstance(p, Problem)])
    for account, problem in zip(accounts, problems, strict=True):
        if isinstance(problem, Problem):
            yield book.solve(problem, shapes[account.account_id])
        else:
            yield Report(
                account_id=account.account_id, solver=solver,
                formulation=formulation or "", status=Status.BAD_INPUT, message=problem,
            )  # fmt: skip


def _problem(market: Market, account: Account) -> Problem | str:
    try:
        return Problem(market=market, account=account)
    except DataError as error:
        return str(error)


def _shared(problems: Sequence[Problem]) -> dict[str, Shape]:
    """Shapes with the lot slots of all accounts that are otherwise alike."""
    own = {p.account.account_id: shape_of(p) for p in problems}
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
        self._market = market
        self._solver = solver
        self._formulation = formulation
        self._settings = settings
        self._backend = load_backend(solver)
        self._compiled: dict[Shape, Compiled] = {}

    def solve(self, problem: Problem, shape: Shape) -> Report:
        """Answer one account of a shape."""
        try:
            compiled, build_s, compile_s = self._ready(problem, shape)
            started = perf_counter()
            program = build(problem, compiled.layout, compiled.structure)
            build_s += perf_counter() - started
            started = perf_counter()
            solution, parameters = _solved(program, compiled.session)
            solve_s = perf_counter() - started
        except (UnsupportedProgram, UnsupportedService) as error:
            return self._failed(problem, Status.UNSUPPORTED, error)
        except BackendError as error:
            return self._failed(problem, Status.NUMERICAL, error)
        phases = {"build": build_s, "compile": compile_s, "solve": solve_s}
        report = judged(
            replace(program, parameters=parameters),
            solution,
            compiled.method,
            solver=self._solver,
            phases=phases,
            settings=self._settings,
        )
        if report.status is not Status.INFEASIBLE:
            return report
        return explained(report, program)

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
        session = how.backend.compile(structure, self._settings)
        compiled = Compiled(
            layout=layout, structure=structure, method=how, session=session
        )
        self._compiled[shape] = compiled
        return compiled, built - started, perf_counter() - built

    def _failed(self, problem: Problem, status: Status, error: Exception) -> Report:
        return Report(
            account_id=problem.account.account_id,
            solver=self._solver,
            formulation=self._formulation or "",
            status=status,
            message=str(error),
            problem=problem,
        )


def _solved(program: Program, session: Session) -> tuple[Solution, Parameters]:
    """Solve; where a loss is sold and bought back, choose a side and solve again.

    Selling a lot at a loss and buying the asset the same day is a wash sale. The
    side of the net trade is kept: two solves, after Moehle et al., "Tax-aware
    portfolio construction via convex optimization" (2020).
    """
    first = session.solve(program.parameters)
    if first.x is None:
        return first, program.parameters
    sided = _one_sided(program, first.x)
    if sided is None:
        return first, program.parameters
    second = session.solve(sided)
    # The first program is the relaxation: what it proves still holds.
    counters = {**second.counters, "sides_chosen": 1.0}
    proven = replace(second, y=first.y, cap_y=first.cap_y, bound=first.bound)
    return replace(proven, counters=counters), sided


def _one_sided(program: Program, x: Vector) -> Parameters | None:
    layout, problem, d = program.layout, program.problem, program.parameters
    if not layout.slotted.size:
        return None
    columns, b = layout.columns, layout.slotted.size
    loss = np.zeros(layout.slot_owner.size, dtype=np.bool_)
    loss[program.slot] = problem.gain_rate < 0
    bought = x[columns["buy"]]
    sold = x[columns["sell"]]
    at_loss = np.bincount(layout.slot_owner[loss], weights=sold[loss], minlength=b)
    both = (bought > 100 * SIDE) & (at_loss > 100 * SIDE)
    if not both.any():
        return None
    net = bought - np.bincount(layout.slot_owner, weights=sold, minlength=b)
    lower, upper = d.lower.copy(), d.upper.copy()
    buys = upper[columns["buy"]]
    buys[both & (net <= 0)] = 0.0
    upper[columns["buy"]] = buys
    sells = upper[columns["sell"]]
    sells[loss & (both & (net > 0))[layout.slot_owner]] = 0.0
    upper[columns["sell"]] = sells
    return replace(d, lower=lower, upper=upper)
