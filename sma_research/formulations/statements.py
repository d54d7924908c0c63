"""Binaries that state an account in one program, where it is several otherwise.

Unlike other formulations these change what the account states, not a program: an
account is built with their rows, and the rest of the chain solves them.

===============  ==================================================================
trade_sides      which side of a loss is traded (`canonical.trade_sides`); without it
                 sides are chosen by solving again (`sides`), which proves less
netting_switch   which convex function a netted tax is (`canonical.tax_pieces`);
                 without it each is solved (`netted`)
===============  ==================================================================
"""

from collections.abc import Sequence
from typing import Final

from sma_research.errors import SettingError
from sma_research.formulations.method import Exactness, FormulationInfo

SIDES: Final = FormulationInfo(
    name="trade_sides",
    exactness=Exactness.EXACT,
    summary="a binary for each group that is bought or sold at a loss; integer engines",
)
SWITCH: Final = FormulationInfo(
    name="netting_switch",
    exactness=Exactness.EXACT,
    summary="a binary for the case of a netted tax; integer engines",
)
STATEMENTS: Final = (SIDES, SWITCH)


def without_statements(formulation: str | None) -> tuple[frozenset[str], str | None]:
    """Names of a chain that state the account, and what is left of it."""
    names = (formulation or "").split("+")
    stated = frozenset(info.name for info in STATEMENTS if info.name in names)
    return stated, "+".join(name for name in names if name not in stated) or None


def refuse_statements(names: Sequence[str]) -> None:
    """Refuse them where there is a program already.

    Raises
    ------
    SettingError
        Names the first of them.
    """
    for info in STATEMENTS:
        if info.name in names:
            raise SettingError(
                f"{info.name!r} states an account, this is a program already; "
                "expected it in `solve` or `solve_book`"
            )
