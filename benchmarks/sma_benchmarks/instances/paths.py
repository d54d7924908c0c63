"""The instance of a path: an account rebalanced again and again."""

from sma_benchmarks.instances.content import account_parts, period_parts
from sma_benchmarks.instances.instance import Instance, InstanceKind, PathCase, digest
from sma_benchmarks.instances.reference import Family


def path_instance(family: Family, reference: str, case: PathCase) -> Instance:
    """An instance of one path."""
    parts = list(account_parts(case.account))
    for period in case.periods:
        parts += period_parts(period)
    market = case.periods[0].market
    return Instance(
        reference=reference,
        family=family.name,
        kind=InstanceKind.PATH,
        case=case,
        n_assets=market.universe.size,
        n_factors=market.risk_model.factors,
        n_lots=case.account.lots.size,
        k_names=case.account.mandate.max_names,
        hash=digest(parts),
    )
