"""The versioned JSON of a ledger. Money in USD; carried losses are positive."""

import datetime as dt
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from sma_research.io.records import Record
from sma_research.portfolio.holding import Term
from sma_research.portfolio.ledger import Ledger, LedgerRules
from sma_research.portfolio.rules import (
    Filing,
    IraOrder,
    Method,
    OlderLot,
    SoldReplacement,
    SpouseBasis,
    Tacking,
)
from sma_research.portfolio.transactions import AccountKind

DECIMALS: Final = 9


def _rounded(value: object) -> object:
    return round(float(value), DECIMALS) if isinstance(value, Decimal) else value


Number = Annotated[float, BeforeValidator(_rounded)]


class DisposalRecord(Record):
    """Shares of one purchase and one history that were sold."""

    date: dt.date
    """Trade date of the sale."""
    asset: str
    """What was sold."""
    account: str
    """Where."""
    account_kind: AccountKind
    """Disposals of an IRA count in no year."""
    lot: str
    """Lot sold."""
    acquired: dt.date
    """Trade date of its purchase."""
    adjusted_acquired: dt.date
    """Day from which it counts as held."""
    shares: Number
    """Shares sold; 0 where an earlier sale is restated."""
    proceeds: Number
    """After fees."""
    basis: Number
    """Cost with fees, disallowed losses of earlier sales added."""
    gain: Number
    """Proceeds less basis."""
    term: Term
    """By the adjusted date."""
    disallowed: Number
    """Part of the loss that a wash sale disallows, positive."""
    allowed: Number
    """Gain plus disallowed: what counts in the year."""
    replacement: str
    """Lot to which the disallowed loss went; empty if none."""
    permanent: Number
    """Part of the disallowed loss that no basis takes up."""


class OpenLotRecord(Record):
    """Shares still held, of one purchase and one history.

    As a row of the CSV of lots: purchase is the label of that name, acquired is its
    purchased, adjusted_acquired its acquired, adjusted_basis / shares its
    cost_per_share.
    """

    lot: str
    """Lot."""
    asset: str
    """What is held."""
    account: str
    """Where."""
    account_kind: AccountKind
    """Whose, and whether it is taxed."""
    shares: Number
    """Shares held."""
    basis: Number
    """Cost with fees."""
    acquired: dt.date
    """Trade date of the purchase."""
    adjusted_basis: Number
    """Cost, and disallowed losses of other sales."""
    adjusted_acquired: dt.date
    """Day from which they count as held."""
    replaced: bool
    """Whether they replaced sold shares, and so will replace no others."""
    identical: str
    """Identity group."""
    purchase: int
    """Equal for shares of one purchase, rising in the order of acquisition: the label
    to give lots in the column purchase. A lot's name may repeat in other assets."""


class YearRecord(Record):
    """One calendar year; losses carried on enter the next."""

    year: int
    """Calendar year."""
    net_short: float
    """Short-term gains less losses that are allowed, before losses carried in."""
    net_long: float
    """Long-term gains less losses that are allowed, before losses carried in."""
    taxable_short: float
    """Taxed at the short-term rate, after netting and losses carried in."""
    taxable_long: float
    """Taxed at the long-term rate, after netting and losses carried in."""
    ordinary_offset: float
    """Deducted from other income."""
    carry_short: float
    """Short-term loss carried to the next year, positive."""
    carry_long: float
    """Long-term loss carried to the next year, positive."""
    disallowed: float
    """Losses of the year that wash sales disallow."""
    permanent: float
    """Part of them that no basis takes up."""
    provisional: bool
    """Whether a purchase after the last transaction may still undo a loss."""


class RulesRecord(Record):
    """How the ledger was kept."""

    method: Method
    """Which shares a sale without a lot disposes of."""
    tacking: Tacking
    """Whether a replacement adds the period held or takes over the date."""
    older_lot: OlderLot
    """Whether a purchase in the window replaces shares bought after it."""
    sold_replacement: SoldReplacement
    """Whether a purchase in the window replaces although it was sold before."""
    ira_order: IraOrder
    """Whether an IRA replaces in the order of acquisition or after other accounts."""
    spouse_basis: SpouseBasis
    """Whether a loss is added to the basis of the other spouse's replacement."""
    filing: Filing
    """Whose limit holds for losses against other income."""
    carry_short: float
    """Short-term loss carried into the first year, positive, USD."""
    carry_long: float
    """Long-term loss carried into the first year, positive, USD."""
    first_year: int | None
    """Year that carried losses enter; null for that of the first transaction."""


class LedgerFile(Record):
    """What a household realized, what it holds, and what each year reports."""

    schema_name: Annotated[Literal["sma.ledger/1"], Field(alias="schema")] = (
        "sma.ledger/1"
    )
    """Name and version of this format."""
    rules: RulesRecord
    """How the ledger was kept."""
    disposals: list[DisposalRecord]
    """In the order of the sales."""
    open_lots: list[OpenLotRecord]
    """By asset, account and purchase."""
    years: list[YearRecord]
    """To the last transaction, without gaps: from the year that carried losses enter,
    or from the first taxable sale where there are none."""


def ledger_text(ledger: Ledger, rules: LedgerRules) -> str:
    """A ledger as JSON."""
    file = LedgerFile(
        rules=RulesRecord(
            method=rules.method,
            filing=rules.filing,
            carry_short=rules.carry_short,
            carry_long=rules.carry_long,
            first_year=rules.first_year,
            **asdict(rules.wash),
        ),
        disposals=[
            DisposalRecord.model_validate(disposal, from_attributes=True)
            for disposal in ledger.disposals
        ],
        open_lots=[
            OpenLotRecord.model_validate(lot, from_attributes=True)
            for lot in ledger.open_lots
        ],
        years=[
            YearRecord.model_validate(year, from_attributes=True)
            for year in ledger.years
        ],
    )
    return file.model_dump_json(indent=1, by_alias=True) + "\n"


def ledger_schema() -> dict[str, object]:
    """JSON Schema of ledger files."""
    return LedgerFile.model_json_schema(by_alias=True, mode="serialization")
