"""The referee: every claim is judged by the instance alone."""

from dataclasses import replace

import numpy as np
import pytest
from sma_benchmarks.answer import Answer, Event, from_bytes, to_bytes
from sma_benchmarks.instances.instance import AccountCase, BookCase, ProgramCase
from sma_benchmarks.judging.account import judge_account
from sma_benchmarks.judging.anytime import Ruler, heard, integral, steps
from sma_benchmarks.judging.book import judge_book
from sma_benchmarks.judging.program import judge_program
from sma_benchmarks.judging.repair import distance, from_weights, program_of, repair
from sma_benchmarks.outcome import GROUP, Outcome
from sma_benchmarks.records import checked
from sma_benchmarks.task import Task

import sma_research as sma
from sma_research.arrays import Vector, sparse
from sma_research.errors import DataError
from sma_research.portfolio.audit import audit
from sma_research.portfolio.metrics import tracking_error
from sma_research.program.form import Parameters, Structure
from sma_research.report import Report


def weights(solved: Report) -> Vector:
    assert solved.rebalance is not None
    assert solved.problem is not None
    return solved.rebalance.weight(solved.problem)


def proposing(claim: Answer, weight: Vector) -> Answer:
    kept = {k: v for k, v in claim.vectors.items() if k in ("y", "cap_y")}
    return replace(claim, vectors={**kept, "weight": weight}, objective=None)


def test_figures_are_the_reports(
    solved: Report, case: AccountCase, claim: Answer, task: Task
) -> None:
    verdict = judge_account(case, from_bytes(to_bytes(claim)), task, wall_s=2.0)
    assert solved.metrics is not None
    row = checked("runs", dict(verdict.columns))
    assert row["te_bp"] == pytest.approx(1e4 * solved.metrics.tracking_error)
    assert row["names"] == solved.metrics.names
    assert row["bound"] == pytest.approx(solved.certified_bound, rel=1e-9)
    assert row["claim_mismatch"] is False
    assert verdict.outcome in (Outcome.CERTIFIED_OPTIMAL, Outcome.VERIFIED_FEASIBLE)


def test_a_small_breach_is_repaired_and_told(
    solved: Report, case: AccountCase, claim: Answer, task: Task
) -> None:
    # Excluded names get 2 bp: it looks like a portfolio, and is none.
    weight = weights(solved).copy()
    weight *= 1.0 - 2e-4
    weight[3] = 2e-4
    verdict = judge_account(case, proposing(claim, weight), task, wall_s=1.0)
    assert verdict.outcome is Outcome.REPAIRED
    assert verdict.columns["breach_bp"] == pytest.approx(2.0)
    assert 0.9 < float(verdict.columns["repair_bp"] or 0.0) < 2.5


def test_the_repair_never_polishes(solved: Report, case: AccountCase) -> None:
    """Weights that are feasible but poor stay where they are."""
    problem, weight = case.problem, weights(solved)
    held = np.flatnonzero(weight > 0)
    poor = weight.copy()
    poor[held] = weight.sum() / held.size
    claimed = from_weights(problem, poor)
    nearest = repair(problem, claimed)
    assert nearest is not None
    assert distance(problem, claimed, nearest) < 1e-6
    assert tracking_error(problem, nearest.weight(problem)) == pytest.approx(
        tracking_error(problem, poor), rel=1e-4
    )


@pytest.mark.parametrize("names", [1, 40])
def test_what_no_repair_reaches_is_wrong(
    case: AccountCase, claim: Answer, task: Task, names: int
) -> None:
    weight = np.zeros(case.problem.market.universe.size)
    weight[10 : 10 + names] = 1.0 / names
    verdict = judge_account(case, proposing(claim, weight), task, wall_s=1.0)
    assert verdict.outcome is Outcome.WRONG_FEASIBLE
    assert "te_bp" not in verdict.columns


def test_a_bound_above_the_portfolio_is_a_lie(
    solved: Report, case: AccountCase, claim: Answer, task: Task
) -> None:
    assert solved.metrics is not None
    lie = replace(claim, bound=1.01 * solved.metrics.objective, exactness="exact")
    verdict = judge_account(case, lie, task, wall_s=1.0)
    assert verdict.outcome is Outcome.WRONG_BOUND


def test_multipliers_of_any_origin_bound_from_below(
    solved: Report, case: AccountCase, claim: Answer, task: Task
) -> None:
    assert solved.metrics is not None
    noise = np.random.default_rng(0)
    for scale in (0.0, 0.1, 10.0):
        y = claim.vectors["y"] + scale * noise.normal(size=claim.vectors["y"].size)
        forged = replace(claim, vectors={**claim.vectors, "y": y}, bound=None)
        bound = judge_account(case, forged, task, wall_s=1.0).columns["bound"]
        assert bound is None or float(bound) <= solved.metrics.objective * (1 + 1e-9)


