"""Refusals of suites, one line each: the file, the field, what was found and expected."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ValidationError

from sma_research.io.refusals import EXPECTED, mistake

WORDS: Final = MappingProxyType({
    **EXPECTED,
    "string_pattern_mismatch": "small letters, digits and _, a letter first",
    "int_from_float": "a whole number",
    "too_short": "at least one entry",
})  # fmt: skip


def suite_refusals(
    where: str,
    error: ValidationError,
    tables: Mapping[str, type[BaseModel]],
    options: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """One line for each field that is refused.

    ``where`` is the file; ``tables`` are the models by the name of their table, the
    whole under no name; a field that an option gave is called by the option.
    """
    lines = []
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        table = str(location[0]) if len(location) > 1 else ""
        names = tables.get(table, tables[""]).model_fields
        field = _written(location)
        shown = options.get(field.partition("[")[0], f"{where}: {field}")
        lines.append(f"{shown} {mistake(detail, names, WORDS)}")
    return lines


def _written(location: tuple[int | str, ...]) -> str:
    """A field as a file would name it: ``budget.threads``, ``seeds[0]``."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")
