"""A method, backend x formulation x settings, and its canonical text.

``highs[formulation=big_m,tolerance=1e-7,native.mip_heuristic_effort=0.1]``: options
are fields of `Settings`, ``formulation``, or, after ``native.``, what only one library
knows. ``peer:NAME`` is a peer, which has no options.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from sma_benchmarks.peers import PEERS
from sma_benchmarks.task import Budget
from sma_research.errors import BackendNotFound, SettingError
from sma_research.formulations.catalog import parse as parse_chain
from sma_research.program.backend import Settings
from sma_research.program.form import ProblemClass
from sma_research.program.registry import load_backend

Option: TypeAlias = str | int | float | bool
PEER: Final = "peer:"
NATIVE: Final = "native."
TUNED: Final[Mapping[str, type[float]]] = MappingProxyType(
    {"tolerance": float, "relative_gap": float}
)
INTEGER: Final = frozenset({ProblemClass.MILP, ProblemClass.MIQP, ProblemClass.MIQCP})
# What the suite decides for all methods alike.
GIVEN: Final = ("time_limit_s", "seed", "threads")
_TEXT: Final = re.compile(r"(?P<solver>[a-z][\w.-]*(?::[\w.-]+)?)(?:\[(?P<rest>.*)\])?")
_WORDS: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "false": False})
_FORBIDDEN: Final = ",[]="


@dataclass(frozen=True, kw_only=True)
class Method:
    """What is measured: a solver, in a formulation, with its settings."""

    solver: str  # backend, backend with engine, or "peer:NAME"
    formulation: str | None = None  # None: the backend's default chain
    settings: Mapping[str, Option] = field(default_factory=dict, hash=False)

    @property
    def peer(self) -> str | None:
        """Name of the peer, None for a backend."""
        return self.solver.removeprefix(PEER) if self.solver.startswith(PEER) else None

    def settings_for(self, budget: Budget, seed: int) -> Settings:
        """Settings of one solve: the budget's, then the method's own.

        Raises
        ------
        SettingError
            A value out of range.
        """
        own = {n: v for n, v in self.settings.items() if not n.startswith(NATIVE)}
        native = {
            name.removeprefix(NATIVE): value
            for name, value in self.settings.items()
            if name.startswith(NATIVE)
        }
        given: dict[str, object] = {
            "relative_gap": budget.target_gap,
            "threads": budget.threads,
            **own,
        }
        return Settings(
            time_limit_s=budget.time_limit_s,
            seed=seed,
            native=dict(native),
            **given,  # type: ignore[arg-type]
        )

    def __str__(self) -> str:
        """Canonical text, options sorted."""
        options = {name: _written(value) for name, value in self.settings.items()}
        if self.formulation is not None:
            options["formulation"] = self.formulation
        inside = ",".join(f"{name}={options[name]}" for name in sorted(options))
        return f"{self.solver}[{inside}]" if inside else self.solver


def parse(text: str) -> Method:
    """The method a text stands for.

    Raises
    ------
    SettingError
        Text of another form, an unknown formulation, or an option that is no setting.
    """
    found = _TEXT.fullmatch(text.strip())
    if not found:
        raise SettingError(
            f"method {text!r} cannot be read, expected solver[option=value,...]"
        )
    options = _options(text, found["rest"] or "")
    formulation = options.pop("formulation", None)
    parse_chain(formulation)
    solver = found["solver"]
    if solver.startswith(PEER) and (options or formulation):
        raise SettingError(f"{text}: a peer has no options, expected {solver!r}")
    settings = {name: _value(text, name, options[name]) for name in sorted(options)}
    return Method(
        solver=solver,
        formulation=formulation,
        settings=MappingProxyType(settings),
    )


def uses_seed(method: Method) -> bool:
    """Whether another seed may change the answer: it branches, or it samples.

    A backend that is not installed counts as one that does neither.
    """
    if method.peer is not None:
        return method.peer in PEERS and PEERS[method.peer].seeded
    if "relax" in (method.formulation or "").split("+"):
        return False
    try:
        solves = load_backend(method.solver).info.solves
    except BackendNotFound:
        return False
    return bool(solves & INTEGER)


def _options(text: str, inside: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in inside.split(",") if inside.strip() else ():
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not (name and equals and value) or set(value) & set(_FORBIDDEN):
            raise SettingError(f"{text}: {part!r} is no option, expected name=value")
        if name in options:
            raise SettingError(f"{text}: {name} is given twice, expected once")
        options[name] = value
    return options


def _value(text: str, name: str, written: str) -> Option:
    if name in GIVEN or (name.startswith(NATIVE) and "thread" in name.lower()):
        raise SettingError(
            f"{text}: {name} is the suite's to give, in its budget or seeds; leave it out"
        )
    if name.startswith(NATIVE) and name != NATIVE:
        return _literal(written)
    if name not in TUNED:
        raise SettingError(
            f"{text}: {name} is no setting, expected formulation, "
            f"{', '.join(TUNED)}, or {NATIVE}{name}"
        )
    try:
        return TUNED[name](written)
    except ValueError as error:
        raise SettingError(
            f"{text}: {name} is {written!r}, expected a number"
        ) from error


def _literal(written: str) -> Option:
    if written.lower() in _WORDS:
        return _WORDS[written.lower()]
    for kind in (int, float):
        try:
            return kind(written)
        except ValueError:
            continue
    return written


def _written(value: Option) -> str:
    """Shortest text of a value: ``1e-7``, not ``1e-07``."""
    if isinstance(value, bool):
        return str(value).lower()
    return (
        re.sub(r"e([+-]?)0+(?=\d)", r"e\1", repr(value))
        if isinstance(value, float)
        else str(value)
    )
