"""What an abstract problem consists of, part by part, in a fixed order, for its hash.

Two machines may differ in the last digits of a matrix product. Numbers are therefore
hashed to seven digits of the largest entry of their array: enough to tell instances
apart, not enough to tell processors apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import ArrayLike

from sma_benchmarks.instances.instance import (
    AccountCase,
    Instance,
    InstanceKind,
    Period,
    ProgramCase,
    digest,
)
from sma_research.arrays import Matrix, Vector
from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.history import TradeHistory
from sma_research.portfolio.mandate import Mandate
from sma_research.portfolio.problem import Problem

DIGITS = 7


def rounded(values: ArrayLike) -> Vector:
    """Values in units of a power of ten above the largest, to seven digits."""
    array = np.asarray(values, dtype=np.float64)
    finite = np.abs(array[np.isfinite(array)])
    largest = float(finite.max()) if finite.size else 0.0
    unit = 10.0 ** np.ceil(np.log10(largest) - 1e-9) if largest > 0 else 1.0
    return np.asarray(np.round(array / unit, DIGITS) + 0.0)


def account_instance(
    family: str, reference: str, problem: Problem, before: Problem | None = None
) -> Instance:
    """An instance of one account."""
    parts = [*market_parts(problem.market), *account_parts(problem.account)]
    if before is not None:
        parts += account_parts(before.account)
    return Instance(
        reference=reference,
        family=family,
        kind=InstanceKind.ACCOUNT,
        case=AccountCase(problem=problem, before=before),
        n_assets=problem.market.universe.size,
        n_factors=problem.market.risk_model.factors,
        n_lots=problem.account.lots.size,
        k_names=problem.account.mandate.max_names,
        hash=digest(parts),
    )


def program_instance(
    family: str,
    reference: str,
    case: ProgramCase,
    source: Sequence[object] | None = None,
) -> Instance:
    """An instance of one program.

    ``source`` is what identifies it where the program's own numbers come from a
    decomposition, which processes may do differently in their last digits.
    """
    return Instance(
        reference=reference,
        family=family,
        kind=InstanceKind.PROGRAM,
        case=case,
        n_assets=case.structure.integer.size,
        hash=digest(program_parts(case) if source is None else source),
    )


def market_parts(market: Market) -> Iterator[object]:
    """A market."""
    universe, risk = market.universe, market.risk_model
    yield from (market.as_of.isoformat(), universe.asset, universe.sector)
    yield from (universe.industry, universe.kind, universe.identical)
    yield rounded(universe.price)
    for tag in sorted(universe.tags):
        yield from (tag, np.asarray(universe.tags[tag]))
    for column in (universe.adv, universe.spread):
        yield None if column is None else rounded(column)
    yield from (rounded(risk.X), rounded(risk.F), rounded(risk.s))
    for name in sorted(market.benchmarks):
        yield from (name, rounded(market.benchmarks[name]))
    yield from matrix_parts(market.baskets)
    yield rounded(market.residual_risk)


def account_parts(account: Account) -> Iterator[object]:
    """An account."""
    lots = account.lots
    yield from (account.account_id, account.cash, account.contribution)
    yield repr(account.tax_rates)
    yield from (lots.asset, rounded(lots.quantity), rounded(lots.cost))
    yield [day.isoformat() for day in lots.acquired]
    yield [day.isoformat() for day in lots.bought]
    if any(lots.purchase):
        yield lots.purchase
    yield repr(account.year_to_date)
    history = account.history or TradeHistory()
    yield from (history.asset, history.side, rounded(history.quantity))
    yield [day.isoformat() for day in history.date]
    yield from (history.account, history.account_kind, history.identical)
    yield from mandate_parts(account.mandate)


def mandate_parts(mandate: Mandate) -> Iterator[object]:
    """A mandate; sets and mappings sorted, since their order has no meaning."""
    for column in fields(mandate):
        value = getattr(mandate, column.name)
        if isinstance(value, frozenset | set):
            value = sorted(value)
        elif hasattr(value, "items"):
            value = sorted(value.items())
        yield from (column.name, value)


def program_parts(case: ProgramCase) -> Iterator[object]:
    """A program."""
    s, d = case.structure, case.parameters
    yield from matrix_parts(s.P)
    yield from matrix_parts(s.A)
    yield from (s.integer, s.on_off.binary, s.on_off.column)
    yield from (s.cones.epigraph, s.cones.scale, s.cones.column)
    for cap in s.caps:
        yield from (cap.name, rounded(cap.square))
    for name in ("q", "row_lower", "row_upper", "lower", "upper", "on_lower",
                 "on_upper", "cap_linear", "cap_limit"):  # fmt: skip
        yield from (name, rounded(getattr(d, name)))
    yield d.r


def period_parts(period: Period) -> Iterator[object]:
    """One rebalance of a path, with what happens after it."""
    yield from market_parts(period.market)
    yield from (rounded(period.returns), rounded(period.benchmark_returns))
    yield period.date.isoformat()


def matrix_parts(matrix: Matrix) -> Iterator[object]:
    """A sparse matrix."""
    yield matrix.shape
    yield np.asarray(matrix.indptr, dtype=np.int64)
    yield np.asarray(matrix.indices, dtype=np.int64)
    yield rounded(matrix.data)
