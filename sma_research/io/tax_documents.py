"""Tables of a book file about taxes."""

from sma_research.io.entries import Cap, Entry, RangeEntry


class TaxEntry(Entry):
    """Marginal tax rates, decimals."""

    short_term: float = 0.37
    """Rate on gains of lots held for up to one year."""
    long_term: float = 0.20
    """Rate on gains of lots held for longer."""
    ordinary: Cap = None
    """What losses save on other income; short_term if left out."""
    niit: float = 0.0
    """Net investment income tax, on gains of both terms."""
    state_short: float = 0.0
    """State's rate on short-term gains."""
    state_long: float = 0.0
    """State's rate on long-term gains."""
    loss_short: Cap = None
    """Value of a short-term loss, linear model; the rate on gains if left out."""
    loss_long: Cap = None
    """Value of a long-term loss, linear model; the rate on gains if left out."""
    carried_loss: float = 0.0
    """Value of a loss that is carried to later years, netted model."""


class LimitEntry(RangeEntry):
    """Lower and upper limit of a sum, of account value."""

    lower: float | None = None
    """Lower limit; none if left out."""
    upper: float | None = None
    """Upper limit; none if left out."""


class EquivalentsEntry(Entry):
    """Substitutes in the order in which they are preferred."""

    assets: list[str]
    """The assets, the preferred one first."""
    step_price: float = 0.0
    """Price of a step down, per unit of weight and year."""
    lower: float = 0.0
    """Least weight of all of them together."""
    upper: float = 1.0
    """Most weight of all of them together."""


class YearEntry(Entry):
    """Where the client's tax year stands, USD."""

    net_short: float = 0.0
    """Net short-term result so far."""
    net_long: float = 0.0
    """Net long-term result so far."""
    carry_short: float = 0.0
    """Short-term losses carried in, positive."""
    carry_long: float = 0.0
    """Long-term losses carried in, positive."""
    held_away_short: float = 0.0
    """Short-term gains expected elsewhere this year."""
    held_away_long: float = 0.0
    """Long-term gains expected elsewhere this year."""
    ordinary_limit: float = 3000.0
    """Most that losses deduct from other income."""
