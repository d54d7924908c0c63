"""Further verbs of ``sma``, brought by other packages through an entry point.

A package names a `typer.Typer` in the group ``sma_research.commands``; its name there
is the verb. What it imports at start-up slows every other verb, so it should import
typer and little else.
"""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import cast

import typer

from sma_research.errors import SmaError

GROUP = "sma_research.commands"
# Whatever is asked of a verb that does not load, the answer is why it does not.
ANY = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_extensions(app: typer.Typer) -> None:
    """Add every verb that an installed package brings, in the order of their names."""
    for entry_point in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        try:
            verbs = cast(typer.Typer, entry_point.load())
        except Exception as error:  # a stranger's module may raise anything
            app.command(entry_point.name, help="Does not load.", context_settings=ANY)(
                _refusal(entry_point, error)
            )
        else:
            app.add_typer(verbs, name=entry_point.name)


def _refusal(entry_point: EntryPoint, error: Exception) -> Callable[[], None]:
    """Say what is wrong when the verb is asked for, and leave the others alone."""
    said = " ".join(str(error).split()) or type(error).__name__

    def refuse() -> None:
        raise SmaError(
            f"verb {entry_point.name!r} does not load from {entry_point.value}: {said}; "
            "repair or remove its package"
        )

    return refuse
