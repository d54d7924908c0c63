"""One client's account: what it owns, and what the client asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import require_unique
from sma_research.portfolio.history import TradeHistory
from sma_research.portfolio.lots import Lots
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.tax import TaxRates, YearToDate


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """Holdings and wishes of one client.

    Raises
    ------
    DataError
        An empty identifier, or cash that is not a number or negative.
    """

    account_id: str
    mandate: Mandate
    lots: Lots = field(default_factory=Lots)
    cash: float = 0.0  # USD before the contribution
    contribution: float = 0.0  # USD paid in, negative for a withdrawal
    tax_rates: TaxRates = field(default_factory=TaxRates)
    year_to_date: YearToDate = field(default_factory=YearToDate)
    history: TradeHistory | None = None  # of the household; None: no other trades

    def __post_init__(self) -> None:
        require_fields(self, label="account_id")
        if not self.account_id:
            raise DataError("account_id is empty, expected a name")
        for name in ("cash", "contribution"):
            value = getattr(self, name)
            if not np.isfinite(value):
                raise DataError(
                    f"{name} of {self.account_id} is {value}, expected a number"
                )
        if self.cash < 0:
            raise DataError(
                f"cash of {self.account_id} is {self.cash}, expected 0 or more"
            )


def check_book(accounts: Sequence[Account]) -> None:
    """Refuse a book with two accounts of one id, or with none."""
    if not accounts:
        raise DataError("the book holds no account, expected at least one")
    require_unique("account_id", [account.account_id for account in accounts])
