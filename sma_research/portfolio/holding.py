"""How long something was held: calendar months, trade dates, wash-sale tacking."""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from sma_research.portfolio.rules import Tacking

DAY: Final = timedelta(days=1)
DIVIDEND_WINDOW: Final = 60  # days on either side of the ex-dividend date
DIVIDEND_DAYS: Final = 60  # a dividend is qualified above this


class Term(StrEnum):
    """What 26 U.S.C. 1222 calls a gain or a loss."""

    SHORT = "short"
    LONG = "long"


@lru_cache(maxsize=4096)
def first_long_term_day(acquired: date, *, months: int = 12) -> date:
    """First day on which a sale is long-term.

    The count starts the day after acquisition and runs in calendar months; a day that
    its last month lacks becomes the first of the next (Rev. Rul. 66-97, 70-598; Caspe
    v. US, 694 F.2d 1116).
    """
    start = acquired + DAY
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    try:
        return start.replace(year=year, month=month + 1)
    except ValueError:
        year, month = divmod(year * 12 + month + 1, 12)
        return date(year, month + 1, 1)


def term(acquired: date, sold: date) -> Term:
    """Long if held for more than a year, the day of sale counted."""
    return Term.LONG if sold >= first_long_term_day(acquired) else Term.SHORT


def tacked(replacement: date, sale: date, held_since: date, tacking: Tacking) -> date:
    """Day from which a replacement counts as held.

    ``replacement - (sale - held_since)``: the period is added, so the days between
    the sale and the repurchase do not count. A replacement bought before the sale
    counts the overlap twice, as the words of the statute have it.
    """
    if tacking is Tacking.DATE:
        return held_since
    days = min(sale - held_since, replacement - date.min)
    return replacement - days


def dividend_days(acquired: date, sold: date, ex_dividend: date) -> int:
    """Days held within 60 days of the ex-dividend date, the day of purchase left out.

    More than ``DIVIDEND_DAYS`` make a dividend qualified (26 U.S.C. 1(h)(11)(B)(iii)).
    """
    window = timedelta(days=DIVIDEND_WINDOW)
    first = max(acquired + DAY, ex_dividend - window)
    last = min(sold, ex_dividend + window)
    return max((last - first).days + 1, 0)
