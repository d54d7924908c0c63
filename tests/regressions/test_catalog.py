"""Chains of formulations: what has a meaning, and whose settings are whose."""

import pytest

import sma_research as sma
from sma_research.errors import SettingError
from sma_research.formulations.catalog import CATALOG, PLACE, parse

SMALL = sma.synthetic_market(12, 3, 0, seed=1)


def account(**wishes: int) -> sma.Problem:
    mandate = sma.Mandate(target={"broad": 1.0}, **wishes)  # type: ignore[arg-type]
    holder = sma.Account(account_id="x", cash=1e6, mandate=mandate)
    return sma.Problem(market=SMALL, account=holder)


@pytest.mark.parametrize(
    "chain",
    [
        "direct+big_m",
        "big_m+direct",
        "big_m+big_m",
        "big_m+perspective",
        "relax+perspective",
        "round_and_polish+relax",
        "tangent_cuts+tangent_cuts",
        "absolute_deviation+relax",
        "relax+absolute_deviation",
    ],
)
def test_a_chain_without_a_meaning_is_refused(chain: str) -> None:
    with pytest.raises(SettingError, match="expected"):
        parse(chain)
    with pytest.raises(SettingError, match="expected"):
        sma.solve(account(), formulation=chain)


def test_every_formulation_has_a_place() -> None:
    assert set(PLACE) == set(CATALOG)


@pytest.mark.parametrize(
    ("solver", "native"),
    [("highs", {"presolve": "off"}), ("osqp", {"rho": 0.5})],
)
def test_native_settings_go_to_the_backend_they_name(
    solver: str, native: dict[str, object]
) -> None:
    """HiGHS asks another solver for weights, which has no such option."""
    settings = sma.Settings(native=native, time_limit_s=20)
    report = sma.solve(account(max_names=5), solver, settings=settings)
    assert report.solved, report.message


@pytest.mark.parametrize("solver", ["clarabel", "highs", "osqp", "pyomo:highs"])
def test_settings_are_refused_before_the_first_account(solver: str) -> None:
    settings = sma.Settings(native={"no_such_option": 1})
    with pytest.raises(SettingError, match="no_such_option"):
        sma.solve_book(SMALL, [account().account], solver, settings=settings)


def test_a_book_with_one_id_twice_is_refused_at_the_call() -> None:
    twice = [account().account, account().account]
    with pytest.raises(sma.SmaError, match="account_id"):
        sma.solve_book(SMALL, twice)


def test_a_relaxation_reports_its_bound_alone() -> None:
    report = sma.solve(account(max_names=5), "clarabel", "relax")
    assert report.status is sma.Status.NO_SOLUTION
    assert "gives a bound, not a portfolio" in report.message
    assert report.bound is not None
    assert (report.metrics, report.rebalance, report.gap) == (None, None, None)
    assert not report.findings
