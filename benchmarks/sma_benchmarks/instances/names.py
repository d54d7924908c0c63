"""The broad index by at most K names: the count of names against the size."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from sma_benchmarks.instances.content import account_instance
from sma_benchmarks.instances.demo import market_of
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.instances.reference import Family, whole
from sma_research.errors import DataError
from sma_research.portfolio.account import Account
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.problem import Problem


def load(values: Mapping[str, str], _: Path | None) -> Instance:
    """One account in cash; before, the same account that may not hold MSFT.

    No name above 5 %, or twice the average where fewer than 40 names are allowed:
    twenty names of 5 % each would leave nothing to choose. Spreads do not count
    (``cost_aversion=0``), so that methods differ in tracking error alone.
    """
    assets, names = whole(values, "n", least=31), whole(values, "k", least=1)
    if names > assets:
        raise DataError(f"k is {names}, expected at most n, which is {assets}")
    market = market_of(
        assets,
        whole(values, "factors", least=1),
        0,
        whole(values, "seed"),
    )
    mandate = Mandate(
        target={"broad": 1.0},
        kinds=frozenset({"stock"}),
        cost_aversion=0.0,
        max_names=names,
        max_weight=min(1.0, max(0.05, 2.0 / names)),
    )
    account = Account(account_id="names", cash=1_000_000.0, mandate=mandate)
    without = replace(mandate, exclude=frozenset({"MSFT"}))
    return account_instance(
        FAMILY.name,
        FAMILY.reference(values),
        Problem(market=market, account=account),
        Problem(market=market, account=replace(account, mandate=without)),
    )


FAMILY: Final = Family(
    name="names",
    description="an index by at most k of n names; synthetic",
    load=load,
    parameters={"n": "500", "k": "100", "factors": "20", "seed": "0"},
)
