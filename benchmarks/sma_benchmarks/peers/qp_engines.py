"""The solvers that qpsolvers drives, as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final

from sma_benchmarks.peers.peer import version_of
from sma_research.errors import BackendNotFound, SettingError
from sma_research.program.backend import Availability, Licence, Service, Settings
from sma_research.program.form import ProblemClass
from sma_research.program.solution import Termination

Options = dict[str, object]
# A small residual leaves a column at 1e-5 from a bound that holds it: both engines
# are cheap to run further.
TIGHT: Final = 1e-2


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One solver behind qpsolvers."""

    module: str  # must be importable
    package: str  # holds it, on PyPI
    solves: frozenset[ProblemClass] = frozenset({ProblemClass.LP, ProblemClass.QP})
    services: frozenset[Service] = frozenset({Service.DUALS})
    options: Callable[[Settings], Options]
    native: Callable[[], tuple[str, ...]]  # names of its own settings
    status: Callable[[Any], str]  # native status, from what qpsolvers keeps of it
    iterations: Callable[[Any], int]
    terminations: Mapping[str, Termination]


def _piqp_options(settings: Settings) -> Options:
    tight = TIGHT * settings.tolerance
    return {
        "eps_abs": tight,
        "eps_rel": 0.0,
        "eps_duality_gap_abs": tight,
        "eps_duality_gap_rel": tight,
        "max_iter": 1000,
    }


def _piqp_native() -> tuple[str, ...]:
    import piqp

    return _public(piqp.SparseSolver().settings)


def _proxqp_options(settings: Settings) -> Options:
    tight = TIGHT * settings.tolerance
    return {
        "eps_abs": tight,
        "eps_rel": 0.0,
        # Without it, "solved" may be 3.5e-2 from the optimum at any tolerance.
        "check_duality_gap": True,
        "eps_duality_gap_abs": tight,
        "eps_duality_gap_rel": tight,
        "max_iter": 10_000,
    }


def _proxqp_native() -> tuple[str, ...]:
    # The settings its `solve` takes; its others cannot be reached from qpsolvers.
    return (
        "backend", "check_duality_gap", "compute_preconditioner", "compute_timings",
        "default_H_eigenvalue_estimate", "eps_abs", "eps_duality_gap_abs",
        "eps_duality_gap_rel", "eps_rel", "initial_guess", "max_iter", "mu_eq", "mu_in",
        "primal_infeasibility_solving", "rho", "sparse_backend",
    )  # fmt: skip


def _scs_options(settings: Settings) -> Options:
    limit = settings.time_limit_s
    return {
        "eps_abs": 0.1 * settings.tolerance,  # SCS measures in a scaling of its own
        "eps_rel": 0.0,
        "eps_infeas": 0.1 * settings.tolerance,
        "max_iters": 200_000,
        **({"time_limit_secs": limit} if limit < float("inf") else {}),
    }


def _scs_native() -> tuple[str, ...]:
    return (
        "acceleration_interval", "acceleration_lookback", "adaptive_scale", "alpha",
        "eps_abs", "eps_infeas", "eps_rel", "max_iters", "normalize", "rho_x", "scale",
        "time_limit_secs",
    )  # fmt: skip


def _public(thing: object) -> tuple[str, ...]:
    return tuple(name for name in dir(thing) if not name.startswith("_"))


ENGINES: Final = MappingProxyType({
    "piqp": Engine(
        module="piqp", package="piqp",
        options=_piqp_options, native=_piqp_native,
        status=lambda kept: str(kept["info"].status).rpartition(".")[2],
        iterations=lambda kept: int(kept["info"].iter),
        terminations=MappingProxyType({
            "PIQP_SOLVED": Termination.OPTIMAL,
            "PIQP_MAX_ITER_REACHED": Termination.ITERATION_LIMIT,
            "PIQP_PRIMAL_INFEASIBLE": Termination.INFEASIBLE,
            "PIQP_DUAL_INFEASIBLE": Termination.UNBOUNDED,
            "PIQP_NUMERICS": Termination.NUMERICAL_ERROR,
        }),
    ),
    "proxqp": Engine(
        module="proxsuite", package="proxsuite",
        # It calls LPs that have an optimum infeasible.
        solves=frozenset({ProblemClass.QP}),
        options=_proxqp_options, native=_proxqp_native,
        status=lambda kept: str(kept["info"].status).rpartition(".")[2],
        iterations=lambda kept: int(kept["info"].iter),
        terminations=MappingProxyType({
            "PROXQP_SOLVED": Termination.OPTIMAL,
            "PROXQP_MAX_ITER_REACHED": Termination.ITERATION_LIMIT,
            "PROXQP_PRIMAL_INFEASIBLE": Termination.INFEASIBLE,
            "PROXQP_DUAL_INFEASIBLE": Termination.UNBOUNDED,
            "PROXQP_SOLVED_CLOSEST_PRIMAL_FEASIBLE": Termination.INFEASIBLE,
        }),
    ),
    "scs": Engine(
        module="scs", package="scs",
        services=frozenset({Service.DUALS, Service.TIME_LIMIT}),
        options=_scs_options, native=_scs_native,
        status=lambda kept: str(kept["status"]),
        iterations=lambda kept: int(kept["iter"]),
        terminations=MappingProxyType({
            "solved": Termination.OPTIMAL,
            "solved (inaccurate)": Termination.ITERATION_LIMIT,
            "solved (inaccurate - reached max_iters)": Termination.ITERATION_LIMIT,
            "solved (inaccurate - reached time_limit_secs)": Termination.TIME_LIMIT,
            "infeasible": Termination.INFEASIBLE,
            "unbounded": Termination.UNBOUNDED,
            "interrupted": Termination.INTERRUPTED,
            "failure": Termination.NUMERICAL_ERROR,
        }),
    ),
})  # fmt: skip


def find_engine(name: str) -> Engine:
    """An engine by name.

    Raises
    ------
    BackendNotFound
        Names the engines there are.
    """
    if name not in ENGINES:
        raise BackendNotFound(
            f"qpsolvers has no engine {name!r} here, expected one of "
            f"{', '.join(ENGINES)}"
        )
    return ENGINES[name]


def options(name: str, settings: Settings) -> Options:
    """Settings by the engine's names.

    Raises
    ------
    SettingError
        A native setting the engine does not have.
    """
    engine = ENGINES[name]
    known = engine.native() if settings.native else ()
    for native in settings.native:
        if native not in known:
            raise SettingError(
                f"qpsolvers:{name} has no setting {native!r}; it has {', '.join(known)}"
            )
    return {**engine.options(settings), **settings.native}


def missing(name: str) -> str:
    """How to install what an engine lacks, or nothing."""
    engine = ENGINES[name]
    if find_spec("qpsolvers") and find_spec(engine.module):
        return ""
    return f"pip install qpsolvers {engine.package}"


def availability(name: str, failure: str) -> Availability:
    """What there is to say of an engine that failed, or did not."""
    return Availability(
        engine=f"qpsolvers:{name}",
        version=version_of(ENGINES[name].package),
        usable=not failure,
        licence=Licence.FREE,
        missing=failure,
    )
