"""Names of a Pyomo model's components, and the keys they are indexed by."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from sma_research.arrays import Index
from sma_research.errors import DataError

Labels: TypeAlias = Mapping[str, Sequence[str]]
Pyomo: TypeAlias = Any  # Pyomo ships no types
RESERVED: Final = frozenset(
    {"objective", "objective_constant", "sma_statement", "added_rows"}
)


def add_component(model: Pyomo, name: str, component: Pyomo) -> str:
    """Add under the name, or under the name and ``_`` where it is taken."""
    taken = {*dir(model), *RESERVED}
    while name in taken:
        name += "_"
    model.add_component(name, component)
    return name


def named_blocks(
    named: Mapping[str, slice], size: int, rest: str
) -> Iterator[tuple[str, list[int]]]:
    """Names and members of all blocks; what no block names is called ``rest``."""
    free = np.ones(size, dtype=np.bool_)
    for name, members in named.items():
        index: Index = np.arange(size)[members]
        if not free[index].all():
            raise DataError(f"block {name!r} overlaps another block, expected none")
        free[index] = False
        yield name, index.tolist()
    if free.any():
        yield rest, np.flatnonzero(free).tolist()


def index_keys(block: str, size: int, labels: Labels) -> list[Any]:
    """Index of a block: its labels, or numbers from 0.

    Raises
    ------
    DataError
        As many labels as members are needed, each once.
    """
    keys = list(labels.get(block, range(size)))
    if len(keys) != size or len(set(keys)) != size:
        raise DataError(
            f"{len(keys)} labels, {len(set(keys))} of them distinct, for block "
            f"{block!r}; expected {size} distinct ones"
        )
    return keys
