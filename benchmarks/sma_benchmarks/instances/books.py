"""Many accounts on one market: the demonstration clients' wishes, varied and mixed.

Every account tracks a blend of its own, excludes its own names, and pays its own tax
rates; a third each has a name or two, a list, or screens that it never holds. All own
lots of the same number of large names, so that they share what is compiled.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from sma_benchmarks.instances.content import account_parts, market_parts
from sma_benchmarks.instances.demo import market_of
from sma_benchmarks.instances.holdings import draw_lots
from sma_benchmarks.instances.instance import BookCase, Instance, InstanceKind, digest
from sma_benchmarks.instances.reference import Family, whole
from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.tax import TaxRates

SCREENS: Final = ("tobacco", "alcohol", "gambling", "weapons")
RATES: Final = ((0.37, 0.20), (0.408, 0.238), (0.24, 0.15))  # short, long
MOST_LISTED: Final = 15  # one name of so many is on a client's list


def load(values: Mapping[str, str], _: Path | None) -> Instance:
    """A book of accounts, each drawn from a stream of its own."""
    seed = whole(values, "seed")
    market = market_of(
        whole(values, "n", least=31), whole(values, "factors", least=1), 0, seed
    )
    names, held = whole(values, "k"), whole(values, "held")
    count = whole(values, "accounts", least=1)
    streams = np.random.SeedSequence(seed).spawn(count)
    accounts = [
        _account(market, i, names=names, held=held, stream=stream)
        for i, stream in enumerate(streams)
    ]
    parts = list(market_parts(market))
    for account in accounts:
        parts += account_parts(account)
    return Instance(
        reference=FAMILY.reference(values),
        family=FAMILY.name,
        kind=InstanceKind.BOOK,
        case=BookCase(market=market, accounts=accounts),
        n_assets=market.universe.size,
        n_factors=market.risk_model.factors,
        n_lots=sum(account.lots.size for account in accounts),
        k_names=names or None,
        hash=digest(parts),
    )


def _account(
    market: Market,
    number: int,
    *,
    names: int,
    held: int,
    stream: np.random.SeedSequence,
) -> Account:
    generator = np.random.default_rng(stream)
    universe = market.universe
    listed = (generator.integers(1, 3), universe.size // MOST_LISTED, 0)[number % 3]
    excluded = generator.choice(universe.size, size=int(listed), replace=False)
    known = [tag for tag in SCREENS if tag in universe.tags]
    screens = generator.choice(known, size=2, replace=False) if number % 3 == 2 else ()
    share = generator.dirichlet((14.0, 4.0, 2.0))
    short, long = RATES[generator.integers(len(RATES))]
    value = float(np.exp(generator.normal(13.5, 0.8)))  # USD, median 730,000
    owned = np.sort(generator.choice(2 * held, size=held, replace=False))
    return Account(
        account_id=f"account-{number:05d}",
        lots=draw_lots(
            market, owned, 1, value=0.9 * value if held else 0.0, generator=generator
        ),
        cash=0.1 * value if held else value,
        tax_rates=TaxRates(short_term=short, long_term=long),
        mandate=Mandate(
            target=dict(zip(("large", "mid", "small"), share.tolist(), strict=True)),
            kinds=frozenset({"stock"}),
            exclude=frozenset(universe.asset[int(i)] for i in excluded),
            screens=frozenset(str(tag) for tag in screens),
            max_weight=0.05,
            max_names=names or None,
        ),
    )


FAMILY: Final = Family(
    name="books",
    description="accounts on one market, each with wishes, lots and rates; synthetic",
    load=load,
    parameters={
        "accounts": "100", "n": "500", "factors": "20", "k": "0", "held": "40",
        "seed": "0",
    },
)  # fmt: skip
