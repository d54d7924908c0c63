"""Book files as data: what a TOML book may say, and nothing else.

Everything is refused that is not named here, of another type, infinite or NaN.
Ranges, and whether names are known, are checked by the values that the book becomes.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from sma_research.io.entries import Cap, Count, Entry, Position, RangeEntry
from sma_research.io.tax_documents import (
    EquivalentsEntry,
    LimitEntry,
    TaxEntry,
    YearEntry,
)


class SyntheticEntry(Entry):
    """Arguments of the embedded synthetic market."""

    n_assets: int = 3000
    """Number of stocks."""
    n_factors: int = 70
    """Number of risk factors."""
    n_etfs: int = 12
    """Number of funds."""
    seed: int = 0
    """Seed of the generator."""
    as_of: date = date(2025, 6, 30)
    """Date of the market."""


class MarketEntry(Entry):
    """Where the market comes from: exactly one of the two."""

    folder: str | None = None
    """Folder written by `sma import`, relative to the book file."""
    synthetic: SyntheticEntry | None = None
    """The embedded synthetic market."""
    identical: str | None = None
    """CSV of asset, identical: identity groups in place of the market's own."""


class BandEntry(RangeEntry):
    """Lower and upper limit of an exposure."""

    lower: float | None = None
    """Lower limit; none if left out."""
    upper: float | None = None
    """Upper limit; none if left out."""
    relative: bool = True
    """Limits portfolio minus benchmark (true) or the portfolio itself (false)."""


class BoundsEntry(RangeEntry):
    """Smallest and largest weight of one asset."""

    lower: float = 0.0
    """Smallest weight."""
    upper: float = 1.0
    """Largest weight."""


class Wishes(Entry):
    """What a client asks for. An account's own value replaces the default.

    Exclusions and screens add up with those of the defaults instead.
    """

    target: dict[str, float] | None = None
    """Benchmark and its share; shares sum to one."""
    risk_aversion: float | None = None
    """Price of annual active variance, value per year."""
    tax_aversion: float | None = None
    """Weight of tax against risk."""
    cost_aversion: float | None = None
    """Weight of transaction cost against risk."""
    horizon_years: float | None = None
    """Years over which tax and cost are spread."""
    tracking_error_cap: Cap = None
    """Largest annual tracking error, 0.02 for 2 %."""
    kinds: list[Literal["stock", "etf"]] | None = None
    """What may be held."""
    exclude: list[str] | None = None
    """Assets never to hold; adds to the defaults."""
    exclude_file: str | None = None
    """More of them: a CSV with a column asset, or a text file of one per line."""
    screens: list[str] | None = None
    """Tags never to hold; adds to the defaults."""
    look_through_limit: Cap = None
    """Largest weight of an excluded name inside funds."""
    max_weight: float | None = None
    """Largest weight of one holding."""
    max_etf_weight: Cap = None
    """Largest weight of one fund, in place of max_weight."""
    max_active_weight: Cap = None
    """Largest difference of a weight from the benchmark's."""
    weight_bounds: dict[str, BoundsEntry] | None = None
    """Bounds by asset."""
    max_names: Count = None
    """Largest number of holdings."""
    min_names: Count = None
    """Smallest number of holdings."""
    min_position: float | None = None
    """Smallest weight of what is held."""
    sector_bands: dict[str, BandEntry] | None = None
    """Bands by sector."""
    factor_bands: dict[Position, BandEntry] | None = None
    """Bands by position of the factor, from 0."""
    min_cash: float | None = None
    """Smallest weight of cash."""
    max_cash: float | None = None
    """Largest weight of cash."""
    max_turnover: Cap = None
    """Largest one-way turnover."""
    tax_rates: TaxEntry | None = None
    """Marginal tax rates."""
    wash_sales: Literal["forbid", "no_credit", "price", "ignore"] | None = None
    """What is done about losses that a wash sale would disallow."""
    tax_model: Literal["linear", "netted"] | None = None
    """Rate times gain lot by lot, or exact netting of the year."""
    gain_limits: dict[str, LimitEntry] | None = None
    """Limits of short_gain, short_loss, short_net, long_..., total_...; of value."""
    tax_budget: Cap = None
    """Most tax of this rebalance, of account value."""
    min_harvest: float | None = None
    """Least total loss to realize, of account value."""
    min_holding_days: int | None = None
    """Days since purchase before a lot may be sold."""
    long_term_soon_days: int | None = None
    """Days before a lot turns long-term in which selling its gain has a price."""
    long_term_soon_price: float | None = None
    """That price, of a dollar of the gain."""
    lot_order: Literal["free", "fifo", "hifo"] | None = None
    """Which lots of an asset the custodian sells first."""
    equivalents: list[EquivalentsEntry] | None = None
    """Groups of substitutes."""


class AccountEntry(Wishes):
    """One account: what it owns, and where its wishes differ from the defaults."""

    id: Annotated[str, Field(min_length=1)]
    """Name of the account, unique in the book."""
    cash: float = 0.0
    """USD before the contribution."""
    contribution: float = 0.0
    """USD paid in, negative for a withdrawal."""
    lots: str | None = None
    """CSV of tax lots: asset, shares, cost_per_share, acquired; purchased where a wash
    sale moved acquired back (blank: the same), purchase (a label that lots bought
    together share) if known, account if shared."""
    history: str | None = None
    """CSV of the household's purchases and sales at a loss of the last 30 days: date,
    asset, side (buy or loss), shares; account, account_kind, identical if known."""
    year_to_date: YearEntry = YearEntry()
    """Where the client's tax year stands."""
    positions: str | None = None
    """CSV of asset, shares (and account) that the lots must add up to."""


class BookFile(Entry):
    """A book of accounts that share one market."""

    market: MarketEntry
    """The market of all accounts."""
    defaults: Wishes = Wishes()
    """Wishes of every account that does not say otherwise."""
    account: Annotated[list[AccountEntry], Field(min_length=1)]
    """The accounts, each an `[[account]]`."""
