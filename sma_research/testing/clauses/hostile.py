"""Programs that are none, numbers that are absurd, engines that are not there."""

from dataclasses import replace

import numpy as np

from sma_research.errors import BackendError, SmaError
from sma_research.program.backend import Backend, Licence, Settings
from sma_research.program.form import Parameters, ProblemClass
from sma_research.program.solution import Solution, Termination
from sma_research.testing import programs
from sma_research.testing.clauses.base import (
    ConformanceError,
    clause,
    demand,
    supported,
)
from sma_research.testing.programs import Case


@clause("0.1", ProblemClass.QP)
def never_calls_a_saddle_optimal(backend: Backend) -> None:
    """A Hessian that is not positive semidefinite is an error, not an answer."""
    case = programs.saddle()

    def act() -> Solution:
        return backend.compile(case.structure, Settings()).solve(case.parameters)

    try:
        solution = act()
    except SmaError:
        return
    demand(
        solution.termination is not Termination.OPTIMAL,
        f"calls {solution.x} the optimum of a saddle",
    )


@clause("0.1", ProblemClass.QP)
def native_errors_have_a_cause(backend: Backend) -> None:
    """Whatever the library does with absurd numbers, only our errors get out."""
    case = programs.kkt_qp(0)
    d = case.parameters
    for account in (
        replace(d, q=d.q * 1e150),
        replace(d, lower=d.lower - 1e200, upper=d.upper + 1e200),
        replace(d, row_lower=d.row_upper + 1e150, row_upper=d.row_upper + 1e150),
    ):
        try:
            session = backend.compile(case.structure, Settings(time_limit_s=1.0))
            _plausible(account, case, session.solve(account))
        except ConformanceError:
            raise
        except BackendError as error:
            demand(
                error.__cause__ is not None or error.__context__ is None,
                f"{error!r} hides the native exception it came from",
            )
        except SmaError:
            continue
        except Exception as error:
            raise ConformanceError(
                f"{type(error).__name__} got out: {error}"
            ) from error


def _plausible(account: Parameters, case: Case, solution: Solution) -> None:
    """Demand that a claimed optimum is not an answer to other numbers."""
    if solution.termination is Termination.OPTIMAL and solution.x is not None:
        rows = np.asarray(case.structure.A @ solution.x)
        off = np.maximum(account.row_lower - rows, rows - account.row_upper)
        size = 1.0 + float(np.abs(rows).max())
        demand(
            off.max() <= 1e-3 * size, f"calls a point optimal that is {off.max()} off"
        )


@clause("0.1")
def probe_tells_the_truth(backend: Backend) -> None:
    """`probe` reports engines; one that is usable solves, one that is not says why."""
    engines = backend.probe()
    demand(engines, "probe reports no engine at all")
    for engine in engines:
        demand(engine.engine and engine.version, f"{engine} has no name or version")
        demand(
            engine.usable or engine.missing,
            f"{engine.engine} is not usable, and nobody is told what to do",
        )
        demand(
            not engine.usable or engine.licence is not Licence.MISSING,
            f"{engine.engine} is usable without its licence",
        )
    if any(engine.usable for engine in engines):
        case = supported(backend)
        solution = backend.compile(case.structure, Settings()).solve(case.parameters)
        demand(solution.x is not None, f"usable, but ends {solution.native_status}")


CHECKS = (
    never_calls_a_saddle_optimal,
    native_errors_have_a_cause,
    probe_tells_the_truth,
)
