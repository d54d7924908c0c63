"""An answer belongs to its account: the accounts before it leave no trace."""

from dataclasses import replace

import numpy as np
import pytest

import sma_research as sma
from sma_research.arrays import Vector


def trades(report: sma.Report) -> Vector:
    assert report.rebalance is not None, report.message
    return report.rebalance.buy


@pytest.mark.parametrize(
    ("solver", "formulation"), [("clarabel", None), ("highs", "big_m"), ("osqp", None)]
)
def test_the_order_of_a_book_changes_no_trade(
    solver: str, formulation: str | None
) -> None:
    market = sma.synthetic_market(14, 5, 0, seed=1)
    name = market.universe.asset[6]
    base = sma.Mandate(target={"broad": 1.0}, max_names=6)
    wishes = {
        "tight": replace(base, weight_bounds={name: (0.0, 0.013)}),
        "without": replace(base, exclude={name}),
    }
    book = [
        sma.Account(account_id=who, cash=1e6, mandate=mandate)
        for who, mandate in wishes.items()
    ]
    one, other = (
        {
            r.account_id: trades(r)
            for r in sma.solve_book(market, order, solver, formulation)
        }
        for order in (book, book[::-1])
    )
    for who, bought in one.items():
        np.testing.assert_array_equal(bought, other[who])
