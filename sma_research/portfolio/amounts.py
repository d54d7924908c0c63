"""Dollars and shares as exact decimals.

Money is kept to 1e-8 USD and shares to 1e-9. A total that is divided gives its first
part ``round(total x part / whole)`` and leaves the rest to the other, so no cent is
made or lost, however often a lot is divided.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Final

from sma_research.errors import DataError

EXACT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)
CENT_PARTS: Final = Decimal("1E-8")  # USD
SHARE_PARTS: Final = Decimal("1E-9")
ZERO: Final = Decimal(0)
LARGEST: Final = Decimal("1E+15")  # what 40 digits divide exactly enough


def exact(value: object, parts: Decimal) -> Decimal | None:
    """A finite number to the nearest of ``parts``; None for anything else.

    A float means the shortest decimal that reads back as the same float. Text is
    ASCII: what other scripts write as digits is refused.
    """
    if isinstance(value, Decimal) and value.same_quantum(parts):
        return value if abs(value) <= LARGEST else None
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, float, str)):
        return None
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
        if not number.is_finite() or abs(number) > LARGEST:
            return None
        return EXACT.quantize(number, parts)
    except InvalidOperation:
        return None


def pro_rata(total: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """``total x part / whole``, to 1e-8.

    Raises
    ------
    DataError
        A part above the whole.
    """
    if part == whole:
        return total
    if part > whole:
        raise DataError(f"a part of {part} is taken of {whole}, expected at most all")
    return EXACT.quantize(EXACT.divide(EXACT.multiply(total, part), whole), CENT_PARTS)


def per_share(total: Decimal, shares: Decimal) -> Decimal:
    """USD per share; equal quotients are equal decimals."""
    return EXACT.divide(total, shares)


def scaled(shares: Decimal, ratio: Decimal) -> Decimal:
    """Shares after a split, never rounded to none.

    Raises
    ------
    DataError
        More shares than can be counted exactly.
    """
    after = EXACT.multiply(shares, ratio)
    if after > LARGEST:
        raise DataError(
            f"a split makes {after:.3e} shares of one purchase, expected at most "
            f"{LARGEST:.0e}"
        )
    return max(EXACT.quantize(after, SHARE_PARTS), SHARE_PARTS) if shares else ZERO
