"""Wrong types are refused by the name of their field, before anything computes.

What a field may hold is read from its annotation, so that a new field is checked as
soon as it is declared: ``float`` takes any number, ``AbstractSet[str]`` any collection
of text but a lone text, a class its instances. Arrays are checked where they are
frozen (`arrays`), other annotations not at all.
"""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from inspect import isclass
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import numpy as np

from sma_research.errors import DataError, SmaError

SIMPLE: Final = (
    str, bytes, int, float, date, NoneType, list, tuple, set, frozenset, dict, np.generic,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a field may hold."""

    expected: str  # in words
    accepts: Callable[[Any], bool]
    plain: Callable[[Any], object] = lambda value: value  # without numpy's scalars
    keys: "Kind | None" = None  # of a mapping
    items: "Kind | None" = None  # of whatever holds several
    around: tuple[str, str] | None = None  # brackets of an example of text


def require_fields(
    made: Any, *, label: str = "", error: type[SmaError] = DataError
) -> None:
    """Refuse a dataclass instance with a field of another type than annotated.

    ``label`` names the field that tells this instance from others. Numbers of numpy
    become Python's, and so do whole numbers that come as floats.

    Raises
    ------
    SmaError
        ``error``: names the field, what was found and what was expected.
    """
    made_as: Any = type(made)
    for name, kind in _kinds(made_as):
        value = getattr(made, name)
        whose = f" of {getattr(made, label)}" if label not in {"", name} else ""
        for complaint in _complaints(f"{name}{whose}", value, kind):
            raise error(complaint)
        object.__setattr__(made, name, kind.plain(value))


def require_type(
    name: str, value: object, hint: object, *, error: type[SmaError] = DataError
) -> None:
    """Refuse an argument of another type than the annotation ``hint`` says."""
    kind = _kind(hint)
    for complaint in _complaints(name, value, kind) if kind else ():
        raise error(complaint)


def is_number(value: object) -> bool:
    """Whether something is a number of Python or numpy that fits into a float."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return isinstance(value, float | np.integer | np.floating)


def shown(value: object, most: int = 60) -> str:
    """A value on one line: itself if it is simple, else the name of its type."""
    if not isinstance(value, SIMPLE):
        name = type(value).__name__
        return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
    text = " ".join(repr(value).split())
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _complaints(name: str, value: Any, kind: Kind) -> Iterator[str]:
    if not kind.accepts(value):
        example = ""
        if kind.around is not None:
            lone = value if isinstance(value, str) and value else "A"
            example = f" like {kind.around[0]}{lone!r}{kind.around[1]}"
        yield f"{name} is {shown(value)}, expected {kind.expected}{example}"
    elif value is not None:
        for part, inner, of in _parts(name, value, kind):
            yield from _complaints(part, inner, of)


def _parts(name: str, value: Any, kind: Kind) -> Iterator[tuple[str, object, Kind]]:
    """What a collection holds, where its kind says what that should be."""
    if kind.keys is not None:
        yield from ((f"a key of {name}", key, kind.keys) for key in value)
    items = kind.items
    if items is None or (items.items is None and all(map(items.accepts, _held(value)))):
        return
    if isinstance(value, Mapping):
        yield from ((f"{name}[{key!r}]", inner, items) for key, inner in value.items())
    elif isinstance(value, AbstractSet):
        yield from ((f"an element of {name}", inner, items) for inner in value)
    else:
        yield from ((f"{name}[{i}]", inner, items) for i, inner in enumerate(value))


def _held(value: Any) -> Any:
    return value.values() if isinstance(value, Mapping) else value


@lru_cache
def _kinds(cls: Any) -> tuple[tuple[str, Kind], ...]:
    hints = get_type_hints(cls)
    found = ((name, _kind(hint)) for name, hint in hints.items())
    return tuple((name, kind) for name, kind in found if kind is not None)


@lru_cache
def _kind(hint: Any) -> Kind | None:
    origin, args = get_origin(hint), get_args(hint)
    if hint in SCALARS:
        return SCALARS[hint]
    if origin in {Union, UnionType} and len(args) == 2 and NoneType in args:
        return _optional(next(arg for arg in args if arg is not NoneType))
    if origin in SEVERAL:
        return SEVERAL[origin](*args)
    return _instance(hint) if isclass(hint) and hint not in {Any, object} else None


def _optional(hint: object) -> Kind | None:
    kind = _kind(hint)
    if kind is None:
        return None
    accepts, plain = kind.accepts, kind.plain
    return replace(
        kind,
        expected=f"{kind.expected} or None",
        accepts=lambda value: value is None or accepts(value),
        plain=lambda value: None if value is None else plain(value),
    )


def _instance(cls: type) -> Kind:
    return Kind(
        expected=f"sma.{cls.__name__}(...)",
        accepts=lambda value: isinstance(value, cls),
    )


def _mapping(key: object, item: object) -> Kind:
    keys, items = _kind(key), _kind(item)
    words = [kind.expected if kind else "a value" for kind in (keys, items)]
    return Kind(
        expected=f"a dict from {words[0]} to {words[1]}",
        accepts=lambda value: isinstance(value, Mapping),
        keys=keys,
        items=items,
    )


def _set(item: object) -> Kind:
    return _several(item, "a set", "{}")


def _sequence(item: object) -> Kind:
    several = _several(item, "a list", "[]")
    accepts = several.accepts  # a set has no order
    return replace(
        several,
        accepts=lambda value: accepts(value) and not isinstance(value, AbstractSet),
    )


def _several(item: object, what: str, around: str) -> Kind:
    kind, text = _kind(item), item is str
    return Kind(
        expected=what if text or kind is None else f"{what} of {kind.expected}",
        accepts=_is_column,
        items=None if item is date else kind,  # dates are refused with their lot
        around=(around[0], around[1]) if text else None,
    )


def _tuple(*items: object) -> Kind | None:
    if items[1:] == (...,):
        return _sequence(items[0])
    return Kind(
        expected=f"{len(items)} numbers",
        accepts=lambda value: _is_column(value) and len(value) == len(items),
        items=_kind(items[0]),
    )


def _is_column(value: object) -> bool:
    one = getattr(value, "ndim", 1) == 1
    return (
        one
        and isinstance(value, Collection)
        and not isinstance(value, str | bytes | Mapping)
    )


def _plain_number(value: Any) -> object:
    if isinstance(value, np.floating):
        return float(value)
    return int(value) if isinstance(value, np.integer) else value


SCALARS: Final[Mapping[object, Kind]] = {
    float: Kind(expected="a number", accepts=is_number, plain=_plain_number),
    int: Kind(
        expected="a whole number",
        accepts=lambda value: is_number(value) and float(value).is_integer(),
        plain=int,
    ),
    bool: Kind(
        expected="True or False",
        accepts=lambda value: isinstance(value, bool | np.bool_),
        plain=bool,
    ),
    str: Kind(expected="text", accepts=lambda value: isinstance(value, str)),
    date: Kind(
        expected="a date like 2024-03-15, without a time",
        accepts=lambda v: isinstance(v, date) and not isinstance(v, datetime),
    ),
}
SEVERAL: Final[Mapping[object, Callable[..., Kind | None]]] = {
    Mapping: _mapping, dict: _mapping, AbstractSet: _set, frozenset: _set,
    Sequence: _sequence, list: _sequence, tuple: _tuple,
}  # fmt: skip
