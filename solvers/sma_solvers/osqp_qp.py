r"""LPs and convex QPs by operator splitting, https://osqp.org.

OSQP needs curvature: without it, 100 000 steps end far from most vertices. An LP
is therefore solved by the proximal point method, each step a QP with the same
matrices, :math:`\min q^T x + \tfrac\delta2 \|x - x_k\|^2`. It ends at the exact
optimum after a few steps (Rockafellar 1976, doi:10.1137/0314056).
"""

from time import perf_counter
from typing import Any, Final, final

import numpy as np
import osqp
from scipy.sparse import csc_matrix, eye_array, triu, vstack

from sma_research.arrays import Vector
from sma_research.errors import BackendError, DataError
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
from sma_solvers.osqp_settings import options, quiet_solve

_S: Any = osqp.SolverStatus
STATUS: Final = {
    _S.OSQP_SOLVED: Termination.OPTIMAL,
    _S.OSQP_SOLVED_INACCURATE: Termination.ITERATION_LIMIT,
    _S.OSQP_PRIMAL_INFEASIBLE: Termination.INFEASIBLE,
    _S.OSQP_DUAL_INFEASIBLE: Termination.UNBOUNDED,
    _S.OSQP_PRIMAL_INFEASIBLE_INACCURATE: Termination.ITERATION_LIMIT,
    _S.OSQP_DUAL_INFEASIBLE_INACCURATE: Termination.ITERATION_LIMIT,
    _S.OSQP_MAX_ITER_REACHED: Termination.ITERATION_LIMIT,
    _S.OSQP_TIME_LIMIT_REACHED: Termination.TIME_LIMIT,
    _S.OSQP_SIGINT: Termination.INTERRUPTED,
    _S.OSQP_NON_CVX: Termination.NUMERICAL_ERROR,
}
# After any other status the vector holds a direction, or numbers like 2e9.
HAS_POINT: Final = {
    _S.OSQP_SOLVED, _S.OSQP_SOLVED_INACCURATE, _S.OSQP_MAX_ITER_REACHED,
    _S.OSQP_TIME_LIMIT_REACHED,
}  # fmt: skip
INFINITY: Final = osqp.constant("OSQP_INFTY")
DELTA: Final = 0.01  # proximal weight, for costs scaled to a largest entry of one
STEPS: Final = 1000  # proximal steps


