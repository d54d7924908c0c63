"""Settings that every backend understands, by the names each library gives them."""

from collections.abc import Mapping
from math import isinf
from types import MappingProxyType
from typing import Final, TypeAlias

from sma_research.program.backend import Settings

# name in the library -> name in `Settings`, least value that the library takes well
Options: TypeAlias = Mapping[str, tuple[str, float]]

HIGHS: Final[Options] = MappingProxyType(
    {
        # Below its defaults HiGHS returns worse points, its issue 3258.
        "primal_feasibility_tolerance": ("tolerance", 1e-7),
        "dual_feasibility_tolerance": ("tolerance", 1e-7),
        "mip_feasibility_tolerance": ("tolerance", 1e-6),
        "random_seed": ("seed", 0),
    }
)
SCIP: Final[Options] = MappingProxyType(
    {
        "numerics/feastol": ("tolerance", 1e-9),
        "randomization/randomseedshift": ("seed", 0),
    }
)
GUROBI: Final[Options] = MappingProxyType(
    {
        "FeasibilityTol": ("tolerance", 1e-9),
        "OptimalityTol": ("tolerance", 1e-9),
        "MIPGap": ("relative_gap", 0.0),
        "TimeLimit": ("time_limit_s", 0.0),
        "Threads": ("threads", 1),
        "Seed": ("seed", 0),
    }
)
CPLEX: Final[Options] = MappingProxyType(
    {
        "simplex_tolerances_feasibility": ("tolerance", 1e-9),
        "mip_tolerances_mipgap": ("relative_gap", 0.0),
        "timelimit": ("time_limit_s", 0.0),
        "threads": ("threads", 1),
        "randomseed": ("seed", 0),
    }
)
XPRESS: Final[Options] = MappingProxyType(
    {
        "feastol": ("tolerance", 1e-9),
        "miprelstop": ("relative_gap", 0.0),
        "timelimit": ("time_limit_s", 0.0),
        "threads": ("threads", 1),
        "randomseed": ("seed", 0),
    }
)
MOSEK: Final[Options] = MappingProxyType(
    {
        "MSK_DPAR_MIO_TOL_FEAS": ("tolerance", 1e-9),
        "MSK_DPAR_MIO_TOL_REL_GAP": ("relative_gap", 0.0),
        "MSK_DPAR_OPTIMIZER_MAX_TIME": ("time_limit_s", 0.0),
        "MSK_IPAR_NUM_THREADS": ("threads", 1),
        "MSK_IPAR_MIO_SEED": ("seed", 0),
    }
)


def native_values(options: Options, settings: Settings) -> dict[str, float]:
    """Values by the library's names; what is infinite is left to its default."""
    values = {
        name: max(getattr(settings, attribute), least)
        for name, (attribute, least) in options.items()
    }
    return {name: value for name, value in values.items() if not isinf(value)}
