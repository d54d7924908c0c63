"""An account without a portfolio: proven impossible with its conflict, or not."""

from dataclasses import replace
from typing import Final

import numpy as np
from scipy.sparse import diags_array

from sma_research.arrays import sparse
from sma_research.canonical.build import Program
from sma_research.canonical.conflict import conflict
from sma_research.canonical.layout import PERCENT
from sma_research.formulations.catalog import method
from sma_research.program.backend import Settings
from sma_research.program.certificate import certify
from sma_research.program.deadline import Deadline
from sma_research.program.registry import load_backend
from sma_research.report import Report, Status

POLISH: Final = "clarabel"  # solves the continuous programs of LP and MILP engines
LINEAR: Final = "highs"  # finds which limits conflict


def explained(report: Report, program: Program, deadline: Deadline) -> Report:
    """A report without a portfolio, INFEASIBLE with its conflict where that is proven.

    A claim of infeasibility that no referee can prove is withdrawn.
    """
    if report.rebalance is not None or report.status is Status.CHECK_FAILED:
        return report
    words = () if deadline.passed else proven_infeasible(program, deadline)
    if words:
        message = f"no portfolio meets the mandate: {'; '.join(words)}"
        return replace(
            report, status=Status.INFEASIBLE, conflict=words, message=message
        )
    if report.status is not Status.INFEASIBLE:
        return report
    said = f"the solver says infeasible ({report.native_status})"
    if deadline.passed:
        message = f"{said}, no time was left to prove it"
        return replace(report, status=Status.NO_SOLUTION, message=message)
    return replace(report, status=Status.NUMERICAL, message=f"{said}, not proven")


def proven_infeasible(
    program: Program, deadline: Deadline | None = None
) -> tuple[str, ...]:
    """Limits that cannot hold together, in words; empty unless that is proven."""
    time = deadline or Deadline.after(np.inf)
    found = conflict(program, load_backend(LINEAR), time.within(Settings()))
    if found.proven:
        return found.words
    cap = program.problem.account.mandate.tracking_error_cap
    if cap is None or not program.structure.caps or time.passed:
        return ()
    missed = _least_risk(program, time) - float(program.parameters.cap_limit[0])
    if not missed > 0.0:
        return ()
    least = float(np.sqrt((PERCENT * cap) ** 2 + missed)) / PERCENT
    return (
        f"the least tracking error is at least {1e4 * least:.1f} bp, "
        f"tracking_error_cap is {1e4 * cap:.1f} bp",
    )


def _least_risk(program: Program, deadline: Deadline) -> float:
    """A certified lower bound of the left side of the risk cap, names relaxed."""
    s, d = program.structure, program.parameters
    pure = replace(
        d, q=d.cap_linear[0], r=0.0, cap_linear=np.zeros((0, 0)), cap_limit=np.zeros(0)
    )
    bare = replace(s, P=sparse(diags_array(2.0 * s.caps[0].square)), caps=())
    backend = load_backend(POLISH)
    how = method(bare, backend, "perspective+relax" if s.on_off.size else None,
                 polish=backend)  # fmt: skip
    answer = how.backend.compile(bare, deadline.within(Settings())).solve(pure)
    return certify(bare, pure, answer.y, point=answer.x).bound
