r"""A risk cap for engines that have none, by the price of risk.

With objective :math:`s\,\rho(x) + o^T x` and cap :math:`\rho(x) \le \kappa`, where
:math:`\rho(x) = \sum_j c_j x_j^2 + h^T x`, the capped optimum solves

.. math:: \min_x\; s\,\rho(x) + w\, o^T x, \qquad 0 \le w \le 1

for the largest w whose risk is within the cap: :math:`\rho` does not fall as w
grows. Only q changes between solves. The multipliers of the capped program are
:math:`y / w` and :math:`\sigma = s (1/w - 1)`.
"""

from dataclasses import dataclass, replace
from typing import Final, final

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import UnsupportedProgram
from sma_research.formulations.method import Exactness, FormulationInfo, widened
from sma_research.program.backend import (
    Availability,
    Backend,
    Observer,
    Service,
    Session,
    Settings,
)
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution, Termination

INFO: Final = FormulationInfo(
    name="risk_bisection",
    exactness=Exactness.EXACT,
    summary="a tracking error cap met by raising the price of risk; QP engines",
)
STEPS: Final = 60
CLOSE: Final = 1e-9  # of the limit


@dataclass(frozen=True, eq=False, kw_only=True)
class Priced:
    """The answer at one weight of everything that is not risk."""

    weight: float
    risk: float
    solution: Solution


@dataclass(frozen=True, eq=False, kw_only=True)
class Price:
    """One account whose price of risk is being found."""

    d: Parameters
    other: Vector  # (p,) cost of everything that is not risk
    observe: Observer | None
    deadline: Deadline


