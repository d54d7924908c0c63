"""From a solver's claim to a report: the referees decide the status."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from sma_research.canonical.build import Program
from sma_research.canonical.recover import recover
from sma_research.formulations.catalog import Method
from sma_research.formulations.method import Exactness
from sma_research.portfolio.audit import Finding, audit
from sma_research.portfolio.metrics import Metrics, measure
from sma_research.program.backend import Service, Settings
from sma_research.program.certificate import Certificate, certify
from sma_research.program.solution import Solution, Termination
from sma_research.program.verify import residuals
from sma_research.report import Proof, Report, Status

# What a missing point means, by the solver's claim.
WITHOUT_POINT = {
    Termination.INFEASIBLE: Status.INFEASIBLE,
    Termination.INFEASIBLE_OR_UNBOUNDED: Status.INFEASIBLE,
    Termination.TIME_LIMIT: Status.NO_SOLUTION,
    Termination.ITERATION_LIMIT: Status.NO_SOLUTION,
    Termination.INTERRUPTED: Status.NO_SOLUTION,
}
SLACK = 1e-6  # relative, by which a claimed bound may pass what it bounds


@dataclass(frozen=True, eq=False, kw_only=True)
class Proven:
    """The bound a report shows, in units of the objective."""

    bound: float | None
    gap: float | None
    proof: Proof


def judged(
    program: Program,
    solution: Solution,
    method: Method,
    *,
    solver: str,
    phases: Mapping[str, float],
    settings: Settings,
) -> Report:
    """The report of one answer."""
    started = perf_counter()
    certificate = certify(
        program.structure, program.parameters, solution.y,
        cap_y=solution.cap_y, point=solution.x,
    )  # fmt: skip
    certified = perf_counter() - started
    claim = _claim(program, solution, method, certificate, solver)
    if solution.x is None:
        return replace(claim, phases={**phases, "audit": certified})
    rebalance = recover(program, solution.x)
    recovered = perf_counter()
    findings = audit(program.problem, rebalance)
    metrics = measure(program.problem, rebalance)
    proven = _proven(program, solution, method, certificate, metrics)
    audited = perf_counter()
    status, message = _verdict(findings, proven, method, settings)
    return replace(
        claim,
        status=status,
        message=message,
        rebalance=rebalance,
        metrics=metrics,
        bound=proven.bound,
        gap=proven.gap,
        proof=proven.proof,
        findings=findings,
        residuals=residuals(program.structure, program.parameters, solution),
        phases={**phases, "recover": recovered - started, "audit": audited - recovered},
    )


def _claim(
    program: Program,
    solution: Solution,
    method: Method,
    certificate: Certificate,
    solver: str,
) -> Report:
    """What is known of an answer before its point is looked at."""
    certified = program.scale * certificate.bound
    return Report(
        account_id=program.problem.account.account_id,
        solver=solver,
        formulation=method.formulation,
        status=WITHOUT_POINT.get(solution.termination, Status.NUMERICAL),
        message=f"{solver}: {solution.native_status}",
        problem=program.problem,
        certificate=certificate,
        certified_bound=certified if np.isfinite(certified) else None,
        termination=solution.termination,
        native_status=solution.native_status,
        claimed_objective=_scaled(program, solution.objective),
        claimed_bound=_scaled(program, solution.bound),
        counters={**_counted(solution), **solution.counters},
        incumbents=solution.incumbents,
    )


def _scaled(program: Program, claimed: float | None) -> float | None:
    """A claimed value in units of the objective, where it is a finite number."""
    if claimed is None or not np.isfinite(claimed):
        return None
    return program.scale * claimed


def _counted(solution: Solution) -> dict[str, float]:
    """What the solver counted."""
    counts = {"iterations": solution.iterations, "nodes": solution.nodes}
    return {name: float(n) for name, n in counts.items() if n is not None}


def _verdict(
    findings: tuple[Finding, ...], proven: Proven, method: Method, settings: Settings
) -> tuple[Status, str]:
    """Status of an answer with a point, and the first thing wrong with it."""
    if not findings:
        close = proven.gap is not None and proven.gap <= settings.relative_gap
        return (Status.OPTIMAL if close else Status.FEASIBLE), ""
    wrong = str(findings[0])
    if method.exactness is Exactness.RELAXATION:
        why = f"{method.formulation} gives a bound, not a portfolio: {wrong}"
        return Status.NO_SOLUTION, why
    return Status.CHECK_FAILED, wrong


def _proven(
    program: Program,
    solution: Solution,
    method: Method,
    certificate: Certificate,
    metrics: Metrics,
) -> Proven:
    """The certificate's bound, or a tree search's where no referee contradicts it."""
    value, scale = metrics.objective, program.scale
    certified, proof = scale * certificate.bound, Proof.CERTIFICATE
    bound = certified
    searched = program.structure.integer.any() and method.exactness is Exactness.EXACT
    if searched and solution.bound is not None:
        claimed = scale * solution.bound
        room = SLACK * max(abs(value), 1e-10)
        declared = Service.BOUND in method.backend.info.services
        if declared and certified < claimed <= value + room:
            bound, proof = min(claimed, value), Proof.SEARCH
    if not np.isfinite(bound):
        return Proven(bound=None, gap=None, proof=Proof.NONE)
    gap = (value - bound) / max(abs(value), 1e-10)
    return Proven(bound=bound, gap=gap, proof=proof)
