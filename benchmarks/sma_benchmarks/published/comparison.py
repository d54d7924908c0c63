"""A backend's answer to a published program, beside what is known of its optimum."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from sma_benchmarks.published.case import Published
from sma_research.formulations.catalog import method
from sma_research.program.backend import Service, Settings
from sma_research.program.certificate import certify
from sma_research.program.form import objective
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution
from sma_research.program.verify import residuals

POLISH = "clarabel"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was answered, against what was published; relative to the latter."""

    name: str
    family: str
    solver: str
    formulation: str
    objective: float | None  # of the answer, recomputed
    infeasibility: float | None  # largest violation by the answer
    certified: float  # bound recomputed from the multipliers, may be -inf
    claimed: float | None  # bound of the solver's own search
    bound_excess: float  # of the best bound above the best known value; 0 is none
    answer_excess: float  # of the answer below the best proven bound; 0 is none
    seconds: float

    @property
    def bound(self) -> float:
        """The better one of both bounds."""
        return max(self.certified, -np.inf if self.claimed is None else self.claimed)

    @property
    def gap(self) -> float | None:
        """``(objective - bound) / |objective|``, None without an answer."""
        if self.objective is None:
            return None
        return (self.objective - self.bound) / abs(self.objective)

    def honest(self, tolerance: float) -> bool:
        """Whether no bound passes and no answer beats the published optimum."""
        return self.bound_excess <= tolerance and self.answer_excess <= tolerance


def compare(
    case: Published,
    solver: str = "clarabel",
    formulation: str | None = None,
    settings: Settings | None = None,
) -> Comparison:
    """Solve a published program and hold the answer against its optimum."""
    chosen, backend = settings or Settings(), load_backend(solver)
    s, d = case.structure, case.parameters
    began = perf_counter()
    how = method(s, backend, formulation, polish=load_backend(POLISH))
    answer = how.backend.compile(s, chosen).solve(d)
    seconds = perf_counter() - began
    certified = certify(s, d, answer.y, cap_y=answer.cap_y, point=answer.x).bound
    declared = Service.BOUND in how.backend.info.services
    claimed = answer.bound if declared else None
    best = max(certified, -np.inf if claimed is None else claimed)
    value = None if answer.x is None else objective(s, d, answer.x)
    below = 0.0 if value is None else case.lower - value
    return Comparison(
        name=case.name,
        family=case.family,
        solver=solver,
        formulation=how.formulation,
        objective=value,
        infeasibility=_infeasibility(case, answer),
        certified=certified,
        claimed=claimed,
        bound_excess=max(best - case.upper, 0.0) / abs(case.upper),
        answer_excess=max(below, 0.0) / abs(case.lower),
        seconds=seconds,
    )


def _infeasibility(case: Published, answer: Solution) -> float | None:
    if answer.x is None:
        return None
    return residuals(case.structure, case.parameters, answer).infeasibility
