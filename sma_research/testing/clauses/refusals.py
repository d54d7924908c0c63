"""What a backend cannot do it refuses, by the right error, before any work."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sma_research.errors import (
    DataError,
    SettingError,
    SmaError,
    UnsupportedProgram,
    UnsupportedService,
)
from sma_research.program.backend import (
    Backend,
    CutSession,
    Service,
    Settings,
)
from sma_research.program.form import (
    CLASSES,
    Cap,
    Cones,
    OnOff,
    Structure,
)
from sma_research.testing import programs
from sma_research.testing.clauses.base import (
    ConformanceError,
    clause,
    demand,
    refuses,
    supported,
)
from sma_research.testing.programs import Case


def _tiny(
    *, quadratic: bool = False, capped: bool = False, integral: bool = False
) -> Structure:
    return programs.structure(
        np.eye(2) if quadratic else np.zeros((2, 2)),
        [[1.0, 1.0]],
        integer=np.array([integral, False]),
        caps=(Cap(name="cap", square=np.ones(2)),) if capped else (),
    )


@clause("0.1")
def refuses_classes_it_does_not_declare(backend: Backend) -> None:
    """Refusal happens in `compile`, by the right error, never as a status."""
    for (quadratic, capped, integral), problem_class in CLASSES.items():
        structure = _tiny(quadratic=quadratic, capped=capped, integral=integral)
        if problem_class in backend.info.solves:
            continue
        error = refuses(
            lambda s=structure: backend.compile(s, Settings()),  # type: ignore[misc]
            UnsupportedProgram,
            f"a {problem_class}",
        )
        demand(problem_class in str(error), f"{error} does not name {problem_class}")


@clause("0.1")
def refuses_services_it_does_not_declare(backend: Backend) -> None:
    """Observers, starts, rows, pairs and cones are refused, not ignored."""
    case, services = supported(backend), backend.info.services
    session = backend.compile(case.structure, Settings())
    start = np.zeros(case.parameters.q.size)
    pair = OnOff(binary=np.array([0]), column=np.array([1]))
    cone = Cones(epigraph=np.array([0]), scale=np.array([1]), column=np.array([1]))
    with_pair = replace(_tiny(quadratic=True, integral=True), on_off=pair)
    with_cone = replace(_tiny(), cones=cone)
    acts: dict[Service, Callable[[], object]] = {
        Service.INCUMBENTS: lambda: session.solve(
            case.parameters, observe=lambda _: True
        ),
        Service.PRIMAL_START: lambda: session.solve(case.parameters, start=start),
        Service.ON_OFF: lambda: backend.compile(with_pair, Settings()),
        Service.CONES: lambda: backend.compile(with_cone, Settings()),
    }
    for service, act in acts.items():
        if service not in services:
            refuses(act, SmaError, service)
            _by_its_own_error(act)
    demand(
        isinstance(session, CutSession) == (Service.CUTS in services),
        f"CUTS declared: {Service.CUTS in services}, but the session says otherwise",
    )


def _by_its_own_error(act: Callable[[], object]) -> None:
    try:
        act()
    except (UnsupportedService, UnsupportedProgram):
        return
    except SmaError as error:
        raise ConformanceError(f"refused by {type(error).__name__}") from error


@clause("0.1")
def refuses_unknown_settings(backend: Backend) -> None:
    """A native setting the library does not have is named in the error."""
    case = supported(backend)
    settings = Settings(native={"no_such_setting": 1})

    def act() -> None:
        backend.compile(case.structure, settings).solve(case.parameters)

    error = refuses(act, SettingError, "the setting no_such_setting")
    demand("no_such_setting" in str(error), f"{error} does not name the setting")


@clause("0.1")
def refuses_nan(backend: Backend) -> None:
    """NaN anywhere is refused: some libraries call it optimal."""
    case = supported(backend)
    session = backend.compile(case.structure, Settings())
    d = case.parameters
    for name in ("q", "row_lower", "row_upper", "lower", "upper"):
        broken = getattr(d, name).copy()
        broken[0] = np.nan
        account = replace(d, **{name: broken})
        refuses(lambda a=account: session.solve(a), DataError, f"NaN in {name}")  # type: ignore[misc]
    constant = replace(d, r=float("nan"))
    refuses(lambda: session.solve(constant), DataError, "NaN in r")
    infinite = replace(d, q=np.full(d.q.size, np.inf))
    refuses(lambda: session.solve(infinite), DataError, "an infinite q")
    if Service.PRIMAL_START in backend.info.services:
        start = np.full(d.q.size, np.nan)
        refuses(lambda: session.solve(d, start=start), DataError, "NaN in the start")
    for name in ("P", "A"):
        refuses(lambda n=name: _with_nan(backend, case, n), DataError, f"NaN in {name}")  # type: ignore[misc]


def _with_nan(backend: Backend, case: Case, name: str) -> None:
    matrix = getattr(case.structure, name).copy()
    if not matrix.nnz:
        raise DataError("an empty matrix holds no NaN")
    matrix.data[0] = np.nan
    backend.compile(replace(case.structure, **{name: matrix}), Settings())


@clause("0.1")
def refuses_wrong_shapes(backend: Backend) -> None:
    """An account of another structure is refused, not stretched to fit."""
    case = supported(backend)
    session = backend.compile(case.structure, Settings())
    longer = replace(case.parameters, q=np.append(case.parameters.q, 1.0))
    refuses(lambda: session.solve(longer), DataError, "one cost too many")


CHECKS = (
    refuses_classes_it_does_not_declare,
    refuses_services_it_does_not_declare,
    refuses_unknown_settings,
    refuses_nan,
    refuses_wrong_shapes,
)
