"""Sides of trades as binaries of the account's program (`canonical.trade_sides`).

Unlike other formulations it changes what the account states, not a program: an account
is built with its rows, and the rest of the chain solves them. Without it sides are
chosen by solving again (`sides`), which proves less.
"""

from typing import Final

from sma_research.formulations.method import Exactness, FormulationInfo

INFO: Final = FormulationInfo(
    name="trade_sides",
    exactness=Exactness.EXACT,
    summary="a binary for each group that is bought or sold at a loss; integer engines",
)


def without_sides(formulation: str | None) -> tuple[bool, str | None]:
    """Whether a chain asks for sides as binaries, and what is left of it."""
    names = (formulation or "").split("+")
    rest = "+".join(name for name in names if name != INFO.name)
    return INFO.name in names, rest or None
