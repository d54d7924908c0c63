"""An account that cannot be built says why, and only when it is proven."""

from dataclasses import replace
from typing import Any

import pytest

import sma_research as sma

MARKET = sma.synthetic_market(n_assets=60, n_factors=6, n_etfs=4)
BASE = sma.Mandate(target={"broad": 1.0}, kinds={"stock"}, max_weight=0.3)


@pytest.mark.parametrize(
    ("mandate", "words"),
    [
        ({"max_weight": 0.01}, "weights would pass their limits"),
        ({"max_names": 2, "max_weight": 0.1}, "limits"),
        ({"tracking_error_cap": 0.0001, "exclude": {"MSFT"}}, "tracking_error_cap"),
    ],
)
@pytest.mark.parametrize("solver", ["clarabel", "osqp", "highs"])
def test_the_conflict_is_named(
    mandate: dict[str, Any], words: str, solver: str
) -> None:
    account = sma.Account(
        account_id="x",
        mandate=replace(BASE, **mandate),
        cash=1e6,
    )
    report = sma.solve(
        sma.Problem(market=MARKET, account=account),
        solver=solver,
        settings=sma.Settings(time_limit_s=20),
    )
    assert report.status is sma.Status.INFEASIBLE, report.message
    assert words in " ".join(report.conflict)
