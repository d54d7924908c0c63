"""Formulations by name, and how a method is put together for a backend.

A formulation's name may chain several with ``+``, outermost first:
``perspective+relax+round_and_polish`` rewrites squares as cones, drops
integrality, and rounds the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from sma_research.errors import SettingError, UnsupportedProgram
from sma_research.formulations import (
    absolute_deviation,
    big_m,
    perspective,
    relax,
    risk_bisection,
    round_and_polish,
    statements,
    tangent_cuts,
)
from sma_research.formulations.fallback import Fallback
from sma_research.formulations.method import Exactness, FormulationInfo, Helper
from sma_research.program.backend import Backend, BackendInfo, Service
from sma_research.program.form import ProblemClass, Structure

CATALOG: Final[Mapping[str, FormulationInfo]] = MappingProxyType({
    info.name: info
    for info in (
        big_m.INFO, perspective.INFO, tangent_cuts.INFO, relax.INFO,
        round_and_polish.INFO, risk_bisection.INFO, absolute_deviation.INFO,
        *statements.STATEMENTS,
    )
})  # fmt: skip

DIRECT: Final = "direct"
SWITCHES: Final = ("big_m", "perspective", "relax", "round_and_polish")
ROUNDED: Final = ("relax", "round_and_polish")
# Where a name stands in a chain, outermost first; none twice in one place.
PLACE: Final[Mapping[str, int]] = MappingProxyType({
    statements.SIDES.name: -2,
    statements.SWITCH.name: -1,
    absolute_deviation.INFO.name: 0,
    risk_bisection.INFO.name: 1,
    big_m.INFO.name: 2,
    perspective.INFO.name: 2,
    relax.INFO.name: 3,
    tangent_cuts.INFO.name: 4,
    round_and_polish.INFO.name: 5,
})  # fmt: skip
# What an exactness leaves of the next one: the later in this list wins. Another
# objective without integrality is neither a bound nor a portfolio: `parse` refuses it.
ORDER: Final = (
    Exactness.EXACT, Exactness.RELAXATION, Exactness.RESTRICTION, Exactness.SURROGATE,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Method:
    """A backend in a formulation, ready to compile programs."""

    backend: Backend
    formulation: str  # the chain, "direct" if the backend takes the program as it is
    exactness: Exactness


def method(
    structure: Structure,
    backend: Backend,
    formulation: str | None = None,
    *,
    polish: Backend,
) -> Method:
    """Put a method together for programs of a structure.

    Parameters
    ----------
    formulation
        A chain of names, or None for the backend's best known one.
    polish
        Solves the continuous programs of methods whose own backend cannot.

    Raises
    ------
    SettingError
        A name that is not in the catalog.
    UnsupportedProgram
        A chain that does not lead to a class the backend declares.
    """
    info = backend.info
    asked = parse(formulation)
    statements.refuse_statements(asked)
    chain = completed(structure, info, asked) if asked else default(structure, info)
    built = _build(structure, backend, chain, polish)
    if formulation is None and not chain and ProblemClass.QP is structure.problem_class:
        built = _with_fallback(built, Helper(polish))
    return Method(
        backend=built,
        formulation="+".join(chain) or DIRECT,
        exactness=max((CATALOG[name].exactness for name in chain),
                      key=ORDER.index, default=Exactness.EXACT),
    )  # fmt: skip


def parse(formulation: str | None) -> tuple[str, ...]:
    """Names of a chain.

    Raises
    ------
    SettingError
        An unknown name, a name twice, an order without a meaning, or a chain whose
        answer would be neither a bound nor a portfolio.
    """
    names = tuple((formulation or "").split("+")) if formulation else ()
    for name in names:
        if name not in CATALOG and name != DIRECT:
            raise SettingError(
                f"formulation {name!r} is unknown, expected one of {', '.join(CATALOG)}, "
                "or several joined by '+'"
            )
    if DIRECT in names and len(names) > 1:
        raise SettingError(f"{formulation!r} chains {DIRECT!r}, expected it alone")
    for before, after in pairwise(names):
        if PLACE[before] >= PLACE[after]:
            raise SettingError(
                f"{formulation!r} has {after!r} after {before!r}, expected each once "
                f"and in the order of {', '.join(sorted(PLACE, key=PLACE.__getitem__))}"
            )
    if {"absolute_deviation", "relax"} <= {*names} and "round_and_polish" not in names:
        raise SettingError(
            f"{formulation!r} gives neither a bound nor a portfolio, expected "
            "'round_and_polish' after 'relax'"
        )
    return names


def default(s: Structure, info: BackendInfo) -> tuple[str, ...]:
    """The chain to take when none is asked for."""
    solved = s.problem_class in info.solves
    if not s.integer.any():
        return () if solved else (_capped(info),)
    if solved:
        if not s.on_off.size or Service.ON_OFF in info.services:
            return ()
        return ("perspective",) if Service.CONES in info.services else ("big_m",)
    if ProblemClass.MILP in info.solves and Service.CUTS in info.services:
        return ("tangent_cuts",)
    if ProblemClass.QCP in info.solves and Service.CONES in info.services:
        return ("perspective", *ROUNDED)
    return ROUNDED


def completed(
    s: Structure, info: BackendInfo, asked: tuple[str, ...]
) -> tuple[str, ...]:
    """A chain asked for, with the steps it needs and without those it has no use for."""
    if asked == (DIRECT,):
        return ()
    if not s.integer.any():
        useless = {*SWITCHES, *(() if s.caps else ("risk_bisection",))}
        chain = tuple(name for name in asked if name not in useless)
        return chain or default(s, info)
    return _completed_names(s, info, asked)


def _completed_names(
    s: Structure, info: BackendInfo, asked: tuple[str, ...]
) -> tuple[str, ...]:
    masters = ProblemClass.MILP in info.solves and Service.CUTS in info.services
    exact, last = s.problem_class in info.solves, asked[-1]
    tight = Service.CONES in info.services or masters
    whole: dict[tuple[str, ...], tuple[str, ...]] = {
        ("round_and_polish",): ("perspective", *ROUNDED) if tight else ROUNDED,
        ("risk_bisection",): ("risk_bisection", *ROUNDED),
    }
    if last == "absolute_deviation":
        return (*asked, "big_m")
    if last not in ("big_m", "perspective") or exact:
        return whole.get(asked, asked)
    if not masters:
        return (*asked, *ROUNDED)
    # Tangents of switched squares are perspective ones already.
    return ("tangent_cuts",) if last == "perspective" else (*asked, "tangent_cuts")


def _capped(info: BackendInfo) -> str:
    if Service.CUTS in info.services:
        return "tangent_cuts"
    if ProblemClass.QP in info.solves:
        return "risk_bisection"
    raise UnsupportedProgram(
        f"{info.name} solves {', '.join(sorted(info.solves))}: no formulation leads "
        "from a quadratic program there; see `sma solvers`"
    )


def _build(
    s: Structure, backend: Backend, chain: tuple[str, ...], polish: Backend
) -> Backend:
    if polish.info.name != backend.info.name:
        polish = Helper(polish)
    rounded = "round_and_polish" in chain
    steps = [name for name in chain if name != "round_and_polish"]
    core = backend
    if rounded and "risk_bisection" not in steps:
        core = _continuous(backend, polish, s, conic="perspective" in steps)
    for name in reversed(steps):
        core = _wrap(name, core, polish)
    if not rounded:
        return core
    able = ProblemClass.QP in backend.info.solves
    finish = _continuous(backend, polish, s, conic=False) if able else polish
    return round_and_polish.RoundAndPolish(core, finish)


def _with_fallback(backend: Backend, polish: Backend) -> Backend:
    """Tangents where an engine's own method for squares breaks down, if it cuts."""
    if Service.CUTS not in backend.info.services:
        return backend
    return Fallback(backend, tangent_cuts.TangentCuts(backend, polish))


def _continuous(
    backend: Backend, polish: Backend, s: Structure, *, conic: bool
) -> Backend:
    """The backend for relaxations and polishes, extended where it must be."""
    wanted = ProblemClass.QCP if s.caps or conic else ProblemClass.QP
    if wanted in backend.info.solves:
        return backend
    return _wrap(_capped(backend.info), backend, polish)


def _wrap(name: str, inner: Backend, polish: Backend) -> Backend:
    makers: dict[str, Callable[[Backend], Backend]] = {
        "big_m": big_m.BigM,
        "perspective": perspective.Perspective,
        "relax": relax.Relax,
        "risk_bisection": risk_bisection.RiskBisection,
        "absolute_deviation": absolute_deviation.AbsoluteDeviation,
    }
    if name == "tangent_cuts":
        return tangent_cuts.TangentCuts(inner, polish)
    return makers[name](inner)
