"""What an account asks for beyond weights that sum to one, and what a peer can state."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import UnsupportedProgram
from sma_research.portfolio.metrics import tracking_error
from sma_research.portfolio.preferences import waiting_rate
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.realized import ordered_pairs
from sma_research.portfolio.tax_wishes import TaxModel, loss_floor

CAP: Final = 1e-6  # relative


def counted(problem: Problem) -> bool:
    """Whether the limit on names leaves anything out."""
    most = problem.account.mandate.max_names
    return most is not None and int((problem.weight_upper > 0).sum()) > most


def _costs(problem: Problem) -> bool:
    mandate = problem.account.mandate
    return mandate.cost_aversion > 0 and bool(problem.market.universe.cost_rate.any())


def _funds(problem: Problem) -> bool:
    return bool((problem.market.is_fund & (problem.weight_upper > 0)).any())


def _barred(problem: Problem) -> bool:
    return bool(problem.no_sell.any() or problem.wash.no_buy.any())


def _netted(problem: Problem) -> bool:
    model = problem.account.mandate.tax_model
    return problem.account.lots.size > 0 and model == TaxModel.NETTED


def _priced(problem: Problem) -> bool:
    """Whether what a washed loss is worth is not the rate times the loss."""
    return bool(problem.washed.any() and not problem.no_sell[problem.washed].all())


ASKS: Final[Mapping[str, Callable[[Problem], bool]]] = MappingProxyType({
    "tax lots": lambda p: p.account.lots.size > 0,
    "no lots": lambda p: p.account.lots.size == 0,
    "a limit on names": counted,
    "a least number of names": lambda p: p.account.mandate.min_names is not None,
    "a smallest position": lambda p: p.account.mandate.min_position > 0,
    "a limit per name": lambda p: bool((p.weight_upper < 1).any()),
    "a least weight": lambda p: bool((p.weight_lower > 0).any()),
    "a tracking error cap": lambda p: p.account.mandate.tracking_error_cap is not None,
    "a turnover limit": lambda p: p.account.mandate.max_turnover is not None,
    "a limit on cash": lambda p: p.account.mandate.max_cash < 1,
    "a least cash": lambda p: p.account.mandate.min_cash > 0,
    "sector bands": lambda p: bool(p.account.mandate.sector_bands),
    "factor bands": lambda p: bool(p.account.mandate.factor_bands),
    "transaction costs": _costs,
    "funds seen through": _funds,
    "lots to keep or assets not to buy": _barred,
    "limits of gains": lambda p: bool(loss_floor(p.account.mandate)),
    "a tax budget": lambda p: p.account.mandate.tax_budget is not None,
    "netted taxes": _netted,
    "priced wash sales": _priced,
    "a custodian's order of lots": lambda p: ordered_pairs(p)[0].size > 0,
    "a price of waiting": lambda p: bool(waiting_rate(p).any()),
    "equivalents": lambda p: bool(p.account.mandate.equivalents),
})  # fmt: skip


def require_stated(problem: Problem, peer: str, states: frozenset[str]) -> None:
    """Refuse an account that asks for what the peer has no words for.

    Raises
    ------
    UnsupportedProgram
        Names everything it cannot state.
    """
    lacking = [ask for ask, asked in ASKS.items() if asked(problem)]
    lacking = [ask for ask in lacking if ask not in states]
    if lacking:
        raise UnsupportedProgram(
            f"peer:{peer} cannot state {', '.join(lacking)}; expected an account "
            "without"
        )


def after_costs(problem: Problem, weight: Vector) -> Vector:
    """Weights that leave room for the spreads of buying them from cash."""
    out: Vector = weight / (1.0 + problem.market.universe.cost_rate @ weight)
    return out


def within_cap(problem: Problem, weight: Vector) -> bool:
    """Whether weights of least tracking error are within its cap.

    A tool that only minimizes it has no answer where the least is above.
    """
    cap = problem.account.mandate.tracking_error_cap
    return cap is None or tracking_error(problem, weight) <= cap * (1.0 + CAP)


def risk_directions(problem: Problem) -> tuple[Vector, Vector]:
    r"""Independent moves of one standard deviation, of assets and of the benchmark.

    With the first ``(n, d)`` and the second ``(d,)``, the active variance of holdings
    *h* is :math:`\|D^T h - d_b\|^2`: factors, specific moves seen through funds, and
    what funds do beyond their baskets.
    """
    market = problem.market
    risk = market.risk_model
    root = np.hstack([risk.X @ risk.factor_root, np.diag(risk.s)])
    beyond = market.residual_risk
    funds = np.flatnonzero(beyond)
    own = np.zeros((beyond.size, funds.size))
    own[funds, np.arange(funds.size)] = beyond[funds]
    moves = np.hstack([np.asarray(market.baskets @ root), own])
    target = np.concatenate([problem.benchmark @ root, np.zeros(funds.size)])
    return moves, target
