"""Names for the array types used everywhere. Shapes are stated where they are used."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array

from sma_research.errors import DataError

Vector: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Index: TypeAlias = NDArray[np.intp]
if TYPE_CHECKING:
    Matrix: TypeAlias = csc_array[np.float64]
else:
    Matrix = csc_array  # not subscriptable at run time


def frozen_vector(values: ArrayLike) -> Vector:
    """Return a read-only float64 copy, or refuse what is no array of numbers."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{error}; expected an array of numbers") from error
    array.setflags(write=False)
    return array


def frozen_mask(values: ArrayLike) -> Mask:
    """Return a read-only boolean copy."""
    array = np.array(values, dtype=np.bool_)
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
