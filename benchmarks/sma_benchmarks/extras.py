"""What only the extra ``bench`` installs, asked for before any work."""

from importlib.util import find_spec

from sma_research.errors import SmaError

INSTALL = "pip install 'sma-research[bench]'"


def need(*modules: str) -> None:
    """Refuse where a package of the extra is missing.

    Raises
    ------
    SmaError
        Names the packages and how to install them.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise SmaError(
            f"{' and '.join(missing)} cannot be found, expected the extra bench; "
            f"{INSTALL}"
        )
