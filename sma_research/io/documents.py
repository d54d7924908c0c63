"""Book files as data: what a TOML book may say, and nothing else.

Everything is refused that is not named here, of another type, infinite or NaN.
Ranges, and whether names are known, are checked by the values that the book becomes.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


def _none(value: object) -> object:
    """Read the word none, since TOML has no null."""
    return None if value == "none" else value


Cap = Annotated[
    float | None,
    BeforeValidator(_none),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"const": "none"}]}),
]
Count = Annotated[
    int | None,
    BeforeValidator(_none),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": "none"}]}),
]
Position = Annotated[int, Field(strict=False)]  # keys of TOML tables are always text


class Entry(BaseModel):
    """A table of a book file. Its fields are described by the text below each."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        frozen=True,
        use_attribute_docstrings=True,
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


class BandEntry(Entry):
    """Lower and upper limit of an exposure."""

    lower: float | None = None
    """Lower limit; none if left out."""
    upper: float | None = None
    """Upper limit; none if left out."""
    relative: bool = True
    """Limits portfolio minus benchmark (true) or the portfolio itself (false)."""


class BoundsEntry(Entry):
    """Smallest and largest weight of one asset."""

    lower: float = 0.0
    """Smallest weight."""
    upper: float = 1.0
    """Largest weight."""


class TaxEntry(Entry):
    """Marginal tax rates, decimals."""

    short_term: float = 0.37
    """Rate on gains of lots held for up to one year."""
    long_term: float = 0.20
    """Rate on gains of lots held for longer."""


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


class AccountEntry(Wishes):
    """One account: what it owns, and where its wishes differ from the defaults."""

    id: Annotated[str, Field(min_length=1)]
    """Name of the account, unique in the book."""
    cash: float = 0.0
    """USD before the contribution."""
    contribution: float = 0.0
    """USD paid in, negative for a withdrawal."""
    lots: str | None = None
    """CSV of tax lots: asset, shares, cost_per_share, acquired; account if shared."""
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
