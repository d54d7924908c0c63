"""Until when a lot or an asset is barred and why, as the conflict tells it."""

from collections.abc import Callable
from typing import Any

import pytest

import sma_research as sma
from sma_research.portfolio.windows import barred_purchase, barred_sale

Lot = tuple[str, float, float, int]
Trade = tuple[str, str, float, int, str]
Told = Callable[..., sma.Problem]

FALLEN: Lot = ("DRUG", 131.0, 13.92, 82)
BOUGHT: Trade = ("DRUG", "buy", 5.0, 4, "other")
HOUSEHOLD = (
    "DRUG lot 0 (bought 2025-04-09, at a loss; another account of the household bought "
    "DRUG on 2025-06-26, in the wash-sale window: may be sold from 2025-07-27)"
)


@pytest.mark.parametrize(
    ("lots", "trades", "wishes", "words"),
    [
        ([FALLEN], [BOUGHT], {}, HOUSEHOLD),
        # The window that closes last decides.
        ([FALLEN], [("DRUG", "buy", 1.0, 9, "third"), BOUGHT], {}, HOUSEHOLD),
        (
            [("GOOG", 10.0, 130.0, 82), ("GOOGL", 3.0, 99.0, 12)],
            None,
            {},
            "GOOG lot 0 (bought 2025-04-09, at a loss; this account bought GOOGL on "
            "2025-06-18, in the wash-sale window: may be sold from 2025-07-19)",
        ),
        (
            [FALLEN],
            None,
            {"min_holding_days": 90},
            "DRUG lot 0 (bought 2025-04-09, held 82 of 90 days: "
            "may be sold from 2025-07-08)",
        ),
        (
            [FALLEN],
            [BOUGHT],
            {"min_holding_days": 90, "wash_sales": "no_credit"},
            "DRUG lot 0 (bought 2025-04-09, held 82 of 90 days: "
            "may be sold from 2025-07-08)",
        ),
    ],
)
def test_a_lot_is_barred_until(
    told: Told,
    lots: list[Lot],
    trades: list[Trade] | None,
    wishes: dict[str, Any],
    words: str,
) -> None:
    problem = told(lots, trades, **wishes)
    assert problem.no_sell[0]
    assert barred_sale(problem, 0) == words


def test_a_replacement_that_a_price_keeps(told: Told) -> None:
    problem = told([FALLEN, ("DRUG", 20.0, 13.0, 5)], wash_sales="price")
    assert problem.no_sell.tolist() == [False, True]
    assert barred_sale(problem, 1) == (
        "DRUG lot 1 (bought 2025-06-25, it may replace what is sold at a loss: "
        "may be sold from 2025-07-26)"
    )


def test_an_asset_is_barred_until(told: Told) -> None:
    """GOOGL is barred by the loss of GOOG, from the 31st day after not any more."""
    problem = told([], [("GOOG", "loss", 7.0, 30, "other")])
    position = problem.market.universe.position
    assert problem.wash.no_buy[position["GOOGL"]]
    words = "sold at a loss on 2025-05-31: may be bought from 2025-07-01)"
    assert barred_purchase(problem, position["GOOG"]) == f"GOOG ({words}"
    assert barred_purchase(problem, position["GOOGL"]) == (
        f"GOOGL (GOOG, identical to it, {words}"
    )


def conflict_of(problem: sma.Problem, solver: str = "clarabel") -> tuple[str, ...]:
    report = sma.solve(problem, solver)
    assert report.status == "INFEASIBLE", report.message
    return tuple(report.conflict)


@pytest.mark.parametrize("solver", ["clarabel", "highs"])
def test_the_lot_that_must_go_is_named(told: Told, solver: str) -> None:
    problem = told([FALLEN], [BOUGHT], cash=1000.0, max_cash=1.0, exclude={"DRUG"})
    assert conflict_of(problem, solver) == (
        "lots that may not be sold would be, 56.71 % of the account in all: "
        f"{HOUSEHOLD} 56.71 %",
    )


def test_the_lot_is_named_before_the_limit_that_it_holds_up(told: Told) -> None:
    problem = told([FALLEN], [BOUGHT], cash=1000.0, max_cash=1.0, max_weight=0.3)
    first, second = conflict_of(problem)
    assert first.startswith(
        "lots that may not be sold would be, 26.71 % of the account"
    )
    assert second == (
        "otherwise weights would pass their limits by 26.71 % of the account in all: "
        "DRUG 26.71 %"
    )


def test_three_lots_are_named_largest_first(told: Told) -> None:
    lots = [("DRUG", 10.0 * (1 + k), 13.0, 10 + k) for k in range(5)]
    (words,) = conflict_of(
        told(lots, exclude={"DRUG"}, min_holding_days=60, max_cash=1.0)
    )
    assert [words.find(f"DRUG lot {k} ") > 0 for k in range(5)] == [False] * 2 + [
        True
    ] * 3
    assert words.index("DRUG lot 4") < words.index("DRUG lot 3") < words.index("lot 2")
    assert words.endswith(", and 2 more")


def test_the_purchase_that_is_soonest_allowed_is_named(told: Told) -> None:
    losses = [("OIL", "loss", 7.0, 30, "other"), ("BANK", "loss", 7.0, 1, "other")]
    group = sma.Equivalents(assets=["OIL", "BANK"], lower=0.2)
    problem = told(
        [("DRUG", 131.0, 5.0, 82)], losses, cash=3000.0, max_cash=1.0,
        equivalents=[group],
    )  # fmt: skip
    assert conflict_of(problem) == (
        "what was lately sold at a loss would be bought, 20 % of the account: OIL (sold "
        "at a loss on 2025-05-31: may be bought from 2025-07-01) 20 %",
        "otherwise equivalents would miss their weights by 20 % of the account: "
        "OIL + BANK would miss 20 % by 20 %",
    )


def test_what_no_window_would_help_names_none(told: Told) -> None:
    """Ten per cent of each of five assets: the barred one is one of them."""
    problem = told([], [("OIL", "loss", 7.0, 1, "other")], max_cash=0.0, max_weight=0.1)
    first, second = conflict_of(problem)
    assert first.startswith("what was lately sold at a loss would be bought, 10 %")
    assert second.startswith("weights would pass their limits by 49.9")


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"min_harvest": 0.3}, "min_harvest would miss 30 % by 7."),
        (
            {"gain_limits": {"total_loss": (0.3, 1.0)}},
            "total_loss would miss 30 % by 7.",
        ),
        (
            {"gain_limits": {"short_net": (-1.0, -0.25)}},
            "short_net would pass -25 % by 2.",
        ),
    ],
)
def test_a_gain_limit_is_named_with_its_number(
    told: Told, wishes: dict[str, Any], words: str
) -> None:
    (line,) = conflict_of(told([FALLEN], cash=1000.0, max_cash=1.0, **wishes))
    assert line.startswith("gains and losses would miss their limits by ")
    assert f": {words}" in line
