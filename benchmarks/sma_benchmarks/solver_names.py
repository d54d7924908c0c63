"""Whether anything here answers to a solver's name, before any solve is begun."""

from difflib import get_close_matches

from sma_benchmarks.methods import Method
from sma_benchmarks.peers import PEERS
from sma_research.errors import BackendNotFound
from sma_research.program.registry import backend_names, load_backend


def check_solver(method: Method) -> None:
    """Refuse a backend, an engine or a peer that nobody knows.

    One whose library or licence is absent passes: its rows say so, and count as not
    covered.

    Raises
    ------
    BackendNotFound
        No backend, engine or peer has that name.
    """
    if method.peer is not None:
        _check_peer(method.peer)
        return
    base, _, engine = method.solver.partition(":")
    if backend_names().count(base) == 1 and not (engine and _imports(base)):
        return
    load_backend(method.solver)


def _check_peer(name: str) -> None:
    if name in PEERS:
        return
    close = get_close_matches(name.lower(), PEERS, n=1)
    meant = f", did you mean {close[0]!r}" if close else ""
    raise BackendNotFound(
        f"no peer is called {name!r}, expected one of {', '.join(PEERS)}{meant}"
    )


def _imports(base: str) -> bool:
    try:
        load_backend(base)
    except BackendNotFound:
        return False
    return True