@final
class OsqpSession:
    """One factorized KKT matrix; each account only changes vectors.

    The scaling is found once, from the matrices alone, and every account
    starts from zero with the first step size: its answer does not depend on
    the accounts before it.
    """

    def __init__(self, structure: Structure, settings: Settings) -> None:
        self._structure, (r, p) = structure, structure.A.shape
        self._is_lp = structure.problem_class is ProblemClass.LP
        self._options = options(settings)
        self._moved = False  # whether the last account left another step size
        # OSQP has no separate column bounds: they become rows.
        A = csc_matrix(vstack([structure.A, eye_array(p)], format="csc"))
        P = DELTA * eye_array(p) if self._is_lp else triu(structure.P)
        free = np.full(r + p, np.inf)
        self._model = osqp.OSQP()
        try:
            self._model.setup(
                csc_matrix(P), np.zeros(p), A, -free, free, **self._options
            )
        except (ValueError, osqp.OSQPException) as error:
            raise BackendError(
                f"osqp refused the set-up ({error}); expected P positive "
                "semidefinite and native settings in range"
            ) from error

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        refuse(Osqp.info, Service.INCUMBENTS, observe)
        d = parameters
        point = check_account(self._structure, d, start)
        crossed = crossed_bounds(d)
        if crossed:
            # OSQP would keep the bounds of the account before and say "solved".
            return crossed
        began = perf_counter()
        low = np.concatenate([d.row_lower, d.lower])
        high = np.concatenate([d.row_upper, d.upper])
        if (low >= INFINITY).any() or (high <= -INFINITY).any():
            raise DataError(f"osqp reads {INFINITY:.0e} as infinity; scale the program")
        self._model.update(l=low, u=high)
        if self._moved:
            self._model.update_settings(rho=self._options["rho"])
        x = np.zeros(d.q.size) if point is None else point
        self._model.warm_start(x=x, y=np.zeros(low.size))
        if self._is_lp:
            return self._linear(d, x, began)
        self._model.update(q=d.q)
        return self._answer(d, self._run(began), began)

    def _linear(self, d: Parameters, x: Vector, began: float) -> Solution:
        scale = float(np.abs(d.q).max(initial=0.0)) or 1.0
        iterations = 0
        for _ in range(STEPS):
            self._model.update(q=d.q / scale - DELTA * x)
            result = self._run(began)
            iterations += int(result.info.iter)
            if result.info.status_val != _S.OSQP_SOLVED:
                break
            step, x = result.x - x, np.array(result.x)
            if DELTA * np.abs(step).max(initial=0.0) <= 0.5 * self._options["eps_abs"]:
                break
            if self._escapes(d, step):
                result.info.status_val = _S.OSQP_DUAL_INFEASIBLE
                result.info.status = "a step that may be repeated for ever"
                break
        else:
            result.info.status_val = _S.OSQP_MAX_ITER_REACHED
            result.info.status = f"{STEPS} proximal steps"
        result.y, result.info.iter = scale * result.y, iterations
        return self._answer(d, result, began)

    def _escapes(self, d: Parameters, step: Vector) -> bool:
        """Whether a step lowers the cost and no row or bound ever ends it."""
        size, small = float(np.abs(step).max()), self._options["eps_abs"]
        rows, columns = np.asarray(self._structure.A @ step) / size, step / size
        down = np.append(rows[d.row_lower > -np.inf], columns[d.lower > -np.inf])
        up = np.append(rows[d.row_upper < np.inf], columns[d.upper < np.inf])
        free = (down >= -small).all() and (up <= small).all()
        return bool(size > 1.0 and d.q @ step < 0 and free)

    def _run(self, began: float) -> Any:
        set_ = self._model.update_settings
        left = self._options["time_limit"] - (perf_counter() - began)
        set_(time_limit=max(left, 1e-9), polishing=self._options["polishing"])
        result = quiet_solve(self._model)
        worst = max(result.info.prim_res, result.info.dual_res)
        solved = result.info.status_val == _S.OSQP_SOLVED
        if solved and worst > 10 * self._options["eps_abs"]:
            # Polishing may replace a solved point by a worse one (osqp #790).
            set_(polishing=0)
            self._model.warm_start(x=0 * result.x, y=0 * result.y)
            result = quiet_solve(self._model)
        self._moved |= bool(result.info.rho_updates)
        return result

    def _answer(self, d: Parameters, result: Any, began: float) -> Solution:
        status, x = _S(result.info.status_val), np.array(result.x)
        has_point = status in HAS_POINT and bool(np.isfinite(x).all())
        return Solution(
            termination=STATUS.get(status, Termination.UNKNOWN),
            native_status=str(result.info.status),
            x=x if has_point else None,
            y=np.array(result.y[: d.row_lower.size]) if has_point else None,
            objective=objective(self._structure, d, x) if has_point else None,
            bound=None,
            solve_s=perf_counter() - began,
            iterations=int(result.info.iter),
        )


@final
class Osqp:
    """The ``osqp`` backend."""

    info = BackendInfo(
        name="osqp",
        library="osqp",
        version=osqp.__version__,
        solves=frozenset({ProblemClass.LP, ProblemClass.QP}),
        services=frozenset({Service.DUALS, Service.PRIMAL_START, Service.TIME_LIMIT}),
    )

    def probe(self) -> tuple[Availability, ...]:
        """Try the engine on two columns."""
        return try_engine(self)

    def compile(self, structure: Structure, settings: Settings) -> OsqpSession:
        """Translate once what accounts share."""
        require(self.info, structure)
        check_convex(structure)
        return OsqpSession(structure, settings)
