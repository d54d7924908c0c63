"""Everything about a ledger that somebody chooses, or that the law leaves open.

The first word of every list is the default, except that the method is the client's.
"""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """A standing instruction to the broker."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    LOFO = "lofo"
    MIN_TAX = "min_tax"
    BROKER_MINTAX = "broker_mintax"
    SPECIFIC = "specific"


class Filing(StrEnum):
    """How the household files."""

    SINGLE = "single"
    JOINT = "joint"
    SEPARATE = "separate"  # married, filing separately
    HEAD = "head"  # of household


class Tacking(StrEnum):
    """What the replacement of a wash sale takes over (26 U.S.C. 1223(3))."""

    PERIOD = "period"  # the days the sold shares were held, added to its own
    DATE = "date"  # the day the sold shares were acquired


class OlderLot(StrEnum):
    """A purchase in the window, older than the shares sold."""

    REPLACES = "replaces"  # the words of 1091(a)
    IGNORED = "ignored"  # what was bought first cannot replace what was bought later


class SoldReplacement(StrEnum):
    """A purchase in the window that was itself sold before the loss."""

    IGNORED = "ignored"  # practice
    REPLACES = "replaces"  # "has acquired"; its own sale is restated


class IraOrder(StrEnum):
    """Which replacement comes first."""

    ACQUISITION = "acquisition"  # whatever was bought first
    TAXABLE_FIRST = "taxable_first"  # an IRA only for what taxable accounts leave


class SpouseBasis(StrEnum):
    """Where a loss goes when the other spouse bought the replacement."""

    ADDED = "added"  # to the basis of the replacement
    LOST = "lost"  # nowhere


@dataclass(frozen=True, kw_only=True)
class WashRules:
    """How the points are read that law and practice leave open."""

    tacking: Tacking = Tacking.PERIOD
    older_lot: OlderLot = OlderLot.REPLACES
    sold_replacement: SoldReplacement = SoldReplacement.IGNORED
    ira_order: IraOrder = IraOrder.ACQUISITION
    spouse_basis: SpouseBasis = SpouseBasis.ADDED
