"""Caps, rotated cones, and rows added between two solves."""

from dataclasses import replace

import numpy as np

from sma_research.arrays import sparse
from sma_research.program.backend import Backend, CutSession, Service, Settings
from sma_research.program.form import ProblemClass
from sma_research.testing import programs
from sma_research.testing.clauses.base import (
    TOLERANCE,
    ConformanceError,
    clause,
    demand,
    optimum,
    same_value,
    verify,
)
from sma_research.testing.clauses.duals import same_multipliers
from sma_research.testing.programs import Case

# A cone's multipliers are good to the square root of the gap.
CONE_TOLERANCE = 1e-4


@clause("0.1", ProblemClass.QCP)
def obeys_caps(backend: Backend) -> None:
    """Programs with a binding and an idle cap, built from their optimum."""
    for seed in range(10):
        optimum(backend, programs.kkt_qcp(seed), tolerance=CONE_TOLERANCE)


@clause("0.1", ProblemClass.QCP)
def cap_limits_belong_to_the_account(backend: Backend) -> None:
    """An infinite limit is none at all; a tighter one costs; none is infeasible."""
    case = programs.kkt_qcp(1)
    session = backend.compile(case.structure, Settings())
    d = case.parameters
    free = session.solve(replace(d, cap_limit=np.full(2, np.inf)))
    kept = session.solve(d)
    same_value(kept, case.objective)
    demand(
        free.objective is not None and free.objective <= case.objective + TOLERANCE,
        f"without caps {free.objective}, with them {case.objective}",
    )
    none = session.solve(replace(d, cap_limit=np.full(2, -1e3)))
    demand(none.x is None, f"no point has such a cap, but it ended {none.termination}")


@clause("0.1", ProblemClass.QCP, Service.DUALS)
def signs_of_caps(backend: Backend) -> None:
    """A binding cap has a positive multiplier, an idle one zero."""
    for seed in range(10):
        case = programs.kkt_qcp(seed)
        solution = optimum(backend, case, tolerance=CONE_TOLERANCE)
        same_multipliers(case, solution)
        demand(
            solution.cap_y is not None and (solution.cap_y >= 0).all(),
            f"cap multipliers {solution.cap_y}, expected none below zero",
        )


@clause("0.1", ProblemClass.QCP, Service.DUALS)
def cap_multiplier_is_a_slope(backend: Backend) -> None:
    """The optimum falls by the multiplier for each unit the limit is raised."""
    case = programs.kkt_qcp(2)
    d, step = case.parameters, 1e-2
    session = backend.compile(case.structure, Settings(tolerance=1e-7))
    move = np.array([step, 0.0])
    tight = session.solve(replace(d, cap_limit=d.cap_limit - move)).objective
    loose = session.solve(replace(d, cap_limit=d.cap_limit + move)).objective
    if tight is None or loose is None:
        raise ConformanceError("a cap moved by a little has no solution")
    slope = (tight - loose) / (2 * step)
    known = case.cap_y[0] if case.cap_y is not None else np.nan
    demand(
        abs(slope - known) <= 1e-2 * max(1.0, known),
        f"slope {slope}, the multiplier is {known}",
    )


@clause("0.1", Service.CONES)
def obeys_rotated_cones(backend: Backend) -> None:
    """Buying scale in t s >= x^2 has an answer in closed form."""
    for price in (0.04, 1.5, 9.0):
        case = programs.rotated_cones(price=price)
        if case.structure.problem_class in backend.info.solves:
            optimum(backend, case)


def _cut_session(backend: Backend, case: Case) -> CutSession:
    session = backend.compile(case.structure, Settings())
    if not isinstance(session, CutSession):
        raise ConformanceError("declares CUTS, but its session takes no rows")
    return session


@clause("0.1", ProblemClass.LP, Service.CUTS)
def obeys_and_forgets_rows(backend: Backend) -> None:
    """Added rows bind, have multipliers after the structure's own, and go again."""
    case = programs.kkt_lp(0)
    session = _cut_session(backend, case)
    same_value(session.solve(case.parameters), case.objective)
    cost = sparse(case.parameters.q[None, :])
    for count, worse in enumerate((0.1, 0.2), start=1):
        floor = np.array([case.objective + worse])
        session.add_rows(cost, floor, np.array([np.inf]))
        cut = session.solve(case.parameters)
        same_value(cut, case.objective + worse)
        rows = case.structure.A.shape[0] + count
        found = rows if cut.y is None else cut.y.size
        demand(found == rows, f"{found} multipliers of {rows} rows, old and added")
    session.clear_rows()
    again = session.solve(case.parameters)
    same_value(again, case.objective)
    verify(case, again)


@clause("0.1", ProblemClass.LP, Service.CUTS)
def rows_bind_every_account(backend: Backend) -> None:
    """Added rows give the optimum that rows of the structure would give."""
    case = programs.kkt_lp(2)
    session, d = _cut_session(backend, case), case.parameters
    rng = np.random.default_rng(0)
    row = np.ones((1, d.q.size))
    limit = np.array([0.5 * (d.lower.sum() + d.upper.sum())])
    session.add_rows(sparse(row), np.array([-np.inf]), limit)
    longer = programs.structure(
        case.structure.P.toarray(), np.vstack([case.structure.A.toarray(), row])
    )
    for _ in range(3):
        q = d.q + 0.1 * rng.normal(size=d.q.size)
        whole = replace(
            d,
            q=q,
            row_lower=np.append(d.row_lower, -np.inf),
            row_upper=np.append(d.row_upper, limit),
        )
        expected = backend.compile(longer, Settings()).solve(whole)
        found = session.solve(replace(d, q=q))
        demand(
            found.termination is expected.termination,
            f"{found.termination} with an added row, {expected.termination} with its own",
        )
        if expected.objective is not None:
            same_value(found, expected.objective)


CHECKS = (
    obeys_caps,
    cap_limits_belong_to_the_account,
    signs_of_caps,
    cap_multiplier_is_a_slope,
    obeys_rotated_cones,
    obeys_and_forgets_rows,
    rows_bind_every_account,
)
