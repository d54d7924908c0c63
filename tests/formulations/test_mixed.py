"""Accounts of stocks and funds: the hull of both states, and names that fit funds."""

from dataclasses import replace

import numpy as np
import pytest

from sma_research.canonical.build import Program, build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.formulations.catalog import method
from sma_research.formulations.perspective import rewrite
from sma_research.formulations.tied_squares import PARTS, split, tied_limits
from sma_research.markets.clients import demo_accounts
from sma_research.markets.synthetic import synthetic_market
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Settings
from sma_research.program.certificate import certify
from sma_research.program.form import objective
from sma_research.program.registry import load_backend
from sma_research.program.solution import Solution
from sma_research.program.ties import ties
from sma_research.program.verify import residuals


def mixed(n_assets: int, names: int) -> Program:
    """Client A in stocks and funds."""
    market = synthetic_market(n_assets=n_assets, n_factors=5, n_etfs=4, seed=1)
    account = demo_accounts(market, kinds="both")[0]
    mandate = account.mandate
    object.__setattr__(mandate, "max_names", names)
    problem = Problem(market=market, account=account)
    return build(problem, Layout(market=market, shape=shape_of(problem)))


@pytest.fixture(scope="module")
def program() -> Program:
    return mixed(60, 12)


def answer(program: Program, chain: str, backend: str = "clarabel") -> Solution:
    inner = load_backend(backend)
    how = method(program.structure, inner, chain, polish=load_backend("clarabel"))
    settings = Settings(relative_gap=1e-4, time_limit_s=60.0)
    return how.backend.compile(program.structure, settings).solve(program.parameters)


def bound_of(program: Program, chain: str) -> float:
    solution = answer(program, chain)
    return certify(program.structure, program.parameters, solution.y).bound


def test_every_stock_is_tied_and_no_fund(program: Program) -> None:
    found, layout = ties(program.structure), program.layout
    fund = layout.market.is_fund[layout.tradable]
    assert np.array_equal(np.sort(found.pair), np.flatnonzero(~fund))
    assert found.slope == pytest.approx(1.0)


def test_the_hull_proves_what_it_claims(program: Program) -> None:
    s, d = program.structure, program.parameters
    grown = rewrite(s, tied_limits(s, d))
    whole = np.zeros_like(grown.structure.integer)
    session = load_backend("clarabel").compile(
        replace(grown.structure, integer=whole), Settings(tolerance=1e-8)
    )
    numbers = grown.forward(d)
    relaxed = session.solve(numbers)
    assert relaxed.objective is not None
    back = grown.back(d, relaxed)
    certified = certify(s, d, back.y, cap_y=back.cap_y).bound
    assert certified == pytest.approx(relaxed.objective, rel=1e-4)


def test_the_hull_is_tighter_than_switched_columns_alone(program: Program) -> None:
    assert bound_of(program, "perspective+relax") > 1.01 * bound_of(
        program, "big_m+relax"
    )


def test_binaries_make_the_hull_exact(program: Program) -> None:
    s, d = program.structure, program.parameters
    rounded = answer(program, "perspective+relax+round_and_polish")
    assert rounded.x is not None
    limits = tied_limits(s, d)
    grown = rewrite(s, limits)
    point, numbers = grown.start(rounded.x), grown.forward(d)
    exact = Solution(
        termination=rounded.termination, native_status="", x=point, y=None,
        objective=objective(grown.structure, numbers, point), bound=None, solve_s=0.0,
    )  # fmt: skip
    assert exact.objective == pytest.approx(rounded.objective, rel=1e-6)
    assert residuals(grown.structure, numbers, exact).infeasibility < 1e-6
    assert split(s, limits, s.integer.size).size * PARTS == (
        grown.structure.columns["state"].stop - grown.structure.columns["state"].start
    )


def test_bound_and_answer_enclose_the_optimum() -> None:
    program = mixed(30, 6)
    exact = answer(program, "tangent_cuts", "highs")
    rounded = answer(program, "perspective+relax+round_and_polish")
    assert exact.objective is not None
    assert rounded.objective is not None
    assert rounded.bound is not None
    assert rounded.bound <= exact.objective * (1.0 + 1e-4)
    assert exact.objective * (1.0 - 2e-4) <= rounded.objective
    assert rounded.objective <= 1.02 * exact.objective
