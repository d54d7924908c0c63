"""Refusals shared by the inputs: one line, naming what was found and expected."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from difflib import get_close_matches

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.errors import DataError


def require_shape(name: str, array: Vector | Mask, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape."""
    if array.shape != shape:
        raise DataError(f"{name} has shape {array.shape}, expected {shape}")


def require_finite(name: str, array: Vector, labels: Sequence[str] = ()) -> None:
    """Refuse NaN and infinity, naming the first offender."""
    bad = ~np.isfinite(array)
    if bad.any():
        position = tuple(int(i) for i in np.argwhere(bad)[0])
        where = labels[position[0]] if labels else f"position {position}"
        raise DataError(f"{name} of {where} is {array[position]}, expected a number")


def require_at_least(
    name: str, array: Vector, least: float, labels: Sequence[str] = ()
) -> None:
    """Refuse values below a limit, naming the first offender."""
    bad = np.flatnonzero(array < least)
    if bad.size:
        where = labels[bad[0]] if labels else f"position {bad[0]}"
        raise DataError(
            f"{name} of {where} is {array[bad[0]]:g}, expected {least:g} or more"
        )


def require_positive(name: str, array: Vector, labels: Sequence[str] = ()) -> None:
    """Refuse zero and negative values, naming the first offender."""
    bad = np.flatnonzero(array <= 0)
    if bad.size:
        where = labels[bad[0]] if labels else f"position {bad[0]}"
        raise DataError(f"{name} of {where} is {array[bad[0]]:g}, expected above 0")


def require_unique(name: str, values: Sequence[str]) -> None:
    """Refuse a list that names something twice."""
    if len(set(values)) != len(values):
        twice = sorted({v for v in values if values.count(v) > 1})
        raise DataError(f"{name} {twice[0]!r} appears more than once")


def require_known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that are not in a vocabulary."""
    vocabulary = set(known)
    missing = sorted(set(names) - vocabulary)
    if missing:
        shown = ", ".join(repr(name) for name in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise DataError(
            f"{what}: {shown}{more} unknown; expected one of {_few(vocabulary)}"
            f"{_meant(missing[:5], vocabulary)}"
        )


def require_fraction(name: str, value: float | None, *, most: float = 1.0) -> None:
    """Refuse a number outside [0, most]."""
    if value is not None and not 0.0 <= value <= most:
        raise DataError(
            f"{name} is {value}, expected a decimal from 0 to {most:g} (5 % is 0.05)"
        )


def require_date(name: str, value: object) -> None:
    """Refuse what is no date, or has a time of day: the two do not compare."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise DataError(
            f"{name} is {value!r}, expected a date like 2024-03-15, without a time"
        )


def _meant(missing: Sequence[str], known: set[str]) -> str:
    """Known names that are spelled almost alike, as a question."""
    most = 3 if len(missing) == 1 else 1  # a ticker has many neighbours
    words = sorted(str(name) for name in known)
    close = [get_close_matches(str(name), words, n=most) for name in missing]
    found = " or ".join(dict.fromkeys(repr(one) for each in close for one in each))
    return f"; did you mean {found}?" if found else ""


def _few(names: set[str], most: int = 6) -> str:
    shown = sorted(names)[:most]
    more = f", ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(shown) + more if shown else "none"
