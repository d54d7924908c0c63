"""Families by name, and instances by reference."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sma_benchmarks.instances import (
    books,
    demo,
    indtrack,
    lots,
    names,
    programs,
    scaling,
    sp500,
)
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.instances.reference import Family
from sma_benchmarks.instances.reference import expand as expand_in
from sma_research.errors import DataError

__all__ = ["FAMILIES", "Family", "expand", "load"]

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType({
    family.name: family
    for family in (
        demo.FAMILY, names.FAMILY, indtrack.FAMILY, programs.MINIMUM_BUY_IN,
        programs.FRONTIERS, sp500.FAMILY, lots.FAMILY, books.FAMILY,
        programs.CONVEX, scaling.FAMILY,
    )
})  # fmt: skip


def expand(text: str) -> tuple[str, ...]:
    """Canonical references of a grid such as ``names:n=[100,300],k=20``.

    Raises
    ------
    DataError
        Text that is no reference, an unknown family, or an unknown parameter.
    """
    return expand_in(text, FAMILIES)


def load(reference: str, data: Path | None) -> Instance:
    """The instance of a reference without grids.

    Raises
    ------
    DataError
        A reference that is malformed or stands for several instances, or real data
        that is absent.
    """
    canonical = expand(reference)
    if len(canonical) != 1:
        raise DataError(
            f"{reference} stands for {len(canonical)} instances, expected one"
        )
    name, _, inside = canonical[0].partition(":")
    values = dict(part.split("=", 1) for part in inside.split(",") if part)
    return FAMILIES[name].load(values, data)
