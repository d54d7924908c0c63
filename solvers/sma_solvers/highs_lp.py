"""LPs, MILPs and convex QPs by HiGHS, https://highs.dev. No MIQP."""

from time import perf_counter
from typing import Any, Final, final

import highspy
import numpy as np

from sma_research.arrays import Matrix, Vector
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
    require,
)
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.solution import Incumbent, Solution, Termination
from sma_research.program.watch import Watch
from sma_solvers.highs_model import native_model, require_ok, run_watched, set_options
from sma_solvers.highs_native import SilentHighs

_S: Any = highspy.HighsModelStatus
_ERROR: Any = highspy.HighsStatus.kError
STATUS: Final = {
    _S.kOptimal: Termination.OPTIMAL,
    _S.kModelEmpty: Termination.OPTIMAL,
    _S.kInfeasible: Termination.INFEASIBLE,
    _S.kUnbounded: Termination.UNBOUNDED,
    _S.kUnboundedOrInfeasible: Termination.INFEASIBLE_OR_UNBOUNDED,
    _S.kTimeLimit: Termination.TIME_LIMIT,
    _S.kIterationLimit: Termination.ITERATION_LIMIT,
    _S.kSolutionLimit: Termination.ITERATION_LIMIT,
    _S.kInterrupt: Termination.INTERRUPTED,
    _S.kHighsInterrupt: Termination.INTERRUPTED,
    _S.kSolveError: Termination.NUMERICAL_ERROR,
    _S.kPresolveError: Termination.NUMERICAL_ERROR,
    _S.kPostsolveError: Termination.NUMERICAL_ERROR,
}
NO_POINT: Final = {
    Termination.INFEASIBLE, Termination.UNBOUNDED,
    Termination.INFEASIBLE_OR_UNBOUNDED, Termination.NUMERICAL_ERROR,
}  # fmt: skip


@final
class HighsSession:
    """One native model; each account overwrites its costs and bounds.

    Every account starts cold, so that its answer does not depend on the
    accounts before it. With rows added to an LP the last basis is kept: the
    next solve is a few dual simplex steps.
    """

    def __init__(self, structure: Structure, settings: Settings) -> None:
        self._structure = structure
        self._is_mip = bool(structure.integer.any())
        self._added = 0
        self._highs: Any = SilentHighs()
        set_options(self._highs, settings)
        self._limit_s = float(self._highs.getOptionValue("time_limit")[1])
        require_ok(self._highs.passModel(native_model(structure)), "the model")

    def add_rows(self, A: Matrix, row_lower: Vector, row_upper: Vector) -> None:
        """Add rows, ``A`` is (any, p)."""
        rows, sides = A.tocsr(), np.stack([row_lower, row_upper])
        count, p = rows.shape
        if p != self._structure.integer.size or sides.shape != (2, count):
            raise DataError(f"rows are {rows.shape}, their sides {sides.shape[1:]}")
        if not np.isfinite(rows.data).all() or np.isnan(sides).any():
            raise DataError("an added row holds NaN or an infinite coefficient")
        require_ok(
            self._highs.addRows(
                count, row_lower, row_upper,
                rows.nnz, rows.indptr[:-1], rows.indices, rows.data,
            ),
            "added rows",
        )  # fmt: skip
        self._added += count

    def clear_rows(self) -> None:
        """Forget all added rows."""
        r = self._structure.A.shape[0]
        places = np.arange(r, r + self._added, dtype=np.int32)
        require_ok(self._highs.deleteRows(places.size, places), "deleted rows")
        self._added = 0

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account.

        Raises
        ------
        DataError
            Shapes that do not fit, or NaN, for which HiGHS says "Optimal".
        BackendError
            HiGHS failed without a status.
        """
        point = check_account(self._structure, parameters, start)
        crossed = crossed_bounds(parameters)
        if crossed:
            return crossed
        self._load(parameters, point)
        watch = Watch(observe)
        # The thread count belongs to the process, and the last session set it.
        highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003
        began = perf_counter()
        run = run_watched(self._highs, watch) if self._is_mip else self._highs.run()
        elapsed = perf_counter() - began
        return self._answer(run, watch.close(), elapsed)

    def _load(self, d: Parameters, start: Vector | None) -> None:
        highs = self._highs
        p, r = d.q.size, d.row_lower.size
        columns, rows = np.arange(p, dtype=np.int32), np.arange(r, dtype=np.int32)
        if not (self._added and self._structure.problem_class is ProblemClass.LP):
            require_ok(highs.clearSolver(), "a cold start")
        require_ok(highs.changeColsCost(p, columns, d.q), "q")
        require_ok(highs.changeColsBounds(p, columns, d.lower, d.upper), "bounds")
        require_ok(highs.changeRowsBounds(r, rows, d.row_lower, d.row_upper), "rows")
        require_ok(highs.changeObjectiveOffset(d.r), "r")
        if not self._is_mip:
            # The clock of LPs and QPs runs on from one account to the next.
            highs.setOptionValue("time_limit", self._limit_s + highs.getRunTime())
        if start is not None:
            point = highspy.HighsSolution()
            point.col_value = start
            highs.setSolution(point)

    def _answer(
        self, run: Any, seen: tuple[Incumbent, ...], elapsed: float
    ) -> Solution:
        highs = self._highs
        info, status = highs.getInfo(), highs.getModelStatus()
        termination = STATUS.get(status, Termination.UNKNOWN)
        name = highs.modelStatusToString(status)
        if run == _ERROR and termination is not Termination.NUMERICAL_ERROR:
            raise BackendError(f"highs failed without a status (it says {name!r})")
        feasible = info.primal_solution_status == highspy.kSolutionStatusFeasible
        if termination is Termination.OPTIMAL and not feasible:
            termination = Termination.NUMERICAL_ERROR
        has_point = feasible and termination not in NO_POINT
        native = highs.getSolution()
        has_duals = has_point and not self._is_mip and native.dual_valid
        value = float(info.objective_function_value) if has_point else None
        return Solution(
            termination=termination,
            native_status=name,
            x=np.array(native.col_value) if has_point else None,
            # HiGHS duals are the negative of ours.
            y=-np.array(native.row_dual) if has_duals else None,
            objective=value,
            bound=self._bound(info, value),
            solve_s=elapsed,
            iterations=max(info.simplex_iteration_count, info.qp_iteration_count, 0),
            nodes=int(info.mip_node_count) if self._is_mip else None,
            incumbents=seen,
        )

    def _bound(self, info: Any, value: float | None) -> float | None:
        if not self._is_mip:
            return value if self._highs.getModelStatus() == _S.kOptimal else None
        bound = float(info.mip_dual_bound)
        return bound if np.isfinite(bound) else None


@final
class Highs:
    """The ``highs`` backend."""

    info = BackendInfo(
        name="highs",
        library="highspy",
        version=str(SilentHighs().version()),
        solves=frozenset({ProblemClass.LP, ProblemClass.QP, ProblemClass.MILP}),
        services=frozenset(Service) - {Service.ON_OFF, Service.CONES},
    )

    def probe(self) -> tuple[Availability, ...]:
        """Try the engine on two columns."""
        return try_engine(self)

    def compile(self, structure: Structure, settings: Settings) -> HighsSession:
        """Translate once what accounts share."""
        require(self.info, structure)
        check_convex(structure)
        return HighsSession(structure, settings)
