"""What HiGHS is told: its options, and one program as a native model."""

from typing import Any, Final

import highspy
import numpy as np
from scipy.sparse import csc_array, tril

from sma_research.errors import BackendError, SettingError
from sma_research.program.backend import Settings
from sma_research.program.form import Structure
from sma_research.program.solution import Incumbent
from sma_research.program.watch import Watch

# Tighter than its defaults HiGHS calls feasible programs infeasible (its #3258).
TIGHTEST: Final = {
    "primal_feasibility_tolerance": 1e-7,
    "dual_feasibility_tolerance": 1e-7,
    "mip_feasibility_tolerance": 1e-6,
}


def _options(settings: Settings) -> dict[str, object]:
    tolerances = {
        name: max(settings.tolerance, least) for name, least in TIGHTEST.items()
    }
    return {
        "output_flag": False,
        **tolerances,
        "mip_rel_gap": settings.relative_gap,
        "time_limit": settings.time_limit_s,
        "threads": settings.threads,
        "random_seed": settings.seed,
        **settings.native,
    }


def native_model(s: Structure) -> Any:
    """Matrices and kinds of columns; costs and sides are an account's."""
    r, p = s.A.shape
    model = highspy.HighsModel()
    lp = model.lp_
    lp.num_col_, lp.num_row_ = p, r
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(p), np.zeros(p), np.zeros(p)
    lp.row_lower_, lp.row_upper_ = np.full(r, -np.inf), np.full(r, np.inf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = s.A.indptr, s.A.indices
    lp.a_matrix_.value_ = s.A.data
    if s.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in s.integer]
    if s.P.count_nonzero():
        # HiGHS before 1.14 silently ignored an upper triangle.
        P = csc_array(tril(s.P, format="csc"))
        model.hessian_.dim_ = p
        model.hessian_.start_, model.hessian_.index_ = P.indptr, P.indices
        model.hessian_.value_ = P.data
    return model


def set_options(highs: Any, settings: Settings) -> None:
    """Hand over every option.

    Raises
    ------
    SettingError
        HiGHS has no such option, or takes no such value.
    """
    for name, value in _options(settings).items():
        try:
            accepted = highs.setOptionValue(name, value) == highspy.HighsStatus.kOk
        except TypeError:
            accepted = False
        if not accepted:
            raise SettingError(
                f"highs does not take the option {name}={value!r}; its options, types "
                "and ranges are listed at https://highs.dev"
            )


def require_ok(status: Any, what: str) -> None:
    """Turn a native error code into an exception.

    Raises
    ------
    BackendError
        Names what HiGHS refused.
    """
    if status == highspy.HighsStatus.kError:
        raise BackendError(f"highs refused {what}")


def run_watched(highs: Any, watch: Watch) -> Any:
    """Run a search, incumbents going to the watch."""

    def on_incumbent(event: Any) -> None:
        data = event.data_out
        watch.note(
            Incumbent(
                elapsed_s=data.running_time,
                objective=data.objective_function_value,
                bound=data.mip_dual_bound,
            )
        )

    def on_pause(event: Any) -> None:
        event.data_in.user_interrupt = watch.stop

    # `cancelSolve` does nothing unless HandleUserInterrupt is on; this event does.
    highs.cbMipImprovingSolution.subscribe(on_incumbent)
    highs.cbMipInterrupt.subscribe(on_pause)
    try:
        return highs.run()
    finally:
        highs.cbMipImprovingSolution.unsubscribe(on_incumbent)
        highs.cbMipInterrupt.unsubscribe(on_pause)
