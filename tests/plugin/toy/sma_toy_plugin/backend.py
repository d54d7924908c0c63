"""The toy's session and backend: all that the contract asks for."""

from collections.abc import Callable
from time import perf_counter
from typing import Final, final

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.errors import BackendError, SettingError
from sma_research.program.adapter import (
    check_account,
    check_convex,
    crossed_bounds,
    try_engine,
)
from sma_research.program.backend import (
    Availability,
    BackendInfo,
    Observer,
    Service,
    Settings,
    refuse,
    require,
)
from sma_research.program.form import Parameters, ProblemClass, Structure, objective
from sma_research.program.solution import Solution, Termination
from sma_toy_plugin.interior import Dense, Point, minimize

SMALL: Final = 1e-9


@final
class ToySession:
    """Dense matrices of one structure."""

    def __init__(self, structure: Structure, settings: Settings) -> None:
        if settings.native:
            raise SettingError(f"toy has no settings, not {sorted(settings.native)}")
        self._structure = structure
        self._tolerance = min(settings.tolerance / 100, 1e-8)
        self._P = structure.P.toarray()
        self._A = np.vstack([structure.A.toarray(), np.eye(structure.integer.size)])

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        refuse(Toy.info, Service.PRIMAL_START, start)
        refuse(Toy.info, Service.INCUMBENTS, observe)
        check_account(self._structure, parameters, None)
        crossed = crossed_bounds(parameters)
        if crossed:
            return crossed
        began = perf_counter()
        try:
            termination, point, y = self._minimize(parameters)
        except np.linalg.LinAlgError as error:
            raise BackendError(f"toy: {error}; scale the program") from error
        found = termination is Termination.OPTIMAL
        return Solution(
            termination=termination,
            native_status=f"toy: {termination}",
            x=point.x if found else None,
            y=y[: parameters.row_lower.size] if found else None,
            objective=objective(self._structure, parameters, point.x)
            if found
            else None,
            bound=None,
            solve_s=perf_counter() - began,
            iterations=point.steps,
        )

    def _minimize(self, d: Parameters) -> tuple[Termination, Point, Vector]:
        low = np.concatenate([d.row_lower, d.lower])
        high = np.concatenate([d.row_upper, d.upper])
        equal = low == high
        upper, lower = ~equal & (high < np.inf), ~equal & (low > -np.inf)
        A = self._A
        G = np.vstack([A[upper], -A[lower]])
        h = np.concatenate([high[upper], -low[lower]])
        qp = Dense(self._P, d.q, A[equal], low[equal], G, h)
        point = minimize(qp, self._tolerance)
        y = np.zeros(low.size)
        y[equal] = point.equal
        y[upper] = point.upper[: upper.sum()]
        y[lower] -= point.upper[upper.sum() :]
        return _verdict(qp, point), point, y


def _verdict(qp: Dense, point: Point) -> Termination:
    """Why no optimum was found, by two programs that always have one."""
    if point.solved:
        return Termination.OPTIMAL
    reasons: tuple[tuple[Callable[[Dense], float], Termination], ...] = (
        (_least_violation, Termination.INFEASIBLE),
        (_best_direction, Termination.UNBOUNDED),
    )
    for measure, termination in reasons:
        if measure(qp) > 1e-6:
            return termination
    return Termination.NUMERICAL_ERROR


def _least_violation(qp: Dense) -> float:
    """Smallest t that every side may be relaxed by, from an LP in (x, t)."""
    p, one = qp.q.size, np.ones
    sides = np.vstack([qp.C, -qp.C, qp.G])
    limits = np.concatenate([qp.d, -qp.d, qp.h])
    G = np.vstack([np.hstack([sides, -one((limits.size, 1))]), -np.eye(p + 1)[[-1]]])
    relaxed = Dense(
        SMALL * np.eye(p + 1),
        np.eye(p + 1)[-1],
        np.zeros((0, p + 1)),
        np.zeros(0),
        G,
        np.append(limits, 0.0),
    )
    return float(minimize(relaxed, SMALL).x[-1])


def _best_direction(qp: Dense) -> float:
    """Fall of the cost along the best direction that no side ever ends."""
    p = qp.q.size
    box = np.vstack([qp.G, np.eye(p), -np.eye(p)])
    limits = np.concatenate([np.zeros(qp.h.size), np.ones(2 * p)])
    C = np.vstack([qp.C, qp.P[_rows_used(qp.P)]])
    still = Dense(SMALL * np.eye(p), qp.q, C, np.zeros(C.shape[0]), box, limits)
    return float(-qp.q @ minimize(still, SMALL).x)


def _rows_used(P: Vector) -> Mask:
    return np.asarray(np.any(P != 0.0, axis=1))


@final
class Toy:
    """The ``toy`` backend."""

    info = BackendInfo(
        name="toy",
        library="sma-toy-plugin",
        version="1.0",
        solves=frozenset({ProblemClass.LP, ProblemClass.QP}),
        services=frozenset({Service.DUALS}),
    )

    def probe(self) -> tuple[Availability, ...]:
        """Try the engine on two columns."""
        return try_engine(self)

    def compile(self, structure: Structure, settings: Settings) -> ToySession:
        """Translate once what accounts share."""
        require(self.info, structure)
        check_convex(structure)
        return ToySession(structure, settings)
