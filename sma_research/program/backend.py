"""The contract between the core and a solver."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable

from sma_research.arrays import Matrix, Vector
from sma_research.errors import SettingError, UnsupportedProgram, UnsupportedService
from sma_research.fields import require_fields
from sma_research.program.form import Parameters, ProblemClass, Structure
from sma_research.program.solution import Incumbent, Solution


class Service(StrEnum):
    """What a backend can do beyond returning a point of a plain program."""

    DUALS = "return row multipliers"
    PRIMAL_START = "start from a given point"
    BOUND = "prove a lower bound"
    INCUMBENTS = "report improving points while running"
    INTERRUPT = "stop when the observer says so"
    TIME_LIMIT = "respect a time limit"
    CUTS = "take further rows between two solves"
    ON_OFF = "read on/off pairs"
    CONES = "read rotated cones"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendInfo:
    """A backend's capabilities, as data."""

    name: str
    library: str
    version: str
    solves: frozenset[ProblemClass]
    services: frozenset[Service]


class Licence(StrEnum):
    """What an engine's licence allows on this machine."""

    FREE = "free software"
    LICENSED = "licensed"
    SIZE_LIMITED = "size-limited edition"
    MISSING = "no licence found"
    UNKNOWN = "not probed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Whether an engine runs here, established by a tiny solve, not an import."""

    engine: str
    version: str
    usable: bool
    licence: Licence
    missing: str = ""  # what to do, in words, when it is not usable


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings every backend understands, plus those only one does."""

    tolerance: float = 1e-6  # absolute, on primal and dual residuals
    relative_gap: float = 1e-4  # integer programs, and methods that stop at a gap
    time_limit_s: float = float("inf")
    threads: int = 1
    seed: int = 0
    native: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_fields(self, error=SettingError)
        for name in ("tolerance", "time_limit_s"):
            if not getattr(self, name) > 0:
                raise SettingError(f"{name} is {getattr(self, name)}, must be above 0")
        if not self.relative_gap >= 0:
            raise SettingError(
                f"relative_gap is {self.relative_gap}, must be 0 or more"
            )
        if self.threads < 1:
            raise SettingError(f"threads is {self.threads}, must be 1 or more")


Observer: TypeAlias = Callable[[Incumbent], bool]  # return False to stop


class Session(Protocol):
    """A compiled structure, ready for one account after another."""

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account."""
        ...


@runtime_checkable
class CutSession(Session, Protocol):
    """A session whose program can take further rows (`Service.CUTS`).

    Added rows follow the structure's own rows in every multiplier vector that
    the session returns, and stay until `clear_rows`.
    """

    def add_rows(self, A: Matrix, row_lower: Vector, row_upper: Vector) -> None:
        """Add rows, ``A`` is (any, p)."""
        ...

    def clear_rows(self) -> None:
        """Forget all added rows."""
        ...


class Backend(Protocol):
    """A solver: what it can do, and how to prepare it."""

    @property
    def info(self) -> BackendInfo:
        """Capabilities, known before anything is solved."""
        ...

    def probe(self) -> tuple[Availability, ...]:
        """Engines this backend can drive here, each tried with a tiny solve."""
        ...

    def compile(self, structure: Structure, settings: Settings) -> Session:
        """Translate once what accounts share."""
        ...


def require(info: BackendInfo, structure: Structure) -> None:
    """Refuse a structure the backend does not declare.

    Raises
    ------
    UnsupportedProgram
        Names the class found and the classes declared.
    UnsupportedService
        On/off pairs or cones reach a backend that cannot read them.
    """
    if structure.problem_class not in info.solves:
        raise UnsupportedProgram(
            f"{info.name} solves {', '.join(sorted(info.solves))}, not "
            f"{structure.problem_class}; see `sma solvers`"
        )
    if structure.on_off.size:
        refuse(info, Service.ON_OFF, structure.on_off)
    if structure.cones.size:
        refuse(info, Service.CONES, structure.cones)


def refuse(info: BackendInfo, service: Service, asked: object) -> None:
    """Refuse a service the backend does not declare, instead of ignoring it."""
    if asked is not None and service not in info.services:
        raise UnsupportedService(f"{info.name} cannot {service}; see `sma solvers`")
