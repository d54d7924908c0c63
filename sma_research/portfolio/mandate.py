"""What the client asked for, as data. Weights are decimals of account value."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from sma_research.errors import DataError
from sma_research.fields import require_fields
from sma_research.portfolio.checks import require_fraction, require_known
from sma_research.portfolio.tax_wishes import (
    Equivalents,
    Limit,
    LotOrder,
    TaxModel,
    WashSales,
    check_tax_wishes,
)
from sma_research.portfolio.universe import KINDS

NAME = 1e-4  # least weight of a name that `min_names` counts, one basis point


@dataclass(frozen=True, kw_only=True)
class Band:
    """Lower and upper limit of an exposure.

    Relative bands limit the active exposure (portfolio minus benchmark), absolute
    ones the exposure itself. Sector exposures are weights, factor exposures are in
    the units of the risk model.
    """

    lower: float = -np.inf
    upper: float = np.inf
    relative: bool = True

    def __post_init__(self) -> None:
        require_fields(self)
        if np.isnan(self.lower) or np.isnan(self.upper) or self.lower > self.upper:
            raise DataError(
                f"band from {self.lower} to {self.upper}, expected lower <= upper"
            )


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """Target, limits and the price of risk against tax and cost.

    The objective is ``risk_aversion * active variance + (tax_aversion * tax +
    cost_aversion * transaction cost + waiting) / horizon_years + substitution``, each
    a fraction of account value per year (formulation of the README); ``waiting`` is
    the price of selling what turns long-term soon, ``substitution`` that of holding
    lower ranks of `Equivalents`.

    Raises
    ------
    DataError
        A limit outside its range, or limits that cross.
    """

    target: Mapping[str, float]  # benchmark -> share, sum to one
    risk_aversion: float = 100.0  # value per year, per unit of annual variance
    tax_aversion: float = 1.0
    cost_aversion: float = 1.0
    horizon_years: float = 1.0  # over which one-off tax and cost are spread
    tracking_error_cap: float | None = None  # annual, 2 % is 0.02
    kinds: AbstractSet[str] = frozenset({"stock", "etf"})  # what may be held
    exclude: AbstractSet[str] = frozenset()  # assets never to hold
    screens: AbstractSet[str] = frozenset()  # tags never to hold
    look_through_limit: float | None = None  # of an excluded name inside funds
    max_weight: float = 1.0  # per holding
    max_etf_weight: float | None = None  # per fund; None: max_weight holds for funds
    max_active_weight: float | None = None  # per name, of |weight - benchmark|
    weight_bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    max_names: int | None = None
    min_names: int | None = None  # each of at least `NAME`, and so is all that is held
    min_position: float = 0.0  # smallest weight of what is held
    sector_bands: Mapping[str, Band] = field(default_factory=dict)
    factor_bands: Mapping[int, Band] = field(default_factory=dict)  # factor position
    min_cash: float = 0.0
    max_cash: float = 0.02
    max_turnover: float | None = None  # one-way
    wash_sales: str = WashSales.FORBID
    tax_model: str = TaxModel.NETTED
    gain_limits: Mapping[str, Limit] = field(default_factory=dict)  # see `GAINS`
    tax_budget: float | None = None  # most tax of this rebalance, of account value
    min_harvest: float = 0.0  # least total loss to realize, positive
    min_holding_days: int = 0  # since purchase, before a lot may be sold
    long_term_soon_days: int = 0  # until a lot is long-term, at most
    long_term_soon_price: float = 0.0  # of a dollar of such a lot's gain
    lot_order: str = LotOrder.FREE  # of the custodian
    equivalents: Sequence[Equivalents] = ()

    def __post_init__(self) -> None:
        require_fields(self)
        put = object.__setattr__
        put(self, "kinds", frozenset(self.kinds))
        put(self, "exclude", frozenset(self.exclude))
        put(self, "screens", frozenset(self.screens))
        if not self.target:
            raise DataError("target is empty, expected shares like {'broad': 1.0}")
        require_known("kinds", self.kinds, KINDS[:2])
        if not self.kinds:
            raise DataError("kinds is empty, expected 'stock', 'etf' or both")
        for name in ("max_weight", "max_etf_weight", "min_position", "min_cash",
                     "max_cash", "look_through_limit", "max_active_weight"):  # fmt: skip
            require_fraction(name, getattr(self, name))
        require_fraction("tracking_error_cap", self.tracking_error_cap)
        for name, share in self.target.items():
            require_fraction(f"target share of {name}", share)
        require_fraction("max_turnover", self.max_turnover, most=2.0)
        put(self, "equivalents", tuple(self.equivalents))
        self._check_numbers()
        self._check_crossing()
        check_tax_wishes(self)

    def _check_numbers(self) -> None:
        for name in ("risk_aversion", "horizon_years"):
            value = getattr(self, name)
            if not 0.0 < value < np.inf:
                raise DataError(f"{name} is {value}, expected above 0")
        for name in ("tax_aversion", "cost_aversion"):
            value = getattr(self, name)
            if not 0.0 <= value < np.inf:
                raise DataError(f"{name} is {value}, expected 0 or more")
        for name in ("max_names", "min_names"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise DataError(f"{name} is {value}, expected a whole number from 1")

    def _check_crossing(self) -> None:
        crossing = [
            ("min_cash", self.min_cash, "max_cash", self.max_cash),
            ("min_position", self.min_position, "max_weight", self.max_weight),
            ("min_names", self.min_names or 0, "max_names", self.max_names or np.inf),
            *(
                (f"weight_bounds of {asset}: lower", low, "upper", high)
                for asset, (low, high) in self.weight_bounds.items()
            ),
        ]
        for low_name, low, high_name, high in crossing:
            if not low <= high:
                raise DataError(
                    f"{low_name} {low} is above {high_name} {high}, expected no crossing"
                )
        for asset, bounds in self.weight_bounds.items():
            require_fraction(f"weight_bounds of {asset}", bounds[0])
            require_fraction(f"weight_bounds of {asset}", bounds[1])
