"""One account on one date, cross-checked, with the limits of every asset resolved."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.fields import require_fields
from sma_research.portfolio.account import Account
from sma_research.portfolio.acquisitions import WINDOW
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.mandate import NAME
from sma_research.portfolio.problem_checks import check_problem
from sma_research.portfolio.replacements import kept_replacements
from sma_research.portfolio.screens import restricted, wrong_kind
from sma_research.portfolio.tax_wishes import WashSales
from sma_research.portfolio.wash_limits import WashLimits, wash_limits

LEVEL = 1e-9  # of the price: what sells for its cost, up to rounding, has no loss


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """What a rebalance decides: the account against its market.

    Sizes: **n** assets, **m** lots, **k** factors. Weights are fractions of the
    account value, which counts the contribution.

    Raises
    ------
    DataError
        Lots of unknown assets, lots acquired after the market's date, an account
        without value, mandate names that the market does not know, or limits of an
        asset that leave it no weight.
    """

    market: Market
    account: Account

    def __post_init__(self) -> None:
        require_fields(self)
        check_problem(self)

    @cached_property
    def lot_asset(self) -> Index:
        """Position of every lot's asset ``(m,)``."""
        return self.market.universe.positions("lots", list(self.account.lots.asset))

    @property
    def price(self) -> Vector:
        """Prices ``(n,)``, USD per share."""
        return np.asarray(self.market.universe.price)

    @cached_property
    def lot_value(self) -> Vector:
        """Market value of every lot ``(m,)``, USD."""
        value: Vector = self.account.lots.quantity * self.price[self.lot_asset]
        return value

    @cached_property
    def value(self) -> float:
        """Account value, USD, after the contribution or withdrawal."""
        account = self.account
        return float(self.lot_value.sum()) + account.cash + account.contribution

    @cached_property
    def lot_weight(self) -> Vector:
        """Weight of every lot ``(m,)``."""
        return self.lot_value / self.value

    @cached_property
    def held(self) -> Vector:
        """Weight of every asset before trading ``(n,)``."""
        n = self.market.universe.size
        weight = np.bincount(self.lot_asset, weights=self.lot_weight, minlength=n)
        return weight.astype(np.float64)

    @cached_property
    def kept(self) -> Vector:
        """Weight of every asset's lots that may not be sold ``(n,)``."""
        n, stays = self.market.universe.size, np.where(self.no_sell, self.lot_weight, 0)
        return np.bincount(self.lot_asset, weights=stays, minlength=n).astype(float)

    @property
    def cash_before(self) -> float:
        """Weight of cash before trading, contribution counted; negative if owed."""
        return (self.account.cash + self.account.contribution) / self.value

    @cached_property
    def gain_rate(self) -> Vector:
        """Gain per dollar sold ``(m,)``: ``1 - cost / price``."""
        return 1.0 - self.account.lots.cost / self.price[self.lot_asset]

    @cached_property
    def at_loss(self) -> Mask:
        """Lots that sell for less than they cost ``(m,)``."""
        return np.asarray(self.gain_rate < -LEVEL, dtype=np.bool_)

    @cached_property
    def long_term(self) -> Mask:
        """Lots that are long-term today ``(m,)``."""
        return self.account.lots.is_long_term(self.market.as_of)

    @cached_property
    def wash(self) -> WashLimits:
        """What the household's last 30 days forbid; nothing if they are ignored."""
        account, universe = self.account, self.market.universe
        found = wash_limits(universe, account, self.market.as_of, self.forbidden)
        ignored = account.mandate.wash_sales == WashSales.IGNORE
        return found.ignored() if ignored else found

    @cached_property
    def washed(self) -> Mask:
        """Lots at a loss that a recent purchase would disallow in part ``(m,)``."""
        return np.asarray(self.at_loss & self.wash.tainted, dtype=np.bool_)

    @cached_property
    def no_sell(self) -> Mask:
        """Lots that may not be sold: too young, or for a wash sale ``(m,)``."""
        young = self.age < self.account.mandate.min_holding_days
        mode, wash = self.account.mandate.wash_sales, np.zeros_like(young)
        if mode == WashSales.FORBID:
            wash = self.washed
        elif mode == WashSales.PRICE:
            wash = self._replacements
        return np.asarray(young | wash, dtype=np.bool_)

    @property
    def age(self) -> Vector:
        """Days since the purchase of every lot ``(m,)``."""
        today = np.datetime64(self.market.as_of, "D")
        return (today - self.account.lots.bought_days).astype(np.float64)

    @property
    def recent(self) -> Mask:
        """Lots bought in the last 30 days ``(m,)``."""
        return np.asarray(self.age <= WINDOW.days, dtype=np.bool_)

    @cached_property
    def priced(self) -> Mask:
        """Lots whose wash sale is priced: they may be sold at a loss ``(m,)``."""
        prices = self.account.mandate.wash_sales == WashSales.PRICE
        return np.asarray(self.washed & ~self.no_sell & prices, dtype=np.bool_)

    @property
    def _replacements(self) -> Mask:
        """Lots that the price of a wash sale leaves alone ``(m,)``."""
        kept = kept_replacements(
            group=self.market.universe.identical_group[self.lot_asset],
            purchase=self.wash.purchase,
            recent=self.account.lots.is_fresh & self.recent,
            washed=self.washed,
            loss=np.maximum(-self.gain_rate * self.lot_value, 0.0),
        )
        return np.asarray(kept & ~self.forbidden[self.lot_asset], dtype=np.bool_)

    @cached_property
    def taxed_gain_rate(self) -> Vector:
        """Gain per dollar sold that counts for tax ``(m,)``.

        A loss without credit counts as none.
        """
        uncredited = self.account.mandate.wash_sales == WashSales.NO_CREDIT
        return np.where(self.washed & uncredited, 0.0, self.gain_rate)

    @cached_property
    def tax_rate(self) -> Vector:
        """Tax per dollar sold ``(m,)``, linear: rate of the lot's term times gain."""
        rates, gain = self.account.tax_rates, self.taxed_gain_rate
        rate = np.where(
            gain < 0, rates.of_loss(self.long_term), rates.of(self.long_term)
        )
        return rate * gain

    @cached_property
    def benchmark(self) -> Vector:
        """Target weights ``(n,)``."""
        return self.market.blend(self.account.mandate.target)

    @cached_property
    def restricted(self) -> Mask:
        """Assets an exclusion or a screen forbids ``(n,)``."""
        return restricted(self.market.universe, self.account.mandate)

    @cached_property
    def forbidden(self) -> Mask:
        """Assets that may not be held at all ``(n,)``."""
        kind = wrong_kind(self.market.universe, self.account.mandate)
        return np.asarray(self.restricted | kind, dtype=np.bool_)

    @property
    def smallest_position(self) -> float:
        """Least weight of what is held.

        `min_position`, and `NAME` where a least number of names is asked for: a
        holding that nobody would notice is no name.
        """
        mandate = self.account.mandate
        return max(mandate.min_position, NAME if mandate.min_names else 0.0)

    @cached_property
    def weight_upper(self) -> Vector:
        """Largest weight of every asset ``(n,)``.

        ``min(max_weight, bound by name, benchmark + max_active_weight)``, what is held
        where buying is forbidden, and zero where holding is. Funds follow
        ``max_etf_weight`` when given.
        """
        universe, mandate = self.market.universe, self.account.mandate
        upper = np.full(universe.size, mandate.max_weight)
        if mandate.max_etf_weight is not None:
            upper[universe.is_kind("etf")] = mandate.max_etf_weight
        if mandate.max_active_weight is not None:
            stock = ~universe.is_kind("etf")
            active = self.benchmark + mandate.max_active_weight
            upper[stock] = np.minimum(upper, active)[stock]
        for asset, (_, high) in mandate.weight_bounds.items():
            i = universe.position[asset]
            upper[i] = min(upper[i], high)
        upper = np.where(self.wash.no_buy, np.minimum(upper, self.held), upper)
        return np.where(self.forbidden, 0.0, upper)

    @cached_property
    def weight_lower(self) -> Vector:
        """Smallest weight of every asset ``(n,)``, as its name's bounds ask."""
        universe, mandate = self.market.universe, self.account.mandate
        lower = np.zeros(universe.size)
        if mandate.max_active_weight is not None:
            stock = ~universe.is_kind("etf") & ~self.forbidden
            floor = np.clip(self.benchmark - mandate.max_active_weight, 0.0, None)
            lower[stock] = floor[stock]
        for asset, (low, _) in mandate.weight_bounds.items():
            i = universe.position[asset]
            lower[i] = max(lower[i], low)
        return lower

    def active(self, weight: Vector) -> Vector:
        """Look-through active weight ``(n,)`` of holdings ``(n,)``: W'h - b."""
        out: Vector = np.asarray(self.market.baskets.T @ weight) - self.benchmark
        return out
