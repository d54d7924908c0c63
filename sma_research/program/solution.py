"""What a backend claims. Facts are established by `verify` and `certificate`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sma_research.arrays import Vector


class Termination(StrEnum):
    """Why the solver stopped."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible point, optimality not claimed"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible or unbounded"
    TIME_LIMIT = "time limit"
    ITERATION_LIMIT = "iteration limit"
    INTERRUPTED = "interrupted"
    NUMERICAL_ERROR = "numerical error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Incumbent:
    """A feasible point found on the way, and what was proved at that time."""

    elapsed_s: float
    objective: float
    bound: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Solution:
    """One answer of one backend. ``x`` is present whenever a point exists.

    Multipliers are positive where the upper side of a row binds. ``y`` and
    ``cap_y`` may come from a relaxation of the program: the certificate is
    valid for any of them.
    """

    termination: Termination
    native_status: str
    x: Vector | None  # (p,)
    y: Vector | None  # (r,) row multipliers, positive where the upper side binds
    objective: float | None
    bound: float | None  # best lower bound the backend claims
    solve_s: float  # wall time inside the native calls alone
    cap_y: Vector | None = None  # (g,) cap multipliers, at least zero
    iterations: int | None = None
    nodes: int | None = None
    incumbents: tuple[Incumbent, ...] = ()
    counters: Mapping[str, float] = field(default_factory=dict)
