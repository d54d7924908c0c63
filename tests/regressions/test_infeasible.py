"""Accounts that cannot be built: proven with every backend, whatever that says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, final

import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.formulations.fallback import Fallback
from sma_research.program.backend import Backend, Observer, Session, Settings
from sma_research.program.form import Parameters, Structure
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution, Termination

Stated = Callable[..., sma.Problem]
SOLVERS = ("clarabel", "highs", "osqp", "pyomo:highs")


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("wishes", "floors", "word"),
    [
        # Five names must be held, four may be.
        ({"max_names": 4}, 5, "names"),
        # Forty names of two per cent at most, each of them switched.
        ({"max_weight": 0.02, "min_position": 0.005}, 0, "weights would pass"),
    ],
)
def test_an_impossible_account_is_infeasible_by_every_backend(
    stated: Stated, solver: str, wishes: dict[str, Any], floors: int, word: str
) -> None:
    market = stated().market
    bounds = dict.fromkeys(market.universe.asset[:floors], (0.01, 1.0))
    problem = stated(**wishes, weight_bounds=bounds)
    report = sma.solve(problem, solver, settings=Settings(time_limit_s=30))
    assert report.status is sma.Status.INFEASIBLE, report.message
    assert word in " ".join(report.conflict)


# Half of the account stands in each of two assets; with all others excluded, they are
# all that may be held. No choice of lots comes near the target.
HALVES = ((0, 0.5, 1.2), (1, 0.3, 1.2), (1, 0.2, 0.8))


@pytest.mark.parametrize("solver", ["highs", "pyomo:scip"])
@pytest.mark.parametrize(
    ("formulation", "wishes"),
    [
        (None, {"lot_order": "fifo"}),
        ("trade_sides", {}),
        ("netting_switch", {}),
        ("trade_sides+netting_switch", {"lot_order": "hifo"}),
    ],
)
def test_a_risk_cap_is_proven_impossible_beside_other_binaries(
    stated: Stated, solver: str, formulation: str | None, wishes: dict[str, Any]
) -> None:
    exclude = set(stated().market.universe.asset[2:])
    problem = stated(HALVES, exclude=exclude, tracking_error_cap=0.001, **wishes)
    plain = sma.solve(stated(HALVES, exclude=exclude, tracking_error_cap=0.001))
    assert plain.status is sma.Status.INFEASIBLE, plain.message
    report = sma.solve(problem, solver, formulation, Settings(time_limit_s=30))
    assert report.status is sma.Status.INFEASIBLE, report.message
    # Binaries leave no more choices: in basis points.
    assert least_tracking_error(plain) - 0.1 <= least_tracking_error(report) < 1340


def test_a_priced_wash_sale_is_proven_impossible_or_names_its_solvers(
    stated: Stated,
) -> None:
    asset = stated().market.universe.asset
    plain = stated(
        HALVES, exclude=set(asset[2:]), tracking_error_cap=0.001, wash_sales="price"
    )
    history = sma.TradeHistory(
        asset=asset[:1], side=["buy"], shares=[1.0], date=[plain.market.as_of]
    )
    problem = replace(plain, account=replace(plain.account, history=history))
    report = sma.solve(problem, "highs")
    assert report.status is sma.Status.INFEASIBLE, report.message
    assert 1330 < least_tracking_error(report) < 1340
    refused = sma.solve(problem)
    assert refused.status is sma.Status.UNSUPPORTED
    assert refused.message.startswith('wash_sales="price" needs 1 integers')


def least_tracking_error(report: sma.Report) -> float:
    (words,) = report.conflict
    assert words.startswith("the least tracking error is at least ")
    return float(words.split()[7])


@pytest.mark.parametrize("solver", ["clarabel", "highs", "pyomo:scip"])
@pytest.mark.parametrize("net_long", [0.0, -8000.0])
def test_a_tax_budget_is_proven_impossible_by_both_sides_of_a_switch(
    stated: Stated, solver: str, net_long: float
) -> None:
    """Gains save no taxes, but half of each of two cases would."""
    plain = stated([(0, 0.5, 0.8)], tax_budget=-0.005)
    account = replace(plain.account, year_to_date=sma.YearToDate(net_long=net_long))
    problem = replace(plain, account=account)
    formulation = None if solver == "clarabel" else "netting_switch"
    report = sma.solve(problem, solver, formulation, Settings(time_limit_s=30))
    assert report.status is sma.Status.INFEASIBLE, report.message
    assert report.conflict[0].startswith("tax would pass tax_budget by ")


@pytest.mark.parametrize("solver", ["highs", "pyomo:scip"])
def test_an_order_of_lots_is_proven_impossible_by_both_sides_of_a_choice(
    stated: Stated, solver: str
) -> None:
    """Only the later lot has a loss, and turnover ends before all of the first."""
    lots = [(0, 0.5, 0.9), (0, 0.3, 1.5)]
    wishes: dict[str, Any] = {"min_harvest": 0.05, "max_turnover": 0.3}
    free = sma.solve(stated(lots, **wishes), solver)
    assert free.solved, free.message
    report = sma.solve(stated(lots, lot_order="fifo", **wishes), solver)
    assert report.status is sma.Status.INFEASIBLE, report.message


@pytest.mark.parametrize(
    ("formulation", "wishes", "words"),
    [
        (None, {"lot_order": "fifo"}, "lot_order needs 1 integers"),
        ("trade_sides", {}, "the formulation trade_sides needs 2 integers"),
        ("netting_switch", {}, "the formulation netting_switch needs 1 integers"),
    ],
)
def test_a_wish_that_needs_integers_names_solvers_that_have_them(
    stated: Stated, formulation: str | None, wishes: dict[str, Any], words: str
) -> None:
    report = sma.solve(stated(HALVES, **wishes), "clarabel", formulation)
    assert report.status is sma.Status.UNSUPPORTED
    assert report.message.startswith(words)
    assert "take solver highs or pyomo:scip" in report.message


@final
class Broken:
    """A backend whose answers end in a numerical error."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.info = inner.info
        self.probe = inner.probe

    def compile(self, structure: Structure, settings: Settings) -> Session:
        return BrokenSession(self._inner.compile(structure, settings))


@final
class BrokenSession:
    def __init__(self, inner: Session) -> None:
        self._inner = inner

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        answer = self._inner.solve(parameters, start=start, observe=observe)
        error = Termination.NUMERICAL_ERROR
        return replace(answer, termination=error, x=None, y=None, objective=None)


def test_a_library_that_breaks_down_has_a_second_way(stated: Stated) -> None:
    problem = stated()
    program = build(problem, Layout(market=problem.market, shape=shape_of(problem)))
    method = Fallback(Broken(load_backend("highs")), load_backend("clarabel"))
    session = method.compile(program.structure, Settings())
    answer = session.solve(program.parameters)
    assert answer.termination is Termination.OPTIMAL
    assert answer.counters["fallback"] == 1.0
