"""What a clause is: sides that belong to the account, coefficients of its shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sma_research.arrays import Matrix, Vector
from sma_research.canonical.layout import Layout
from sma_research.portfolio.problem import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class Rows:
    """Rows of one clause: sides of this account, coefficients of all."""

    lower: Vector
    upper: Vector
    terms: Callable[[], Mapping[str, Matrix]]  # block -> (rows, columns of the block)


Clause = Callable[[Layout, Problem], Rows]
