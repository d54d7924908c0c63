"""Backends by name, found through entry points and loaded on demand."""

from importlib.metadata import entry_points
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
    matches = entry_points(group=GROUP, name=base)
    if len(matches) != 1:
        raise BackendNotFound(
            f"{len(matches)} backends are called {base!r}, expected one; "
            f"installed: {', '.join(backend_names()) or 'none'}"
        )
    (entry_point,) = matches
    try:
        factory = entry_point.load()
    except Exception as error:  # a stranger's module may raise anything
        raise BackendNotFound(
            f"backend {base!r} cannot be imported: {error}; install its library"
        ) from error
    return cast(Backend, factory(engine) if engine else factory())
