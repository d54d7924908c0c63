"""Whether an engine runs here: settled by a solve, because imports lie."""

from functools import lru_cache
from importlib.util import find_spec

import numpy as np
from pyomo.contrib.solver.solvers.highs import highspy
from scipy.sparse import diags_array, eye_array, hstack

from sma_research.arrays import sparse
from sma_research.errors import BackendError, LicenceError, SettingError
from sma_research.program.backend import Availability, Licence, Settings
from sma_research.program.form import (
    Parameters,
    ProblemClass,
    Structure,
    objective,
)
from sma_solvers.pyomo_account import build_model
from sma_solvers.pyomo_engines import ENGINES, drive, library_version, make_solver
from sma_solvers.pyomo_runs import Question

SMALL, LARGE = 1, 600  # pairs; size-limited editions end at 200 to 1,000 columns
RIGHT_TO = 1e-3


@lru_cache
def availability(name: str) -> Availability:
    """Try an engine with a MIQP of 2 columns, then, if it is sold, of 1,200."""
    engine = ENGINES[name]
    error = str(_failure(name, SMALL) or "") if _is_there(name) else "not installed"
    licence = engine.licence
    if error and licence is not Licence.FREE:
        licence = Licence.MISSING
    elif licence is not Licence.FREE:
        error_when_large = _failure(name, LARGE)
        licence = Licence.SIZE_LIMITED if error_when_large else licence
    return Availability(
        engine=f"pyomo:{name}",
        version=library_version(engine.package),
        usable=not error,
        licence=licence,
        missing=f"{engine.install} ({error})" if error else "",
    )


def lacks_licence(name: str) -> bool:
    """Whether an engine is installed, and its library says that no licence is."""
    return _is_there(name) and isinstance(_failure(name, SMALL), LicenceError)


def check_native(name: str, settings: Settings) -> None:
    """Refuse native settings that the engine does not know.

    Raises
    ------
    SettingError
        Names the settings and what the library says.
    """
    if not settings.native:
        return
    names = ", ".join(settings.native)
    if name == "highs":
        _check_highs(settings)
        return
    try:
        try_engine(name, SMALL, Settings(native=settings.native))
    except BackendError as error:
        raise SettingError(f"native settings {names} are refused: {error}") from error


def try_engine(name: str, pairs: int, settings: Settings) -> str:
    r"""Solve :math:`\min \sum x_i^2 - x_i` with :math:`0 \le x_i \le z_i`, z binary.

    An engine without MIQP gets it without the squares. Return what is wrong
    with the answer, in words, or nothing.

    Raises
    ------
    BackendError
        The engine raised.
    """
    squares = 2.0 if ProblemClass.MIQP in ENGINES[name].solves else 0.0
    one = eye_array(pairs)
    structure = Structure(
        P=sparse(diags_array(np.repeat([squares, 0.0], pairs))),
        A=sparse(hstack([one, -one])),
        integer=np.repeat([False, True], pairs),
        columns={"x": slice(0, pairs), "z": slice(pairs, 2 * pairs)},
        rows={"switch": slice(0, pairs)},
    )
    parameters = Parameters(
        q=np.repeat([-1.0, 0.0], pairs),
        row_lower=np.full(pairs, -np.inf),
        row_upper=np.zeros(pairs),
        lower=np.zeros(2 * pairs),
        upper=np.ones(2 * pairs),
    )
    model = build_model(structure, parameters)
    columns = model.sma_statement.columns
    question = Question(model=model, columns=columns, settings=settings)
    answer = drive(name, make_solver(name, settings), question)
    value = np.nan
    if answer.point is not None:
        value = objective(structure, parameters, np.array(answer.point))
    best = -pairs * (0.25 if squares else 1.0)
    if abs(value - best) <= RIGHT_TO * pairs:
        return ""
    return f"{answer.message}, objective {value}, expected {best}"


def _is_there(name: str) -> bool:
    return find_spec(ENGINES[name].module) is not None


@lru_cache
def _failure(name: str, pairs: int) -> BackendError | None:
    try:
        said = try_engine(name, pairs, Settings())
    except BackendError as error:
        return error
    return BackendError(said) if said else None


def _check_highs(settings: Settings) -> None:
    """Ask HiGHS itself: Pyomo drops its refusals."""
    from sma_solvers.highs_native import SilentHighs

    highs = SilentHighs()
    for option, value in settings.native.items():
        if highs.setOptionValue(option, value) != highspy.HighsStatus.kOk:
            raise SettingError(
                f"highs has no option {option} = {value!r}; see its option list"
            )
