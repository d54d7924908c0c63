"""Numbers as text: bp with two decimals, seconds with three significant digits.

`templates/evidence.js` writes the same numbers by the same rules.
"""

import math
from typing import Final

NONE: Final = "\N{EN DASH}"  # a value that does not exist
MISSING: Final = frozenset({"", "<NA>", "nan", "NaT"})


def number(value: object) -> float | None:
    """A finite float, or None for whatever a table holds instead of one."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def decimals(value: object, places: int) -> str:
    """Fixed decimals; a zero has no sign."""
    found = number(value)
    if found is None:
        return NONE
    text = f"{found:.{places}f}"
    return text.lstrip("-") if not text.strip("-0.") else text


def bp(value: object) -> str:
    """Basis points."""
    return decimals(value, 2)


def significant(value: object, digits: int = 3) -> str:
    """A number with its leading digits: ``0.0123``, ``1.20``, ``1230``."""
    found = number(value)
    if found is None:
        return NONE
    if found == 0:
        return "0"
    rounded = float(f"{found:.{digits - 1}e}")
    power = math.floor(math.log10(abs(rounded)))
    if power < -5 or power > 8:
        return f"{found:.{digits - 1}e}"
    return f"{rounded:.{max(digits - 1 - power, 0)}f}"


def percent(value: object) -> str:
    """A share as per cent, one decimal."""
    found = number(value)
    return NONE if found is None else decimals(100 * found, 1)


def fine_percent(value: object) -> str:
    """A relative gap as per cent, three decimals."""
    found = number(value)
    return NONE if found is None else decimals(100 * found, 3)


def count(value: object) -> str:
    """A whole number."""
    return decimals(value, 0)


def text(value: object) -> str:
    """Words as they are."""
    return NONE if value is None or str(value) in MISSING else str(value)
