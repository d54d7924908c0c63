"""Which lots are of one purchase: labels tell, what lots show is the second best."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

import sma_research as sma
from sma_research.errors import DataError
from sma_research.portfolio.ledger import Ledger, keep_ledger
from sma_research.portfolio.priced import price
from sma_research.portfolio.transactions import Action, Transaction

Told = Callable[..., sma.Problem]
AS_OF = date(2025, 6, 30)
JUNE = date(2025, 6, 10)


def trade(
    day: date, action: Action, shares: float, usd: float, lot: str
) -> Transaction:
    return Transaction(
        date=day, account="mine", asset="OIL", action=action, lot=lot,
        shares=Decimal(str(shares)), amount=Decimal(str(usd)),
    )  # fmt: skip


# Of the 100 shares bought in June, 40 replace those sold at a loss before.
TACKED = [
    trade(date(2025, 1, 10), Action.BUY, 40, 3000, "A"),
    trade(date(2025, 6, 1), Action.SELL, 40, 1800, "A"),
    trade(JUNE, Action.BUY, 100, 4500, "B"),
]


def held(told: Told, kept: Ledger, *, labels: bool, **wishes: object) -> sma.Problem:
    """The account with the lots of a ledger, and its sale at a loss."""
    lots = kept.open_lots
    account = replace(
        told([], [("OIL", "loss", 40.0, 29, "mine")], cash=4500.0, **wishes).account,
        lots=sma.Lots(
            asset=[lot.asset for lot in lots],
            shares=[float(lot.shares) for lot in lots],
            cost_per_share=[float(lot.adjusted_basis / lot.shares) for lot in lots],
            acquired=[lot.adjusted_acquired for lot in lots],
            purchased=[lot.acquired for lot in lots],
            purchase=[str(lot.purchase) for lot in lots] if labels else (),
        ),
    )
    return sma.Problem(market=told([]).market, account=account)


@pytest.mark.parametrize("mode", ["forbid", "price"])
def test_what_a_wash_sale_left_of_one_purchase_is_harvested(
    told: Told, mode: str
) -> None:
    kept = keep_ledger(TACKED)
    wishes = {"wash_sales": mode, "tax_model": "linear", "risk_aversion": 1.0}
    problem = held(told, kept, labels=True, **wishes)
    (tacked,) = np.flatnonzero(problem.at_loss)
    assert problem.account.lots.quantity[tacked] == 40
    report = sma.solve(problem, "highs", "trade_sides")
    assert report.solved, report.message
    assert report.rebalance is not None
    assert report.ledger is not None
    assert report.rebalance.sell[tacked] == pytest.approx(40)
    assert report.ledger.disallowed == 0
    assert report.ledger.tax == pytest.approx(report.ledger.model_tax, abs=0.01)
    sold = round(float(report.rebalance.sell.sum()), 6)
    today = keep_ledger([*TACKED, trade(AS_OF, Action.SELL, sold, 50 * sold, "B")])
    sales = [sale for sale in today.disposals if sale.date == AS_OF]
    assert [sale.disallowed for sale in sales] == [0] * len(sales)
    assert min(sale.allowed for sale in sales) == Decimal(-1000)  # 40 shares, 25 USD


def test_without_labels_the_same_lots_may_be_two_purchases(told: Told) -> None:
    kept = keep_ledger(TACKED)
    assert held(told, kept, labels=False).wash.replaced.max() == 60
    # So they are where another order of that day used up the loss.
    two = [*TACKED[:2], trade(JUNE, Action.BUY, 40, 1800, "B"),
           trade(JUNE, Action.BUY, 60, 2700, "C")]  # fmt: skip
    kept = keep_ledger(two)
    plain, labelled = (held(told, kept, labels=told_) for told_ in (False, True))
    assert plain.no_sell.tolist() == labelled.no_sell.tolist() == [True, False]
    sale = trade(AS_OF, Action.SELL, 40, 2000, "B")
    assert keep_ledger([*two, sale]).disposals[-1].disallowed == 1000


def test_fills_of_one_order_at_two_prices(told: Told) -> None:
    problem = told([("OIL", 5.0, 70.0, 10), ("OIL", 5.0, 71.0, 10)])
    assert problem.washed.tolist() == [True, True]
    lots = replace(problem.account.lots, purchase=["order", "order"])
    account = replace(problem.account, lots=lots)
    labelled = sma.Problem(market=problem.market, account=account)
    assert labelled.washed.tolist() == [False, False]


def test_two_orders_of_one_day_and_price_with_labels_of_their_own(told: Told) -> None:
    problem = told([("OIL", 5.0, 70.0, 10), ("OIL", 5.0, 70.0, 10)])
    assert problem.washed.tolist() == [False, False]
    for labels in (["one", "two"], ["one", ""]):
        lots = replace(problem.account.lots, purchase=labels)
        account = replace(problem.account, lots=lots)
        labelled = sma.Problem(market=problem.market, account=account)
        assert labelled.washed.tolist() == [True, True]


def test_losses_of_a_day_are_disallowed_purchase_by_purchase(told: Told) -> None:
    lots = [("OIL", 5.0, cost, 500) for cost in (70.0, 90.0, 80.0)]
    elsewhere = [("OIL", "buy", 7.0, 20, "x")]
    problem = told(lots, elsewhere, wash_sales="price", tax_model="linear")
    together = replace(problem.account.lots, purchase=["a", "b", "a"])
    account = replace(problem.account, lots=together)
    problem = sma.Problem(market=problem.market, account=account)
    sell = np.full(3, 5.0)
    sold = sma.Rebalance(buy=np.zeros(5), sell=sell, cash=850.0)
    found = price(problem, sold)
    assert found.disallowed == pytest.approx(5 * 20 + 2 * 30)
    assert not found.differences


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"purchase": ["a"]}, "purchase has 1 labels for 2 lots"),
        ({"purchase": ["a", 3]}, r"purchase\[1\] is 3, expected text"),
        ({"purchase": ["a", float("nan")]}, r"purchase\[1\] is nan, expected text"),
        (
            {"asset": ["OIL", "BANK"], "purchase": ["a", "a"]},
            "purchase 'a' is of OIL on 2025-06-10 and of BANK on 2025-06-10; expected "
            "one asset and one day for each label",
        ),
        (
            {"purchased": [JUNE, AS_OF], "purchase": ["a", "a"]},
            "purchase 'a' is of OIL on 2025-06-10 and of OIL on 2025-06-30; expected",
        ),
    ],
)
def test_labels_that_cannot_be(change: dict[str, object], said: str) -> None:
    lots = sma.Lots(
        asset=["OIL", "OIL"], shares=[1.0, 1.0], cost_per_share=[1.0, 2.0],
        acquired=[JUNE, JUNE],
    )  # fmt: skip
    with pytest.raises(DataError, match=said):
        replace(lots, **{"purchase": (), **change})  # type: ignore[arg-type]
