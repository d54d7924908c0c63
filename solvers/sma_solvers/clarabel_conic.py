"""LPs, QPs and programs with caps and cones by Clarabel, https://clarabel.org."""

from time import perf_counter
from typing import Any, Final, final

import clarabel
import numpy as np
from scipy.sparse import csc_matrix, triu

from sma_research.arrays import Vector
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
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.solution import Solution, Termination
from sma_solvers.clarabel_cones import (
    ConicForm,
    conic_form,
    multipliers,
    shared_rows,
)

_S: Any = clarabel.SolverStatus
STATUS: Final = {
    str(_S.Solved): Termination.OPTIMAL,
    str(_S.PrimalInfeasible): Termination.INFEASIBLE,
    str(_S.DualInfeasible): Termination.UNBOUNDED,
    str(_S.MaxIterations): Termination.ITERATION_LIMIT,
    str(_S.MaxTime): Termination.TIME_LIMIT,
    str(_S.AlmostSolved): Termination.OPTIMAL,
    str(_S.AlmostPrimalInfeasible): Termination.NUMERICAL_ERROR,
    str(_S.AlmostDualInfeasible): Termination.NUMERICAL_ERROR,
    str(_S.NumericalError): Termination.NUMERICAL_ERROR,
    str(_S.InsufficientProgress): Termination.NUMERICAL_ERROR,
}
# After the others the vector is a direction, or nothing.
HAS_POINT: Final = {
    str(_S.Solved), str(_S.AlmostSolved), str(_S.MaxIterations), str(_S.MaxTime),
    str(_S.InsufficientProgress),
}  # fmt: skip


@final
class ClarabelSession:
    """The matrices accounts share; each account builds its own solver.

    An account decides which sides exist and which of them are equations, and
    Clarabel scales by the costs too. Updating a native solver in place would
    make an answer depend on the account before it.
    """

    def __init__(self, structure: Structure, settings: Settings) -> None:
        self._structure = structure
        # An interior point stops short of its bounds, and multipliers of cones are
        # good to the square root of the gap: aim far below what is asked, and take
        # what is asked ("almost solved") where that fails. It costs two steps.
        aim = settings.tolerance * (1e-4 if structure.caps else 1e-3)
        self._settings = _native_settings(settings, aim)
        self._modest = _native_settings(settings, settings.tolerance)
        self._limit_s = settings.time_limit_s
        self._P = csc_matrix(triu(structure.P, format="csc"))
        self._shared = shared_rows(structure)

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        refuse(Clarabel.info, Service.INCUMBENTS, observe)
        refuse(Clarabel.info, Service.PRIMAL_START, start)
        check_account(self._structure, parameters, None)
        crossed = crossed_bounds(parameters)
        if crossed:
            return crossed
        form = conic_form(self._structure, parameters, self._shared)
        began = perf_counter()
        native = self._run(parameters, form, self._settings)
        if str(native.status) == str(_S.NumericalError):
            # Rounding ended it on the way to a gap that nobody asked for.
            left = self._limit_s - (perf_counter() - began)
            self._modest.time_limit = max(left, 1e-3)
            native = self._run(parameters, form, self._modest)
        return self._answer(parameters, form, native, perf_counter() - began)

    def _run(self, d: Parameters, form: ConicForm, settings: Any) -> Any:
        try:
            return clarabel.DefaultSolver(
                self._P, d.q, form.A, form.b, form.cones, settings
            ).solve()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of the library is no Exception
            raise BackendError(f"clarabel failed: {error}") from error

    def _answer(
        self, d: Parameters, form: ConicForm, native: Any, elapsed: float
    ) -> Solution:
        name, x = str(native.status), np.array(native.x)
        has_point = name in HAS_POINT and bool(np.isfinite(x).all())
        y, cap_y = multipliers(form, np.array(native.z), len(self._structure.caps))
        return Solution(
            termination=STATUS.get(name, Termination.UNKNOWN),
            native_status=name,
            x=x if has_point else None,
            y=y[: d.row_lower.size] if has_point else None,
            cap_y=cap_y if has_point else None,
            objective=float(native.obj_val) + d.r if has_point else None,
            bound=None,
            solve_s=elapsed,
            iterations=int(native.iterations),
        )


def _native_settings(settings: Settings, gap: float) -> Any:
    native, tolerance = clarabel.DefaultSettings.default(), settings.tolerance
    values: dict[str, object] = {
        "verbose": False,
        "tol_feas": min(tolerance * 1e-2, 1e-8),
        "tol_gap_abs": gap,
        "tol_gap_rel": gap,
        "reduced_tol_feas": tolerance,
        "reduced_tol_gap_abs": tolerance,
        "reduced_tol_gap_rel": tolerance,
        "max_threads": settings.threads,
        "time_limit": settings.time_limit_s,
        **settings.native,
    }
    known = {name for name in dir(native) if not name.startswith("_")} - {"default"}
    for name, value in values.items():
        if name not in known:
            raise SettingError(
                f"clarabel has no setting {name!r}; it has {', '.join(sorted(known))}"
            )
        try:
            setattr(native, name, value)
        except (TypeError, ValueError, OverflowError) as error:
            raise SettingError(f"clarabel setting {name}={value!r}: {error}") from error
    return native


@final
class Clarabel:
    """The ``clarabel`` backend."""

    info = BackendInfo(
        name="clarabel",
        library="clarabel",
        version=str(clarabel.__version__),
        solves=frozenset({ProblemClass.LP, ProblemClass.QP, ProblemClass.QCP}),
        services=frozenset({Service.DUALS, Service.TIME_LIMIT, Service.CONES}),
    )

    def probe(self) -> tuple[Availability, ...]:
        """Try the engine on two columns."""
        return try_engine(self)

    def compile(self, structure: Structure, settings: Settings) -> ClarabelSession:
        """Translate once what accounts share."""
        require(self.info, structure)
        check_convex(structure)
        return ClarabelSession(structure, settings)
