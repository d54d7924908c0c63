"""From what a solver said to an answer: claims as they were made, none improved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.answer import Answer, Event
from sma_research.canonical.layout import PERCENT
from sma_research.formulations.catalog import CATALOG, DIRECT, ORDER
from sma_research.formulations.method import Exactness
from sma_research.program.solution import Incumbent, Solution
from sma_research.report import Report

SOLVING: Final = ("build", "compile", "solve", "recover")
AUDIT: Final = "audit"
Vectors = dict[str, NDArray[Any]]


def of_report(report: Report, *, version: str) -> Answer:
    """The claim for one account.

    Raises
    ------
    UnsupportedProgram
        The method cannot state the account.
    BackendError
        The solver raised.
    """
    refuse(report)
    chain = report.formulation
    return Answer(
        status=str(report.status),
        message=report.message or report.native_status,
        formulation=chain,
        exactness=str(exactness(chain)),
        solver_version=version,
        objective=report.claimed_objective,
        bound=report.claimed_bound,
        phases=phases([report]),
        counters=finite(report.counters),
        events=_events(report),
        vectors={**trades(report), **_multipliers(report)},
    )


def refuse(report: Report) -> None:
    """Raise what a report says instead of a claim.

    Raises
    ------
    UnsupportedProgram, UnsupportedService, BackendError
        What the backend raised.
    """
    if report.raised is not None:
        raise report.raised(report.message)


def of_solution(solution: Solution, chain: str, exact: Exactness) -> Answer:
    """The claim for a program of no account."""
    vectors = {"x": solution.x, "y": solution.y, "cap_y": solution.cap_y}
    counted = {"iterations": solution.iterations, "nodes": solution.nodes}
    numbers = {name: float(n) for name, n in counted.items() if n is not None}
    return Answer(
        status=str(solution.termination),
        message=solution.native_status,
        formulation=chain,
        exactness=str(exact),
        objective=number(solution.objective),
        bound=number(solution.bound),
        counters=finite({**numbers, **solution.counters}),
        events=tuple(_event(i, 1.0, 0.0) for i in solution.incumbents),
        vectors={name: v for name, v in vectors.items() if v is not None},
    )


def phases(reports: Sequence[Report]) -> dict[str, float]:
    """Seconds by phase over all reports; what is not for solving counts as audit."""
    total: dict[str, float] = {}
    for report in reports:
        for name, seconds in report.phases.items():
            phase = name if name in SOLVING else AUDIT
            total[phase] = total.get(phase, 0.0) + float(seconds)
    return total


def later(answer: Answer, seconds: float) -> Answer:
    """The claim with its events moved by what ran before."""
    events = tuple(
        replace(event, elapsed_s=event.elapsed_s + seconds) for event in answer.events
    )
    return replace(answer, events=events)


def exactness(chain: str) -> Exactness:
    """What a chain of formulations leaves of the optimum; exact if it is direct."""
    names = [name for name in chain.split("+") if name and name != DIRECT]
    kinds = (CATALOG[name].exactness for name in names)
    return max(kinds, key=ORDER.index, default=Exactness.EXACT)


def trades(report: Report, prefix: str = "") -> Vectors:
    """Shares bought by asset and sold by lot, and cash."""
    if report.rebalance is None:
        return {}
    return {
        f"{prefix}buy": report.rebalance.buy,
        f"{prefix}sell": report.rebalance.sell,
        f"{prefix}cash": np.array([report.rebalance.cash]),
    }


def finite(values: Mapping[str, float]) -> dict[str, float]:
    """Numbers that a table can hold."""
    return {name: float(v) for name, v in values.items() if np.isfinite(v)}


def number(value: float | None) -> float | None:
    """The number, or None where there is none."""
    return None if value is None or not np.isfinite(value) else float(value)


def _multipliers(report: Report) -> Vectors:
    """Those of the bound; of every case where the account has several."""
    certificate, cases = report.certificate, report.certificates
    if certificate is None:
        return {}
    vectors = {"y": certificate.y, "cap_y": certificate.cap_y}
    if len(cases) > 1:
        vectors["y"] = np.vstack([case.y for case in cases])
        vectors["cap_y"] = np.vstack([case.cap_y for case in cases])
    if certificate.point is not None:
        vectors["point"] = certificate.point
    return vectors


def _events(report: Report) -> tuple[Event, ...]:
    if report.problem is None:
        return ()
    scale = report.problem.account.mandate.risk_aversion / PERCENT**2
    before = report.phases.get("build", 0.0) + report.phases.get("compile", 0.0)
    return tuple(_event(i, scale, before) for i in report.incumbents)


def _event(incumbent: Incumbent, scale: float, before: float) -> Event:
    def scaled(value: float) -> float | None:
        return scale * value if np.isfinite(value) else None

    return Event(
        elapsed_s=incumbent.elapsed_s + before,
        objective=scaled(incumbent.objective),
        bound=scaled(incumbent.bound),
    )
