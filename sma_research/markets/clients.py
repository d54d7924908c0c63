"""Three demonstration clients, each with three ways to be invested.

=======  =========================================================================
client   what sets it apart
=======  =========================================================================
A        never holds MSFT
B        never holds a list of 200 names, large ones among them
C        holds neither tobacco nor alcohol
=======  =========================================================================
"""

from typing import Final

import numpy as np

from sma_research.errors import DataError
from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.tax import TaxRates

TARGET: Final = {"large": 0.7, "mid": 0.2, "small": 0.1}  # broad exposure, as a blend
KINDS: Final = {
    "stock": ("stocks", frozenset({"stock"})),
    "etf": ("etfs", frozenset({"etf"})),
    "both": ("both", frozenset({"stock", "etf"})),
}
CASH = 1_000_000.0  # USD


def demo_accounts(
    market: Market, *, kinds: str = "stock", seed: int = 0
) -> tuple[Account, ...]:
    """Accounts of clients A, B and C, paid in cash, ids such as ``A-stocks``.

    All track the blend 70 % large, 20 % mid, 10 % small with at most 200 names, 5 % a
    name, a tracking error cap of 2 % and tax rates of 37 % and 20 %. They seek the
    least tracking error: ``cost_aversion`` is zero, so that the answer depends on
    risk alone and two solvers can be compared in basis points; spreads are still
    reported. Where funds are allowed they may fill the account
    (``max_etf_weight=1``), since twelve funds of 5 % each could not.

    Raises
    ------
    DataError
        A ``kinds`` that is none of stock, etf and both, or a market without one of
        the benchmarks, MSFT or the tags that the clients name.
    """
    if kinds not in KINDS:
        raise DataError(f"kinds is {kinds!r}, expected one of {', '.join(KINDS)}")
    suffix, held = KINDS[kinds]
    wishes: dict[str, tuple[frozenset[str], frozenset[str]]] = {
        "A": (frozenset({"MSFT"}), frozenset()),
        "B": (frozenset(excluded_list(market, seed=seed)), frozenset()),
        "C": (frozenset(), frozenset({"tobacco", "alcohol"})),
    }
    _require_demo(market)
    return tuple(
        Account(
            account_id=f"{client}-{suffix}",
            cash=CASH,
            tax_rates=TaxRates(short_term=0.37, long_term=0.20),
            mandate=Mandate(
                target=TARGET,
                cost_aversion=0.0,
                tracking_error_cap=0.02,
                kinds=held,
                exclude=exclude,
                screens=screens,
                max_weight=0.05,
                max_etf_weight=1.0 if "etf" in held else None,
                max_names=200,
            ),
        )
        for client, (exclude, screens) in wishes.items()
    )


def demo_book(market: Market, *, seed: int = 0) -> tuple[Account, ...]:
    """All nine accounts: each client in stocks, in funds, and in both."""
    return tuple(
        account
        for kinds in KINDS
        for account in demo_accounts(market, kinds=kinds, seed=seed)
    )


def excluded_list(market: Market, *, seed: int = 0) -> tuple[str, ...]:
    """The names client B never holds: 200, fewer in a market below 3,000 stocks.

    ``min(200, n // 15)`` names, at least one: every second of the largest names for a
    quarter of the list, the rest drawn at random from all other stocks. The very
    largest name is never on it, nor are all of the biggest, so the account can still
    be built.
    """
    universe = market.universe
    stock = np.flatnonzero(universe.is_kind("stock"))
    weight = np.sum([np.asarray(b) for b in market.benchmarks.values()], axis=0)
    by_size = stock[np.argsort(-weight[stock], kind="stable")]
    count = max(1, min(200, stock.size // 15))
    large = by_size[1 : 1 + 2 * (count // 4) : 2]
    # the others of the largest stay allowed
    pool = by_size[1 + 2 * large.size :]
    generator = np.random.default_rng(seed)
    drawn = generator.choice(pool, size=count - large.size, replace=False)
    return tuple(universe.asset[i] for i in sorted([*large, *drawn]))


def _require_demo(market: Market) -> None:
    """Refuse a market that lacks what the clients name."""
    for what, needed, known in (
        ("benchmark", TARGET, market.benchmarks),
        ("asset", ("MSFT",), market.universe.position),
        ("tag", ("tobacco", "alcohol"), market.universe.tags),
    ):
        missing = [name for name in needed if name not in known]
        if missing:
            raise DataError(
                f"the market has no {what} {missing[0]!r}, which the demonstration "
                "clients name; expected one like synthetic_market()"
            )
