r"""LPs and convex QPs by the solvers behind qpsolvers: PIQP, ProxQP, SCS.

``qpsolvers:piqp``, ``qpsolvers:proxqp`` and ``qpsolvers:scs``. Rows become
:math:`G x \le h` and :math:`A x = b`, as qpsolvers writes them:
https://github.com/qpsolvers/qpsolvers.
"""

import warnings
from dataclasses import dataclass
from time import perf_counter
from typing import Any, final

import numpy as np
from scipy.sparse import csc_matrix, csr_array, eye_array, vstack

from sma_benchmarks.peers.peer import version_of
from sma_benchmarks.peers.qp_engines import (
    ENGINES,
    availability,
    find_engine,
    missing,
    options,
)
from sma_research.arrays import Mask, Vector, sparse
from sma_research.errors import BackendError, BackendNotFound, SmaError
from sma_research.program.adapter import (
    check_account,
    check_convex,
    crossed_bounds,
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
from sma_research.program.form import Parameters, Structure, objective
from sma_research.program.solution import Solution, Termination

RIGHT_TO = 1e-4
HAS_POINT = (
    Termination.OPTIMAL,
    Termination.ITERATION_LIMIT,
    Termination.TIME_LIMIT,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Sides:
    """Which rows are equalities, and which have a finite upper or lower side."""

    equal: Mask  # (r,)
    upper: Mask  # (r,)
    lower: Mask  # (r,)

    def multipliers(self, y: Vector, z: Vector) -> Vector:
        """Row multipliers ``(r,)`` from those of ``A x = b`` and ``G x <= h``."""
        out = np.zeros(self.equal.size)
        out[self.equal] = y
        ups = int(self.upper.sum())
        out[self.upper] += z[:ups]
        out[self.lower] -= z[ups:]
        return out


@final
class QpSession:
    """Matrices translated once; every account is solved from nothing."""

    def __init__(self, engine: str, structure: Structure, settings: Settings) -> None:
        self._engine = engine
        self._structure = structure
        self._options: dict[str, Any] = {**options(engine, settings), "verbose": False}
        self._P = csc_matrix(structure.P)
        self._rows = csr_array(structure.A)

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        info = QpSolvers(self._engine).info
        refuse(info, Service.INCUMBENTS, observe)
        refuse(info, Service.PRIMAL_START, start)
        d = parameters
        check_account(self._structure, d, None)
        crossed = crossed_bounds(d)
        if crossed:
            return crossed
        equal = (d.row_lower == d.row_upper) & np.isfinite(d.row_upper)
        sides = _Sides(
            equal=equal,
            upper=~equal & np.isfinite(d.row_upper),
            lower=~equal & np.isfinite(d.row_lower),
        )
        problem = self._stated(d, sides)
        began = perf_counter()
        found = self._called(problem)
        return self._answer(d, found, sides, perf_counter() - began)

    def _stated(self, d: Parameters, sides: _Sides) -> Any:
        from qpsolvers import Problem

        rows = self._rows
        G = vstack([rows[sides.upper], -rows[sides.lower]])
        h = np.concatenate([d.row_upper[sides.upper], -d.row_lower[sides.lower]])
        A, b = rows[sides.equal], d.row_upper[sides.equal]
        bounded = bool(np.isfinite(d.lower).any() or np.isfinite(d.upper).any())
        # Its unconstrained case leaves the solver: an empty box keeps it there.
        box = bounded or not (h.size or b.size)
        return Problem(
            P=self._P.copy(),
            q=d.q.copy(),
            G=csc_matrix(G) if h.size else None,
            h=h if h.size else None,
            A=csc_matrix(A) if b.size else None,
            b=b if b.size else None,
            lb=d.lower.copy() if box else None,
            ub=d.upper.copy() if box else None,
        )

    def _called(self, problem: Any) -> Any:
        from qpsolvers import solve_problem

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the status says the same
                return solve_problem(problem, solver=self._engine, **self._options)
        except Exception as error:
            raise BackendError(
                f"qpsolvers:{self._engine} failed: {error}; expected an answer or "
                "a status"
            ) from error

    def _answer(
        self, d: Parameters, found: Any, sides: _Sides, solve_s: float
    ) -> Solution:
        engine = ENGINES[self._engine]
        status = engine.status(found.extras)
        ended = engine.terminations.get(status, Termination.UNKNOWN)
        x = None if found.x is None else np.array(found.x, dtype=np.float64)
        has_point = ended in HAS_POINT and x is not None and np.isfinite(x).all()
        y = None
        if has_point:
            y = sides.multipliers(np.asarray(found.y), np.asarray(found.z))
        return Solution(
            termination=ended,
            native_status=status,
            x=x if has_point else None,
            y=y,
            objective=objective(self._structure, d, x)
            if has_point and x is not None
            else None,
            bound=None,
            solve_s=solve_s,
            iterations=engine.iterations(found.extras),
        )


@final
class QpSolvers:
    """The ``qpsolvers`` backend with one engine.

    Raises
    ------
    BackendNotFound
        No engine has that name.
    """

    def __init__(self, engine: str = "piqp") -> None:
        found = find_engine(engine)
        self._engine = engine
        self.info = BackendInfo(
            name=f"qpsolvers:{engine}",
            library=f"qpsolvers + {found.package}",
            version=f"{version_of('qpsolvers')} + {version_of(found.package)}",
            solves=found.solves,
            services=found.services,
        )

    def probe(self) -> tuple[Availability, ...]:
        """Engines, each tried on two columns."""
        return tuple(
            availability(name, missing(name) or _failure(name)) for name in ENGINES
        )

    def compile(self, structure: Structure, settings: Settings) -> QpSession:
        """Translate once what accounts share.

        Raises
        ------
        UnsupportedProgram, UnsupportedService
            The program is outside what the engine declares.
        BackendNotFound
            qpsolvers or the engine is not installed.
        SettingError
            A native setting that the engine does not know.
        """
        require(self.info, structure)
        lacking = missing(self._engine)
        if lacking:
            raise BackendNotFound(
                f"{self.info.name} is not installed, expected it to be; {lacking}"
            )
        check_convex(structure)
        return QpSession(self._engine, structure, settings)


def _failure(name: str) -> str:
    r"""What is wrong with :math:`\min \tfrac12 \|x\|^2, x_1 + x_2 = 1`, or nothing."""
    one = np.ones(1)
    structure = Structure(
        P=sparse(eye_array(2)),
        A=sparse(np.ones((1, 2))),
        integer=np.zeros(2, dtype=np.bool_),
        columns={"x": slice(0, 2)},
        rows={"sum": slice(0, 1)},
    )
    account = Parameters(
        q=np.zeros(2),
        row_lower=one,
        row_upper=one,
        lower=np.zeros(2),
        upper=np.ones(2),
    )
    try:
        answer = QpSolvers(name).compile(structure, Settings()).solve(account)
    except SmaError as error:
        return str(error)
    if answer.objective is not None and abs(answer.objective - 0.25) < RIGHT_TO:
        return ""
    return f"two columns end in {answer.native_status!r}"
