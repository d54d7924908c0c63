"""A program whose optimum somebody else has published."""

from dataclasses import dataclass

from sma_research.arrays import Vector
from sma_research.program.form import Parameters, Structure


@dataclass(frozen=True, eq=False, kw_only=True)
class Published:
    """A program and what is known of its optimum, in units of its objective.

    No bound may pass `upper` and no answer may beat `lower`. Both are widened by what
    the published digits leave open.
    """

    name: str
    family: str
    structure: Structure
    parameters: Parameters
    lower: float  # best proven bound
    upper: float  # best known value
    source: tuple[Vector, ...] = ()  # numbers the program follows from, for its hash
