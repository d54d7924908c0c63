"""A contract is worth what it catches: backends that lie, one way each."""

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sma_research.arrays import sparse
from sma_research.program.backend import (
    Availability,
    Licence,
    Observer,
)
from sma_research.program.form import Parameters, ProblemClass
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution, Termination
from sma_research.testing.conformance import CHECKS, run_check
from sma_research.testing.liar import Liar, Lie


def invents_a_point(d: Parameters, a: Solution) -> Solution:
    """Return zeros where there is no answer."""
    if a.x is not None:
        return a
    return replace(a, x=np.zeros(d.q.size), objective=0.0)


def trembles() -> Callable[[Parameters, Solution], Solution]:
    """Add another last bit to each answer."""
    turn: list[None] = []

    def answer(_: Parameters, a: Solution) -> Solution:
        turn.append(None)
        return a if a.x is None else replace(a, x=a.x + 1e-14 * len(turn))

    return answer


def scribbles(d: Parameters) -> Parameters:
    """Write into the caller's arrays."""
    d.q.setflags(write=True)
    np.multiply(d.q, 1.0 + 1e-9, out=d.q)
    return d


def chatters(_: Parameters, a: Solution) -> Solution:
    """Print."""
    sys.stdout.write("solved!\n")
    return a


def swallows(observe: Observer) -> Observer:
    """Keep the observer's exceptions."""

    def quiet(incumbent: object) -> bool:
        try:
            return observe(incumbent)  # type: ignore[arg-type]
        except LookupError:
            return True

    return quiet


MISSING = Availability(
    engine="toy", version="1", usable=True, licence=Licence.MISSING, missing=""
)
LIES = {
    "wrong dual sign": (
        "osqp",
        "signs_of_a_qp",
        Lie(answer=lambda _, a: a if a.y is None else replace(a, y=-a.y)),
    ),
    "no multipliers": (
        "highs",
        "signs_of_an_lp",
        Lie(answer=lambda _, a: replace(a, y=None)),
    ),
    "stale q": ("osqp", "sessions_keep_no_secrets", Lie(stale=("q",))),
    "stale rows": ("highs", "sessions_keep_no_secrets", Lie(stale=("row_lower",))),
    "stale bounds": (
        "clarabel",
        "sessions_keep_no_secrets",
        Lie(stale=("lower", "upper")),
    ),
    "stale limit": (
        "clarabel",
        "cap_limits_belong_to_the_account",
        Lie(stale=("cap_limit",)),
    ),
    "point on infeasible": ("osqp", "names_infeasibility", Lie(answer=invents_a_point)),
    "dropped constant": (
        "clarabel",
        "counts_the_constant",
        Lie(account=lambda d: replace(d, r=0.0)),
    ),
    "ignores bounds": (
        "clarabel",
        "reaches_a_known_optimum",
        Lie(account=lambda d: replace(d, lower=d.lower - 9, upper=d.upper + 9)),
    ),
    "half a Hessian": (
        "highs",
        "reads_the_whole_hessian",
        Lie(structure=lambda s: replace(s, P=sparse(np.diag(s.diagonal)))),
    ),
    "loose tolerance": (
        "osqp",
        "tolerance_rules_residuals",
        Lie(
            settings=lambda s: replace(
                s, tolerance=1e-2, native={**s.native, "polishing": 0}
            )
        ),
    ),
    "infeasible called optimal": (
        "highs",
        "names_infeasibility",
        Lie(answer=lambda _, a: replace(a, termination=Termination.OPTIMAL)),
    ),
    "bound above the answer": (
        "highs",
        "bound_is_below_objective",
        Lie(
            answer=lambda _, a: a if a.bound is None else replace(a, bound=a.bound + 1)
        ),
    ),
    "incumbent lost at the limit": (
        "highs",
        "keeps_the_incumbent_at_a_limit",
        Lie(
            answer=lambda _, a: (
                replace(a, x=None, objective=None)
                if a.termination is Termination.TIME_LIMIT
                else a
            )
        ),
    ),
    "limit ignored": (
        "highs",
        "keeps_the_incumbent_at_a_limit",
        Lie(settings=lambda s: replace(s, time_limit_s=s.time_limit_s + 3.0)),
    ),
    "observer ignored": ("highs", "stops_when_told", Lie(observer=lambda _: None)),
    "observer's exception kept": (
        "highs",
        "raises_what_the_observer_raises",
        Lie(observer=swallows),
    ),
    "cap dropped": (
        "clarabel",
        "obeys_caps",
        Lie(account=lambda d: replace(d, cap_limit=d.cap_limit + np.inf)),
    ),
    "cap multiplier doubled": (
        "clarabel",
        "signs_of_caps",
        Lie(answer=lambda _, a: replace(a, cap_y=2 * np.asarray(a.cap_y))),
    ),
    "another last bit each time": ("osqp", "repeats_itself", Lie(answer=trembles())),
    "writes into the input": (
        "osqp",
        "leaves_its_inputs_alone",
        Lie(account=scribbles),
    ),
    "prints": ("osqp", "writes_nothing", Lie(answer=chatters)),
    "reads NaN as zero": (
        "osqp",
        "refuses_nan",
        Lie(account=lambda d: replace(d, q=np.nan_to_num(d.q))),
    ),
    "claims classes it lacks": (
        "osqp",
        "obeys_caps",
        Lie(info=lambda i: replace(i, solves=frozenset(ProblemClass))),
    ),
    "unknown settings dropped": (
        "clarabel",
        "refuses_unknown_settings",
        Lie(settings=lambda s: replace(s, native={})),
    ),
    "usable without a licence": (
        "osqp",
        "probe_tells_the_truth",
        Lie(engines=(MISSING,)),
    ),
    "no engine at all": ("osqp", "probe_tells_the_truth", Lie(engines=())),
}


@pytest.mark.parametrize(("name", "clause", "lie"), LIES.values(), ids=LIES)
def test_the_contract_catches(name: str, clause: str, lie: Lie) -> None:
    (check,) = (check for check in CHECKS if check.name == clause)
    honest = load_backend(name)
    if check.applies_to(honest):
        assert run_check(check, Liar(Lie(), honest)).message == ""
    result = run_check(check, Liar(lie, honest))
    assert result.failed
    assert result.message