def test_infeasible_must_be_proven(case: AccountCase, task: Task) -> None:
    claim = Answer(status="INFEASIBLE")
    wrong = judge_account(case, claim, task, wall_s=1.0)
    assert wrong.outcome is Outcome.WRONG_STATUS
    account = case.problem.account
    tight = replace(account, mandate=replace(account.mandate, max_names=3))
    problem = sma.Problem(market=case.problem.market, account=tight)
    right = judge_account(AccountCase(problem=problem), claim, task, wall_s=1.0)
    assert right.outcome is Outcome.INFEASIBLE_VERIFIED


def test_vectors_that_do_not_fit_are_refused(
    case: AccountCase, claim: Answer, task: Task
) -> None:
    with pytest.raises(DataError, match="expected 60 finite numbers"):
        judge_account(case, proposing(claim, np.full(60, np.nan)), task, wall_s=1.0)
    with pytest.raises(DataError, match="cannot be read"):
        from_bytes(b"garbage")


def test_bytes_cut_or_changed_anywhere_are_no_answer(claim: Answer) -> None:
    content = to_bytes(claim)
    for size in range(0, len(content), len(content) // 20):
        with pytest.raises(DataError, match="cannot be read"):
            from_bytes(content[:size])
    for place in range(0, len(content), len(content) // 50):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        try:
            from_bytes(bytes(damaged))
        except DataError:
            continue  # what zip does not notice, the content's own name does


def test_trades_from_weights_sell_the_least_taxed_lot_first() -> None:
    market = sma.synthetic_market(n_assets=20, n_factors=3, n_etfs=0, seed=2)
    asset, price = market.universe.asset, np.asarray(market.universe.price)
    day = market.as_of.replace(year=market.as_of.year - 3)
    lots = sma.Lots(
        asset=[asset[0], asset[1], asset[0]],
        shares=[10.0, 5.0, 10.0],
        cost_per_share=[0.5 * price[0], price[1], 1.5 * price[0]],
        acquired=[day, day, day],
    )
    mandate = sma.Mandate(target={"broad": 1.0}, kinds={"stock"})
    account = sma.Account(account_id="A", cash=1e4, lots=lots, mandate=mandate)
    problem = sma.Problem(market=market, account=account)
    weight = problem.held.copy()
    weight[0] *= 0.25  # sells 15 of 20 shares
    trades = from_weights(problem, weight)
    np.testing.assert_allclose(trades.sell, [5.0, 0.0, 10.0], atol=1e-9)
    np.testing.assert_allclose(trades.weight(problem), weight, atol=1e-12)
    assert not [f for f in audit(problem, trades) if f.clause.startswith("shares")]


def test_programs_are_held_to_what_is_published(
    solved: Report, claim: Answer, task: Task
) -> None:
    assert solved.problem is not None
    program = program_of(solved.problem)
    case = ProgramCase(structure=program.structure, parameters=program.parameters)
    none = judge_program(case, Answer(status="infeasible"), task)
    assert none.outcome is Outcome.WRONG_STATUS
    zero = np.zeros(program.structure.integer.size)
    wrong = judge_program(case, Answer(status="optimal", vectors={"x": zero}), task)
    assert wrong.outcome is Outcome.WRONG_FEASIBLE
    proved = judge_program(
        case, Answer(status="time limit", vectors={"y": claim.vectors["y"]}), task
    )
    assert proved.outcome is Outcome.TIMEOUT_NO_SOLUTION
    assert proved.columns["bound"] is not None
    beaten = replace(case, upper=float(proved.columns["bound"] or 0.0) - 1.0)
    broken = judge_program(
        beaten, Answer(status="time limit", vectors={"y": claim.vectors["y"]}), task
    )
    assert broken.outcome is Outcome.HARNESS_ERROR


def test_a_large_bound_elsewhere_excuses_no_violated_row(task: Task) -> None:
    """Each row is measured by its own numbers, integers by nothing."""
    s = Structure(
        P=sparse(np.zeros((2, 2))), A=sparse(np.ones((1, 2))),
        integer=np.array([True, False]), columns={"x": slice(0, 2)},
        rows={"cover": slice(0, 1)},
    )  # fmt: skip
    d = Parameters(
        q=np.array([1.0, 0.0]), row_lower=np.ones(1), row_upper=np.full(1, np.inf),
        lower=np.zeros(2), upper=np.array([1.0, 1e6]),
    )  # fmt: skip
    case = ProgramCase(structure=s, parameters=d)

    def outcome(*x: float) -> Outcome:
        answer = Answer(status="optimal", vectors={"x": np.array(x)})
        return judge_program(case, answer, task).outcome

    assert outcome(0.0, 1.0) is Outcome.VERIFIED_FEASIBLE
    assert outcome(0.0, 1.0 - 1e-6) is Outcome.VERIFIED_FEASIBLE
    assert outcome(0.0, 1e6 + 1.0) is Outcome.VERIFIED_FEASIBLE
    for wrong in ((0.0, 0.0), (0.0, 0.999), (1e-3, 1.0), (0.0, 1e6 + 100.0)):
        assert outcome(*wrong) is Outcome.WRONG_FEASIBLE


def test_one_false_account_makes_a_book_wrong(
    solved: Report, case: AccountCase
) -> None:
    problem, rebalance = case.problem, solved.rebalance
    assert rebalance is not None
    book = BookCase(market=problem.market, accounts=[problem.account] * 2)
    bought = np.flatnonzero(rebalance.buy)
    none = np.zeros(0)
    answer = Answer(
        status="done",
        accounts=tuple({"status": "OPTIMAL", "cash": rebalance.cash} for _ in "ab"),
        vectors={
            "buy_row": np.repeat([0, 1], bought.size),
            "buy_column": np.tile(bought, 2),
            "buy_value": np.tile(rebalance.buy[bought], 2),
            "sell_row": none, "sell_column": none.astype(int), "sell_value": none,
        },
    )  # fmt: skip
    good = judge_book(book, answer, wall_s=2.0)
    assert good.outcome is Outcome.VERIFIED_FEASIBLE
    assert good.columns["accounts_per_s"] == 1.0
    value = answer.vectors["buy_value"].copy()
    value[-1] *= 2.0
    bad = replace(answer, vectors={**answer.vectors, "buy_value": value})
    verdict = judge_book(book, bad, wall_s=2.0)
    assert verdict.outcome is Outcome.WRONG_FEASIBLE
    assert verdict.columns["accounts_solved"] == 1


def test_the_integral_of_a_known_path() -> None:
    ruler = Ruler(aversion=1.0, other=0.0)
    events = [
        Event(elapsed_s=1.0, objective=(120e-4) ** 2, bound=(90e-4) ** 2),
        Event(elapsed_s=2.0, objective=(104e-4) ** 2, bound=(98e-4) ** 2),
    ]
    value, bound = (100e-4) ** 2, (99e-4) ** 2
    path = steps(events, ruler, wall_s=4.0, value=value, bound=bound)
    # 1 s at the cap of 100, 1 s at 30, 2 s at 6 bp:
    assert integral(path) == pytest.approx(100.0 + 30.0 + 12.0)


def test_claims_on_the_way_count_while_nothing_contradicts_them() -> None:
    def of(objective: float | None, bound: float | None, at: float = 1.0) -> Event:
        return Event(elapsed_s=at, objective=objective, bound=bound)

    honest = [of(1.5, 0.5), of(1.0, 0.9, 2.0)]
    kept = heard(honest, value=1.0, room=1e-3, proves=True)
    assert (kept.events, kept.void, kept.lie) == (tuple(honest), "", "")
    unproven = heard(honest, value=1.0, room=1e-3, proves=False)
    assert [event.bound for event in unproven.events] == [None, None]
    for event in (of(0.99, None), of(1.5, None, -1.0), of(1.5, None, float("nan"))):
        void = heard([*honest, event], value=1.0, room=1e-3, proves=True)
        assert not void.events
        assert "do not count" in void.void
    assert heard([of(None, 1.01)], value=1.0, room=1e-3, proves=True).lie
    assert not heard([of(None, 1.01)], value=1.0, room=1e-3, proves=False).lie


def test_a_false_path_leaves_only_the_verified_end(
    case: AccountCase, claim: Answer, task: Task
) -> None:
    exact = replace(claim, exactness="exact")
    below = replace(exact, events=(Event(elapsed_s=1e-4, objective=-1e9, bound=None),))
    verdict = judge_account(case, below, task, wall_s=60.0)
    assert [event["verified"] for event in verdict.events] == [True, True]
    assert verdict.columns["primal_dual_integral"] == pytest.approx(6000.0)
    assert "do not count" in verdict.message
    above = replace(exact, events=(Event(elapsed_s=1e-4, objective=None, bound=1e9),))
    assert judge_account(case, above, task, wall_s=60.0).outcome is Outcome.WRONG_BOUND


def test_every_outcome_has_a_group() -> None:
    assert set(GROUP) == set(Outcome)
