"""Names for the array types used everywhere. Shapes are stated where they are used."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array

from sma_research.errors import DataError
from sma_research.fields import is_number, shown

Vector: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Index: TypeAlias = NDArray[np.intp]
if TYPE_CHECKING:
    Matrix: TypeAlias = csc_array[np.float64]
else:
    Matrix = csc_array  # not subscriptable at run time


def frozen_vector(values: ArrayLike, name: str = "an array") -> Vector:
    """Return a read-only float64 copy, or refuse what is no array of numbers.

    Text is not read as a number, and neither is a yes or no.
    """
    found = _array(name, values, "numbers")
    if found.dtype.kind not in "iuf" and found.size:
        _refuse_cells(name, values, _is_decimal, "a number")
    array = np.array(found, dtype=np.float64)
    array.setflags(write=False)
    return array


def frozen_mask(values: ArrayLike, name: str = "a mask") -> Mask:
    """Return a read-only boolean copy, or refuse what is not all true or false."""
    found = _array(name, values, "True and False")
    if found.dtype.kind != "b" and found.size:
        _refuse_cells(name, values, _is_truth, "True or False")
    array = np.array(found, dtype=np.bool_)
    array.setflags(write=False)
    return array


def frozen_index(values: ArrayLike | Iterable[int]) -> Index:
    """Return a read-only copy as array positions."""
    array = np.array(values, dtype=np.intp)
    array.setflags(write=False)
    return array


def sparse(matrix: object) -> Matrix:
    """Return a column-compressed float64 matrix, duplicates summed, indices sorted."""
    out = csc_array(matrix, dtype=np.float64)  # type: ignore[call-overload]
    out.sum_duplicates()
    return out  # type: ignore[no-any-return]


def _array(name: str, values: ArrayLike, what: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name}: {error}; expected an array of {what}") from error


def _refuse_cells(
    name: str, values: ArrayLike, accepts: Callable[[object], bool], expected: str
) -> None:
    """Refuse the first cell of another type, as it was before numpy read it."""
    cells = np.array(values, dtype=object)
    if not cells.ndim:
        raise DataError(f"{name} is {shown(values)}, expected a list or an array")
    for position in np.ndindex(cells.shape):
        cell = cells[position]
        if not accepts(cell):
            where = "".join(f"[{i}]" for i in position)
            raise DataError(f"{name}{where} is {shown(cell)}, expected {expected}")


def _is_decimal(cell: object) -> bool:
    return is_number(cell) or isinstance(cell, Decimal)


def _is_truth(cell: object) -> bool:
    return isinstance(cell, bool | np.bool_)
