"""The engines that Pyomo drives, as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Final

from sma_research.errors import (
    BackendError,
    BackendNotFound,
    LicenceError,
    SettingError,
)
from sma_research.program.backend import Licence, Service, Settings
from sma_research.program.form import ProblemClass
from sma_research.program.licences import says_unlicensed
from sma_solvers.pyomo_names import Pyomo
from sma_solvers.pyomo_options import (
    CPLEX,
    GUROBI,
    HIGHS,
    MOSEK,
    SCIP,
    XPRESS,
    Options,
    native_values,
)
from sma_solvers.pyomo_runs import (
    Answer,
    Question,
    make_newer,
    make_older,
    quiet,
    run_highs,
    run_older,
    run_scip,
)

UNLICENSED: Final = "licensingProblems"  # a condition of Pyomo
COMMON: Final = frozenset({Service.BOUND, Service.TIME_LIMIT, Service.CUTS})


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One solver behind Pyomo."""

    interface: str  # Pyomo's name for it
    module: str  # must be importable
    package: str  # holds the module, on PyPI
    install: str  # how to get it
    licence: Licence = Licence.LICENSED  # what a full licence is
    solves: frozenset[ProblemClass] = frozenset(ProblemClass)
    services: frozenset[Service] = COMMON | {Service.CONES}
    options: Options  # settings that every backend understands
    fixed: Mapping[str, object]  # native settings that are not the caller's
    # Native settings that the caller may change.
    usual: Mapping[str, object] = field(default_factory=dict)
    is_text: bool = False  # whether it takes its settings as text
    is_newer: bool = False  # whether it is a solver of `pyomo.contrib.solver`
    run: Callable[[Pyomo, Question], Answer] = run_older


ENGINES: Final = MappingProxyType(
    {
        "highs": Engine(
            interface="highs",
            module="highspy",
            package="highspy",
            install="pip install highspy",
            licence=Licence.FREE,
            solves=frozenset({ProblemClass.LP, ProblemClass.QP, ProblemClass.MILP}),
            services=COMMON | {Service.DUALS},
            options=HIGHS,
            fixed={"output_flag": False},
            is_newer=True,
            run=run_highs,
        ),
        "scip": Engine(
            interface="scip_direct",
            module="pyscipopt",
            package="PySCIPOpt",
            install="pip install sma-research[scip]",
            licence=Licence.FREE,
            services=COMMON | {Service.CONES, Service.PRIMAL_START},
            options=SCIP,
            # Pyomo reads SCIP's log through a pipe that nobody empties while SCIP
            # runs: after 64 KB both wait for ever, beyond any time limit.
            fixed={"display/verblevel": 0},
            # Looking for cones in a sum of squares, SCIP decomposes an n-by-n matrix:
            # half a minute at 3,000 names, beyond any time limit, and nothing found.
            usual={"nlhdlr/soc/compeigenvalues": False},
            is_newer=True,
            run=run_scip,
        ),
        "gurobi": Engine(
            interface="gurobi_direct",
            module="gurobipy",
            package="gurobipy",
            install="pip install gurobipy, and a Gurobi licence",
            options=GUROBI,
            fixed={"OutputFlag": 0},
        ),
        "cplex": Engine(
            interface="cplex_direct",
            module="cplex",
            package="cplex",
            install="pip install cplex, and a CPLEX licence",
            options=CPLEX,
            fixed={"mip_display": 0, "mip_tolerances_absmipgap": 0.0},
        ),
        "xpress": Engine(
            interface="xpress_direct",
            module="xpress",
            package="xpress",
            install="pip install xpress, and an Xpress licence",
            options=XPRESS,
            fixed={"outputlog": 0, "bargapstop": 1e-9},
        ),
        "mosek": Engine(
            interface="mosek_direct",
            module="mosek",
            package="Mosek",
            install="pip install mosek, and a MOSEK licence",
            options=MOSEK,
            fixed={"MSK_IPAR_LOG": 0},
            is_text=True,
        ),
    }
)


def find_engine(name: str) -> Engine:
    """Return an engine by name.

    Raises
    ------
    BackendNotFound
        Names the engines there are.
    """
    if name not in ENGINES:
        raise BackendNotFound(
            f"pyomo has no engine {name!r}, expected one of {', '.join(ENGINES)}"
        )
    return ENGINES[name]


def library_version(package: str) -> str:
    """Version of an installed package, without importing it."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def make_solver(name: str, settings: Settings) -> Pyomo:
    """Return a Pyomo solver with all settings in it.

    Raises
    ------
    SettingError
        A native setting that the backend keeps for itself.
    """
    engine = ENGINES[name]
    taken = sorted(set(engine.fixed) & set(settings.native))
    if taken:
        raise SettingError(
            f"pyomo:{name} keeps {taken[0]} at {engine.fixed[taken[0]]!r}; leave it out"
        )
    shared = native_values(engine.options, settings)
    options = {**engine.usual, **shared, **settings.native, **engine.fixed}
    if engine.is_newer:
        return make_newer(engine.interface, settings, options)
    return make_older(engine.interface, options, is_text=engine.is_text)


def drive(name: str, solver: Pyomo, question: Question) -> Answer:
    """Run an engine once.

    Raises
    ------
    LicenceError
        The library says that its licence is missing or too small.
    BackendError
        The library raised anything else; its own exception is the cause.
    """
    try:
        with quiet():
            answer = ENGINES[name].run(solver, question)
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        if says_unlicensed(text):
            what = "its licence does not cover this program"
            raise LicenceError(f"pyomo:{name}: {what}: {text}") from error
        raise BackendError(f"pyomo:{name}: it failed: {text}") from error
    if answer.condition == UNLICENSED:
        raise LicenceError(f"pyomo:{name}: its licence fails: {answer.message}")
    return answer
