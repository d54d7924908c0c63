"""References such as ``names:n=[100,300],k=20``: families, parameters and grids."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Final

from sma_benchmarks.instances.instance import Instance
from sma_research.errors import DataError

_PART: Final = re.compile(r"([a-z_]+)=(\[[\w.,+-]*\]|[\w.+-]+)(?:,|$)")


@dataclass(frozen=True, kw_only=True)
class Family:
    """Instances that resemble each other, by their parameters."""

    name: str
    description: str
    load: Callable[[Mapping[str, str], Path | None], Instance]
    parameters: Mapping[str, str] = field(default_factory=dict)  # name -> default
    needs_data: bool = False  # whether real data must be there (SMA_DATA)

    def resolved(self, given: Mapping[str, str]) -> dict[str, str]:
        """Every parameter in the family's order, defaults filled in.

        Raises
        ------
        DataError
            A parameter the family does not have.
        """
        for name in given:
            if name not in self.parameters:
                raise DataError(
                    f"{self.name} has no parameter {name!r}, expected "
                    f"{', '.join(self.parameters) or 'none'}"
                )
        return {**self.parameters, **given}

    def reference(self, values: Mapping[str, str]) -> str:
        """Canonical text of resolved parameters."""
        inside = ",".join(f"{name}={value}" for name, value in values.items())
        return f"{self.name}:{inside}" if inside else self.name


def split(text: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Family and parameters, each with the values of its grid.

    Raises
    ------
    DataError
        Text that is no reference.
    """
    name, _, inside = text.strip().partition(":")
    inside = inside.replace(" ", "")
    grid: dict[str, tuple[str, ...]] = {}
    end = 0
    for part in _PART.finditer(inside):
        if part.start() != end or part[1] in grid:
            break
        end = part.end()
        grid[part[1]] = tuple(part[2].strip("[]").split(","))
    empty = any(not value for values in grid.values() for value in values)
    if not name or end != len(inside) or inside.endswith(",") or empty:
        raise DataError(
            f"instance {text!r} cannot be read, expected family:name=value,... "
            "with lists like n=[100,300]"
        )
    return name, grid


def expand(text: str, families: Mapping[str, Family]) -> tuple[str, ...]:
    """Canonical references of a grid, the last parameter fastest.

    Raises
    ------
    DataError
        Text that is no reference, an unknown family, or an unknown parameter.
    """
    name, grid = split(text)
    if name not in families:
        raise DataError(
            f"instance {text!r}: no family {name!r}, expected one of "
            f"{', '.join(families)}"
        )
    family = families[name]
    return tuple(
        family.reference(family.resolved(dict(zip(grid, values, strict=True))))
        for values in product(*grid.values())
    )


def whole(values: Mapping[str, str], name: str, *, least: int = 0) -> int:
    """A parameter as a whole number.

    Raises
    ------
    DataError
        Anything else, or a number below `least`.
    """
    try:
        number = int(values[name])
    except ValueError as error:
        raise DataError(
            f"{name} is {values[name]!r}, expected a whole number"
        ) from error
    if number < least:
        raise DataError(f"{name} is {number}, expected {least} or more")
    return number


def choice(values: Mapping[str, str], name: str, allowed: Mapping[str, object]) -> str:
    """A parameter as one of a few words.

    Raises
    ------
    DataError
        Another word.
    """
    if values[name] not in allowed:
        raise DataError(
            f"{name} is {values[name]!r}, expected one of {', '.join(allowed)}"
        )
    return values[name]


def folder_of(data: Path | None, name: str) -> Path:
    """Folder of a data set.

    Raises
    ------
    DataError
        No data folder was given, or it holds no such set.
    """
    if data is None or not (data / name).is_dir():
        raise DataError(
            f"no folder {name!r} in {data or 'the data folder'}, expected real data "
            "there; set SMA_DATA to the folder that holds it"
        )
    return data / name
