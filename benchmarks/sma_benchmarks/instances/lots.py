"""The scale task of the package taxrebalance 0.2.0: 500 names, 1,500 lots, seed 19.

The same input, drawn here in the same order from the same generator: prices, then lot
by lot its shares, cost and age, then targets, exposures and specific risk. Published:
https://github.com/garroshub/taxrebalance, "Measured scale".

Their model credits 60 % of a loss (80 % used now, 20 % taxed again later) and nothing
for a lot whose asset was bought in the last 30 days. Here tax is linear in the gain,
so the cost of a lot at a loss is moved to where its tax is the same. Objectives are
then equal to the cent. Turnover counts purchases and sales, of which ours is the half.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from sma_benchmarks.instances.content import account_instance
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.instances.reference import Family, whole
from sma_research.arrays import Vector
from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.lots import Lots
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.risk import RiskModel
from sma_research.portfolio.tax import TaxRates
from sma_research.portfolio.universe import Universe

TODAY: Final = date(2025, 6, 30)  # the task has ages, no dates
AGES: Final = (150, 210, 420, 750)  # days
CREDIT: Final = 0.80 - 0.20  # of a loss
MARKED: Final = 17  # the first lot of every 17th asset has a recent replacement
FACTORS: Final = 4


def load(values: Mapping[str, str], _: Path | None) -> Instance:
    """The task at a size."""
    n = whole(values, "n", least=2)
    each = whole(values, "lots", least=1)
    generator = np.random.default_rng(whole(values, "seed"))
    asset = [f"S{i:04d}" for i in range(n)]
    price = generator.uniform(45.0, 170.0, n)
    lots = _lots(asset, price, each, generator)
    held = np.asarray(lots.shares).reshape(n, each).sum(axis=1) * price
    weight = held / held.sum()
    target = weight * generator.uniform(0.50, 1.60, n)
    market = Market(
        as_of=TODAY,
        universe=Universe(
            asset=asset,
            price=price,
            sector=["Unknown"] * n,
            industry=["Unknown"] * n,
            kind=["stock"] * n,
            spread=np.full(n, 2 * 0.0015),
        ),
        benchmarks={"target": target / target.sum()},
        risk_model=RiskModel(
            factor_exposure=generator.normal(0.0, 0.045, (n, FACTORS)),
            factor_covariance=np.eye(FACTORS),
            specific_risk=generator.uniform(0.10, 0.17, n),
        ),
    )
    account = Account(
        account_id="scale",
        lots=lots,
        tax_rates=TaxRates(short_term=0.35, long_term=0.20),
        mandate=_mandate(untraded=asset[-1], weight=float(weight[-1])),
    )
    problem = Problem(market=market, account=account)
    return account_instance(FAMILY.name, FAMILY.reference(values), problem)


def _mandate(*, untraded: str, weight: float) -> Mandate:
    return Mandate(
        target={"target": 1.0},
        risk_aversion=1.0,
        tracking_error_cap=0.03,
        max_turnover=0.35 / 2,
        max_cash=1.0,
        weight_bounds={untraded: (weight, weight)},
        tax_model="linear",  # as the task has it
    )


def _lots(
    asset: list[str], price: Vector, each: int, generator: np.random.Generator
) -> Lots:
    shares, cost, age = [], [], []
    for i in range(price.size):
        for j in range(each):
            shares.append(generator.uniform(5, 40))
            basis = price[i] * generator.uniform(0.72, 1.3)
            age.append(int(generator.choice(AGES)))
            marked = j == 0 and i % MARKED == 0
            loss = max(basis - price[i], 0.0)
            credited = 0.0 if marked else CREDIT
            cost.append(price[i] + credited * loss if loss else basis)
    return Lots(
        asset=[name for name in asset for _ in range(each)],
        shares=np.array(shares),
        cost_per_share=np.array(cost),
        acquired=[TODAY - timedelta(days=days) for days in age],
    )


FAMILY: Final = Family(
    name="lots",
    description="scale task of taxrebalance 0.2.0: its input, drawn again",
    load=load,
    parameters={"n": "500", "lots": "3", "seed": "19"},
)