@final
class RiskBisection:
    """Solves programs with one cap proportional to the quadratic objective."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self.info = widened(
            inner.info,
            INFO.name,
            solves={ProblemClass.QCP},
            drops=frozenset({Service.BOUND, Service.INCUMBENTS, Service.INTERRUPT}),
        )

    def probe(self) -> tuple[Availability, ...]:
        """Engines of the inner backend."""
        return self._inner.probe()

    def compile(self, structure: Structure, settings: Settings) -> Session:
        """Translate once what accounts share."""
        if not structure.caps:
            return self._inner.compile(structure, settings)
        scale = proportion(structure)
        bare = replace(structure, caps=())
        inner = TimedSession(self._inner, bare, settings)
        starts = Service.PRIMAL_START in self._inner.info.services
        return BisectionSession(
            structure, scale, inner, settings.time_limit_s, starts=starts
        )


def proportion(s: Structure) -> float:
    """The s of ``P = 2 s diag(c)``.

    Raises
    ------
    UnsupportedProgram
        Several caps, or one that is no multiple of the quadratic objective.
    """
    if len(s.caps) != 1 or not s.is_separable or s.cones.size:
        raise UnsupportedProgram(
            f"{INFO.name} handles one cap on a separable objective, found "
            f"{len(s.caps)}; use an engine that solves QCP"
        )
    square, half = s.caps[0].square, 0.5 * s.diagonal
    size = float(square @ square)
    scale = float(square @ half) / size if size > 0 else 0.0
    if scale <= 0 or not np.allclose(half, scale * square, rtol=1e-9, atol=1e-12):
        raise UnsupportedProgram(
            f"cap {s.caps[0].name!r} is no multiple of the quadratic objective; "
            "use an engine that solves QCP"
        )
    return scale


@final
class BisectionSession:
    """One compiled QP; every account and every price only change q."""

    def __init__(
        self,
        structure: Structure,
        scale: float,
        inner: TimedSession,
        limit_s: float,
        *,
        starts: bool,
    ) -> None:
        self._structure = structure
        self._scale = scale
        self._inner = inner
        self._limit_s = limit_s
        self._starts = starts  # whether the inner backend takes a point to start from

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        d, limit = parameters, float(parameters.cap_limit[0])
        price = Price(
            d=d, other=d.q - self._scale * d.cap_linear[0], observe=observe,
            deadline=Deadline.after(self._limit_s),
        )  # fmt: skip
        loose = self._at(price, 1.0, start)
        if loose.solution.x is None or loose.risk <= limit:
            return self._finished(d, loose, 1)
        tight = self._at(price, 0.0, loose.solution.x if self._starts else None)
        if tight.solution.x is None:
            return tight.solution
        if tight.risk > limit * (1 + CLOSE) + CLOSE:
            return self._beyond(tight)
        tight, loose, solves = self._closed(price, tight, loose, limit)
        found = self._finished(d, self._blend(d, tight, loose, limit), solves)
        if not price.deadline.passed:
            return found
        return replace(found, termination=Termination.TIME_LIMIT)

    def _closed(
        self, price: Price, tight: Priced, loose: Priced, limit: float
    ) -> tuple[Priced, Priced, int]:
        """Two answers around the limit, as close as steps and time allow."""
        solves = 2
        while solves < STEPS and loose.risk - tight.risk > CLOSE * abs(limit):
            if price.deadline.passed or loose.weight - tight.weight < 1e-12:
                break
            middle = self._at(price, _guess(tight, loose, limit, solves), None)
            solves += 1
            if middle.solution.x is None:
                break
            if middle.risk <= limit:
                tight = middle
            else:
                loose = middle
        return tight, loose, solves

    def _at(self, price: Price, weight: float, start: Vector | None) -> Priced:
        d = price.d
        q = self._scale * d.cap_linear[0] + weight * price.other
        none = np.zeros(0)
        priced = replace(d, q=q, cap_linear=np.zeros((0, 0)), cap_limit=none)
        session = self._inner.within(price.deadline)
        # Only the first and the last price are watched: those between are steps.
        observe = price.observe if weight in (0.0, 1.0) else None
        answer = session.solve(priced, start=start, observe=observe)
        x = answer.x
        risk = np.nan
        if x is not None:
            square = self._structure.caps[0].square
            risk = float(square @ x**2 + d.cap_linear[0] @ x)
        return Priced(weight=weight, risk=risk, solution=answer)

    def _blend(
        self, d: Parameters, tight: Priced, loose: Priced, limit: float
    ) -> Priced:
        """The point between two answers whose risk is the limit."""
        low, high = tight.solution.x, loose.solution.x
        if low is None or high is None:
            return tight
        step, c = high - low, self._structure.caps[0].square
        a = float(c @ step**2)
        b = float(2 * c @ (low * step) + d.cap_linear[0] @ step)
        room = limit - tight.risk
        root = np.sqrt(max(b * b + 4 * a * room, 0.0))
        share = 2 * room / (b + root) if b + root > 0 else 0.0
        x = low + min(max(share, 0.0), 1.0) * (1 - 1e-12) * step
        nearer = tight if tight.weight > 0 else loose
        solution = replace(tight.solution, x=x, y=nearer.solution.y)
        return Priced(weight=nearer.weight, risk=limit, solution=solution)

    def _finished(self, d: Parameters, found: Priced, solves: int) -> Solution:
        """The answer of the capped program, multipliers scaled back."""
        answer, w = found.solution, max(found.weight, 1e-9)
        x = answer.x
        return replace(
            answer,
            y=None if answer.y is None else answer.y / w,
            cap_y=np.array([self._scale * (1 / w - 1)]),
            objective=None if x is None else value_at(self._structure, d, x),
            bound=None,
            counters={**answer.counters, "price_steps": float(solves)},
        )

    def _beyond(self, tight: Priced) -> Solution:
        """The least risk is above the cap: proven only by an answer that is optimal."""
        optimal = tight.solution.termination is Termination.OPTIMAL
        return replace(
            tight.solution,
            termination=Termination.INFEASIBLE if optimal
            else tight.solution.termination,
            native_status=f"least risk {tight.risk:.6g} is above the cap"
            if optimal
            else f"{tight.solution.native_status}, before the cap was met",
            x=None, y=None, objective=None, bound=None,
        )  # fmt: skip


def _guess(tight: Priced, loose: Priced, limit: float, step: int) -> float:
    """Next weight: by the secant, every third time by halves."""
    share = (limit - tight.risk) / (loose.risk - tight.risk)
    if step % 3 == 0:
        share = 0.5
    return tight.weight + min(max(share, 0.02), 0.98) * (loose.weight - tight.weight)
