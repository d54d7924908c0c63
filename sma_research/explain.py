"""An infeasible account with its conflict, or the claim withdrawn."""

from dataclasses import replace

import numpy as np

from sma_research.canonical.build import Program
from sma_research.canonical.conflict import conflict
from sma_research.canonical.layout import PERCENT
from sma_research.formulations.catalog import method
from sma_research.program.backend import Settings
from sma_research.program.certificate import certify
from sma_research.program.registry import load_backend
from sma_research.report import Report, Status

POLISH = "clarabel"  # solves the continuous programs of LP and MILP engines
LINEAR = "highs"  # finds which limits conflict


def explained(report: Report, program: Program) -> Report:
    """An infeasible account with its conflict; a claim no referee can prove falls."""
    words = proven_infeasible(program)
    if not words:
        message = f"the solver says infeasible ({report.native_status}), not proven"
        return replace(report, status=Status.NUMERICAL, message=message)
    message = f"no portfolio meets the mandate: {'; '.join(words)}"
    return replace(report, conflict=words, message=message)


def proven_infeasible(program: Program) -> tuple[str, ...]:
    """Limits that cannot hold together, in words; empty unless that is proven."""
    found = conflict(program, load_backend(LINEAR), Settings())
    if found.proven:
        return found.words
    least = _least_tracking_error(program)
    cap = program.problem.account.mandate.tracking_error_cap
    if cap is None or least is None or least <= cap:
        return ()
    return (
        f"the least tracking error is at least {1e4 * least:.1f} bp, "
        f"tracking_error_cap is {1e4 * cap:.1f} bp",
    )


def _least_tracking_error(program: Program) -> float | None:
    """A certified lower bound of the tracking error, names relaxed."""
    s, d = program.structure, program.parameters
    if not s.caps:
        return None
    pure = replace(
        d, q=d.cap_linear[0], cap_linear=np.zeros((0, 0)), cap_limit=np.zeros(0)
    )
    bare = replace(s, caps=())
    backend = load_backend(POLISH)
    how = method(bare, backend, "perspective+relax" if s.on_off.size else None,
                 polish=backend)  # fmt: skip
    answer = how.backend.compile(bare, Settings()).solve(pure)
    bound = certify(bare, pure, answer.y).bound
    return float(np.sqrt(max(bound, 0.0))) / PERCENT if np.isfinite(bound) else None
