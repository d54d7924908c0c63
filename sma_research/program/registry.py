"""Backends by name, found through entry points and loaded on demand."""

import sys
from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import cast

from sma_research.errors import BackendNotFound
from sma_research.program.backend import Backend

GROUP = "sma_research.backends"


def backend_names() -> tuple[str, ...]:
    """Names of all installed backends, without importing any of them."""
    return tuple(sorted(entry_points(group=GROUP).names))


def load_backend(name: str) -> Backend:
    """Import and build one backend.

    ``"pyomo:scip"`` asks the backend ``pyomo`` for its engine ``scip``.

    Raises
    ------
    BackendNotFound
        No backend, or more than one, has that name; or its library is missing.
    """
    base, _, engine = name.partition(":")
    matches = _named(base)
    if len(matches) != 1:
        names = ", ".join(backend_names()) or "none"
        raise BackendNotFound(
            f"{len(matches)} backends are called {base!r}, expected one; installed: {names}"
            if matches
            else f"no backend is called {base!r}, expected one of {names}{_meant(base)}"
        )
    (entry_point,) = matches
    try:
        factory = entry_point.load()
    except Exception as error:  # a stranger's module may raise anything
        raise BackendNotFound(
            f"backend {base!r} cannot be imported: {error}; install its library"
        ) from error
    if engine and not signature(factory).parameters:
        raise BackendNotFound(
            f"{base} has no engines, found {name!r}, expected {base!r}"
        )
    return cast(Backend, factory(engine) if engine else factory())


def _named(base: str) -> list[EntryPoint]:
    """Entry points of a name; what was installed meanwhile is looked for again."""
    found = [one for one in _installed(tuple(sys.path)) if one.name == base]
    if len(found) != 1:
        _installed.cache_clear()
        found = [one for one in _installed(tuple(sys.path)) if one.name == base]
    return found


@lru_cache(maxsize=4)
def _installed(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """All backends on a path: reading every package's metadata takes milliseconds."""
    del path
    return tuple(entry_points(group=GROUP))


def _meant(name: str) -> str:
    close = get_close_matches(name.lower(), backend_names(), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
