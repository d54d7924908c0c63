"""One account whose names, name limit, lots and factors grow one at a time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from sma_benchmarks.instances.content import account_instance
from sma_benchmarks.instances.demo import market_of
from sma_benchmarks.instances.holdings import draw_lots
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.instances.reference import Family, whole
from sma_research.errors import DataError
from sma_research.portfolio.account import Account
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.problem import Problem

VALUE: Final = 1_000_000.0  # USD
HELD: Final = 0.9  # of the account, where there are lots
MOST_EACH: Final = 20  # lots of one asset


def load(values: Mapping[str, str], _: Path | None) -> Instance:
    """One account of a size; `lots` are spread over at most `k` of the larger names."""
    names, lots = whole(values, "k", least=1), whole(values, "lots")
    seed = whole(values, "seed")
    market = market_of(
        whole(values, "n", least=31), whole(values, "factors", least=1), 0, seed
    )
    most = min(names, market.universe.size)
    each = -(-lots // most)
    if each > MOST_EACH or (lots and lots % each):
        raise DataError(
            f"lots is {lots} for {most} names, expected at most {MOST_EACH} each and a "
            "whole number of them"
        )
    generator = np.random.default_rng(seed)
    largest = min(2 * names, market.universe.size)
    owned = generator.choice(largest, size=lots // each if lots else 0, replace=False)
    held = HELD * VALUE if lots else 0.0
    account = Account(
        account_id="scaling",
        lots=draw_lots(market, np.sort(owned), each, value=held, generator=generator),
        cash=VALUE - held,
        mandate=Mandate(
            target={"broad": 1.0},
            kinds=frozenset({"stock"}),
            max_names=names,
            max_weight=min(1.0, max(0.05, 2.0 / names)),
        ),
    )
    return account_instance(
        FAMILY.name,
        FAMILY.reference(values),
        Problem(market=market, account=account),
    )


FAMILY: Final = Family(
    name="scaling",
    description="one account, with n, k, lots and factors growing; synthetic",
    load=load,
    parameters={"n": "500", "k": "100", "lots": "0", "factors": "20", "seed": "0"},
)
