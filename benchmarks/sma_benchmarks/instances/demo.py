"""Three clients, each over stocks, over funds, and over both, on a synthetic market."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sma_benchmarks.instances.content import account_instance
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.instances.reference import Family, choice, whole
from sma_research.markets.clients import demo_accounts
from sma_research.markets.synthetic import synthetic_market
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.problem import Problem

CLIENTS: Final = MappingProxyType({"A": 0, "B": 1, "C": 2})
KINDS: Final = MappingProxyType({"stocks": "stock", "etfs": "etf", "both": "both"})


@lru_cache(maxsize=4)
def market_of(n: int, factors: int, etfs: int, seed: int) -> Market:
    """A synthetic market; instances of a suite share it."""
    return synthetic_market(n_assets=n, n_factors=factors, n_etfs=etfs, seed=seed)


def load(values: Mapping[str, str], _: Path | None) -> Instance:
    """One client; before, the same client without any wish of its own."""
    market = market_of(
        whole(values, "n", least=31),
        whole(values, "factors", least=1),
        whole(values, "etfs"),
        whole(values, "seed"),
    )
    accounts = demo_accounts(
        market,
        kinds=KINDS[choice(values, "kinds", KINDS)],
        seed=whole(values, "seed"),
    )
    account = accounts[CLIENTS[choice(values, "client", CLIENTS)]]
    none: frozenset[str] = frozenset()
    plain = replace(account.mandate, exclude=none, screens=none)
    return account_instance(
        FAMILY.name,
        FAMILY.reference(values),
        Problem(market=market, account=account),
        Problem(market=market, account=replace(account, mandate=plain)),
    )


FAMILY: Final = Family(
    name="demo",
    description="three clients over stocks, funds, or both; synthetic",
    load=load,
    parameters={
        "client": "A", "kinds": "stocks", "n": "3000", "factors": "70",
        "etfs": "12", "seed": "0",
    },
)  # fmt: skip
