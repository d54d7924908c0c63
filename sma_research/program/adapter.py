"""Small helpers for whoever writes a backend."""

from contextlib import suppress

import numpy as np
from scipy.sparse import csc_array

from sma_research.arrays import Vector
from sma_research.errors import DataError, UnsupportedProgram
from sma_research.program.backend import Availability, Backend, Licence, Settings
from sma_research.program.form import Parameters, Structure, check_shapes
from sma_research.program.solution import Solution, Termination


def check_account(s: Structure, d: Parameters, start: Vector | None) -> Vector | None:
    """Refuse an account or a start that does not fit; return the start as a copy.

    Raises
    ------
    DataError
        An array has the wrong shape or holds NaN.
    """
    check_shapes(s, d)
    if start is None:
        return None
    point = np.array(start, dtype=np.float64)
    if point.shape != (s.integer.size,) or not np.isfinite(point).all():
        raise DataError(
            f"start is {point.shape}, expected {s.integer.size} finite numbers"
        )
    return point


def check_convex(s: Structure) -> None:
    """Refuse a matrix that no convex solver can take.

    A library may call a point of a saddle "optimal", so the question is settled
    before it is asked: by the diagonal where P is diagonal, else by a Cholesky
    factor of the columns P touches.

    Raises
    ------
    DataError
        P or A holds NaN or infinity, or P is not positive semidefinite.
    """
    for name, matrix in (("P", s.P), ("A", s.A)):
        if not np.isfinite(matrix.data).all():
            raise DataError(f"{name} holds NaN or infinity, expected finite numbers")
    if s.is_separable:
        convex = bool((s.diagonal >= 0).all())
    else:
        touched = np.unique(s.P.nonzero()[0])
        block = s.P[touched][:, touched].toarray()
        shift = 1e-9 * max(float(np.abs(block).max()), 1e-30)
        try:
            np.linalg.cholesky(block + shift * np.eye(touched.size))
            convex = bool(np.allclose(block, block.T, rtol=1e-9, atol=shift))
        except np.linalg.LinAlgError:
            convex = False
    if not convex:
        raise DataError("P is not symmetric positive semidefinite, expected convexity")


def crossed_bounds(d: Parameters) -> Solution | None:
    """Name the first row or column whose bounds exclude each other, if any.

    Some libraries refuse such an account by an error, others ignore it and
    answer with the account before.
    """
    for kind, low, high in (
        ("row", d.row_lower, d.row_upper),
        ("column", d.lower, d.upper),
    ):
        empty = (low > high) | (low == np.inf) | (high == -np.inf)
        if empty.any():
            return Solution(
                termination=Termination.INFEASIBLE,
                native_status=f"not called: the bounds of {kind} "
                f"{int(empty.argmax())} exclude each other",
                x=None,
                y=None,
                objective=None,
                bound=None,
                solve_s=0.0,
            )
    return None


def try_engine(backend: Backend) -> tuple[Availability, ...]:
    r"""Availability of a free engine, found by a program of two columns.

    :math:`\min x_1 + 2 x_2` with :math:`x_1 + x_2 = 1`, :math:`0 \le x \le 0.75`.
    """
    one = np.ones(1)
    account = Parameters(
        q=np.array([1.0, 2.0]),
        row_lower=one,
        row_upper=one,
        lower=np.zeros(2),
        upper=np.full(2, 0.75),
    )
    answer = backend.compile(_two_columns(), Settings()).solve(account)
    usable = answer.objective is not None and abs(answer.objective - 1.25) < 1e-4
    return (
        Availability(
            engine=backend.info.name,
            version=backend.info.version,
            usable=usable,
            licence=Licence.FREE,
            missing=""
            if usable
            else f"two columns end in {answer.native_status!r}; reinstall "
            f"{backend.info.library}",
        ),
    )


def try_settings(backend: Backend, settings: Settings) -> None:
    """Refuse settings that a backend does not know, by compiling two columns.

    Raises
    ------
    SettingError
        What the backend says of a setting.
    """
    with suppress(UnsupportedProgram):  # a backend without linear programs
        backend.compile(_two_columns(), settings)


def _two_columns() -> Structure:
    return Structure(
        P=csc_array((2, 2), dtype=np.float64),
        A=csc_array(np.ones((1, 2))),
        integer=np.zeros(2, dtype=bool),
        columns={"x": slice(0, 2)},
        rows={"sum": slice(0, 1)},
    )
