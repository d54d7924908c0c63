"""From a solver's claim to a report: the referees decide the status."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

import numpy as np

from sma_research.arrays import Vector
from sma_research.canonical.build import Program
from sma_research.canonical.netting_cases import certified
from sma_research.canonical.recover import recover
from sma_research.formulations.catalog import Method
from sma_research.formulations.method import Exactness
from sma_research.portfolio.audit import audit
from sma_research.portfolio.findings import Finding
from sma_research.portfolio.metrics import measure
from sma_research.portfolio.priced import price
from sma_research.program.backend import Service, Settings
from sma_research.program.certificate import Certificate
from sma_research.program.form import objective
from sma_research.program.solution import Solution, Termination
from sma_research.program.verify import Residuals, residuals
from sma_research.report import Proof, Report, Status

# What a missing point means, by the solver's claim.
WITHOUT_POINT: Final = {
    Termination.INFEASIBLE: Status.INFEASIBLE,
    Termination.INFEASIBLE_OR_UNBOUNDED: Status.INFEASIBLE,
    Termination.TIME_LIMIT: Status.NO_SOLUTION,
    Termination.ITERATION_LIMIT: Status.NO_SOLUTION,
    Termination.INTERRUPTED: Status.NO_SOLUTION,
}
LIMITS: Final = frozenset({
    Termination.TIME_LIMIT, Termination.ITERATION_LIMIT, Termination.INTERRUPTED,
})  # fmt: skip
SLACK: Final = 1e-6  # relative, by which a claimed bound may pass what it bounds
# A portfolio may break limits by the audit's tolerance and be that much better than
# what is possible; a bound that is further above it contradicts it.
ROOM: Final = 1e-4  # relative
LEAST_ROOM: Final = 1e-5  # in units of the program, percent squared
# A gap that no client has: 0.03 bp of tracking error where there is no other.
NEGLIGIBLE: Final = 1e-7  # in units of the program


@dataclass(frozen=True, eq=False, kw_only=True)
class Claim:
    """One answer, and what it answers."""

    program: Program
    solution: Solution
    method: Method
    solver: str
    phases: Mapping[str, float]  # seconds spent before
    settings: Settings
    edited: bool = False  # whether the program has an objective of its own
    certificates: tuple[Certificate, ...] = ()  # where the account has several cases
    possible: tuple[bool, ...] = ()  # cases that may have a portfolio


@dataclass(frozen=True, eq=False, kw_only=True)
class Proven:
    """The bound a report shows, in units of the objective."""

    bound: float | None
    proof: Proof


def judged(claim: Claim) -> Report:
    """The report of one answer."""
    program, solution = claim.program, claim.solution
    started = perf_counter()
    certificates = claim.certificates or (
        certified(program, solution.y, solution.cap_y, solution.x),
    )
    possible = claim.possible or (True,)
    certificate = min(
        (one for one, may in zip(certificates, possible, strict=True) if may),
        key=lambda one: one.bound,
    )
    phases = {**claim.phases, "certify": perf_counter() - started}
    report = replace(
        _claimed(claim, certificate), phases=phases, certificates=certificates
    )
    return report if solution.x is None else _looked_at(claim, report, solution.x)


def _looked_at(claim: Claim, report: Report, x: Vector) -> Report:
    """The report of an answer with a point."""
    program, started = claim.program, perf_counter()
    rebalance = recover(program, x)
    recovered = perf_counter()
    findings = audit(program.problem, rebalance)
    metrics = measure(program.problem, rebalance)
    value = metrics.objective
    if claim.edited:
        value = program.scale * objective(program.structure, program.parameters, x)
    proven = _proven(claim, report, value)
    status, message = _verdict(claim, findings, proven, value)
    phases = {
        **report.phases,
        "recover": recovered - started,
        "audit": perf_counter() - recovered,
    }
    report = replace(
        report, status=status, message=message, bound=proven.bound,
        proof=proven.proof, phases=phases,
    )  # fmt: skip
    if status is Status.NO_SOLUTION and _relaxed(claim):
        return report
    return replace(
        report,
        rebalance=rebalance,
        metrics=metrics,
        ledger=price(program.problem, rebalance),
        gap=_gap(value, proven.bound),
        findings=findings,
        residuals=_residuals(claim),
    )


def _claimed(claim: Claim, certificate: Certificate) -> Report:
    """What is known of an answer before its point is looked at."""
    program, solution = claim.program, claim.solution
    proven = program.scale * certificate.bound
    return Report(
        account_id=program.problem.account.account_id,
        solver=claim.solver,
        formulation=claim.method.formulation,
        status=WITHOUT_POINT.get(solution.termination, Status.NUMERICAL),
        message=f"{claim.solver}: {solution.termination} ({solution.native_status})",
        problem=program.problem,
        certificate=certificate,
        certified_bound=proven if np.isfinite(proven) else None,
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


def _relaxed(claim: Claim) -> bool:
    return claim.method.exactness is Exactness.RELAXATION


def _verdict(
    claim: Claim, findings: tuple[Finding, ...], proven: Proven, value: float
) -> tuple[Status, str]:
    """Status of an answer with a point, and the first thing wrong with it."""
    if findings:
        wrong = str(findings[0])
        if _relaxed(claim):
            why = f"{claim.method.formulation} gives a bound, not a portfolio: {wrong}"
            return Status.NO_SOLUTION, why
        if claim.solution.termination in LIMITS:
            why = f"{claim.solution.termination} before a portfolio: {wrong}"
            return Status.NO_SOLUTION, why
        return Status.CHECK_FAILED, wrong
    if proven.bound is None:
        return Status.FEASIBLE, ""
    room = max(ROOM * abs(value), LEAST_ROOM * claim.program.scale)
    if proven.bound > value + room:
        return Status.CHECK_FAILED, (
            f"the {proven.proof} says that nothing is below {proven.bound:.8g}, the "
            f"portfolio is at {value:.8g}: one of them is wrong"
        )
    gap = _gap(value, proven.bound)
    near = value - proven.bound <= NEGLIGIBLE * claim.program.scale
    close = near or (gap is not None and gap <= claim.settings.relative_gap)
    return (Status.OPTIMAL if close else Status.FEASIBLE), ""


def _gap(value: float, bound: float | None) -> float | None:
    return None if bound is None else (value - bound) / max(abs(value), 1e-10)


def _residuals(claim: Claim) -> Residuals:
    """Residuals of the point; its stationarity only where the multipliers are its own."""
    found = residuals(claim.program.structure, claim.program.parameters, claim.solution)
    sided = "sides_chosen" in claim.solution.counters
    return replace(found, stationarity=None) if sided else found


def _proven(claim: Claim, report: Report, value: float) -> Proven:
    """The certificate's bound, or a tree search's where no referee contradicts it."""
    certified, method = report.certified_bound, claim.method
    # SCIP searches continuous programs too, and has no multipliers.
    integer, duals = claim.program.structure.integer.any(), claim.solution.y is not None
    searched = method.exactness is Exactness.EXACT and (integer or not duals)
    if searched and report.claimed_bound is not None:
        claimed = report.claimed_bound
        room = SLACK * max(abs(value), 1e-10)
        declared = Service.BOUND in method.backend.info.services
        above = certified is None or claimed > certified
        if declared and above and claimed <= value + room:
            return Proven(bound=min(claimed, value), proof=Proof.SEARCH)
    proof = Proof.NONE if certified is None else Proof.CERTIFICATE
    return Proven(bound=certified, proof=proof)
