"""Laws of the ledger on random households, and Reg. 1.1091-1 share by share."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sma_research.portfolio.ledger import Ledger, LedgerRules, keep_ledger
from sma_research.portfolio.pieces import OpenLot
from sma_research.portfolio.rules import (
    IraOrder,
    Method,
    SoldReplacement,
    WashRules,
)
from sma_research.portfolio.transactions import AccountKind, Action, Transaction

START = date(2023, 11, 1)
WINDOW = timedelta(days=30)
KINDS = ("taxable", "taxable", "spouse", "ira")
ASSETS = ("A", "B")  # one identity group
UNIDENTIFIED = [method for method in Method if method is not Method.SPECIFIC]


READINGS = [
    WashRules(),
    WashRules(ira_order=IraOrder.TAXABLE_FIRST),
    WashRules(sold_replacement=SoldReplacement.REPLACES),
]


@dataclass(frozen=True)
class Event:
    gap: int  # days after the event before
    account: int
    asset: int
    sells: bool
    shares: int
    price: int
    lot: int  # which of the open lots


EVENTS = st.lists(
    st.builds(
        Event,
        gap=st.sampled_from([0, 0, 0, 1, 2, 5, 11, 17]),
        account=st.integers(0, 3),
        asset=st.sampled_from([0, 0, 1]),
        sells=st.booleans(),
        shares=st.integers(1, 7),
        price=st.integers(1, 20),
        lot=st.integers(0, 3),
    ),
    max_size=18,
)


# Day trades, held for no day: a replacement held as long as the rest of its lot.
SAME_DATES = [
    Event(gap=gap, account=1, asset=0, sells=sells, shares=shares, price=price, lot=0)
    for gap, sells, shares, price in (
        (0, False, 1, 2), (0, True, 1, 1), (1, False, 2, 1), (0, True, 1, 1),
    )
]  # fmt: skip


def history(events: Iterable[Event]) -> list[Transaction]:
    """Transactions in which every sale names a lot that is held."""
    held: defaultdict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    rows: list[Transaction] = []
    today = START
    for number, event in enumerate(events):
        today += timedelta(days=event.gap)
        lots = held[event.account, event.asset]
        sells = event.sells and bool(lots)
        lot = list(lots)[event.lot % len(lots)] if sells else f"lot {number}"
        shares = min(event.shares, lots[lot]) if sells else event.shares
        lots[lot] = lots.get(lot, 0) + (-shares if sells else shares)
        if not lots[lot]:
            del lots[lot]
        rows.append(
            Transaction(
                date=today,
                account=f"account {event.account}",
                account_kind=AccountKind(KINDS[event.account]),
                asset=ASSETS[event.asset],
                identical="group",
                action=Action.SELL if sells else Action.BUY,
                shares=Decimal(shares),
                amount=Decimal(shares * event.price),
                lot=lot,
            )
        )
    return rows


def unnamed(rows: list[Transaction]) -> list[Transaction]:
    """The same, with the lots left to the relief method."""
    return [replace(row, lot="") if row.action == "sell" else row for row in rows]


def totals(kept: Ledger) -> list[Decimal]:
    """Gains, disallowed and permanent losses, and what is left in open lots."""
    return [
        sum((sold.gain for sold in kept.disposals), Decimal(0)),
        sum((sold.disallowed for sold in kept.disposals), Decimal(0)),
        sum((sold.permanent for sold in kept.disposals), Decimal(0)),
        sum((lot.adjusted_basis for lot in kept.open_lots), Decimal(0)),
        sum((lot.shares for lot in kept.open_lots), Decimal(0)),
    ]


@given(EVENTS, st.sampled_from([*Method]))
def test_no_dollar_is_made_or_lost(events: list[Event], method: Method) -> None:
    rows = history(events)
    if method is not Method.SPECIFIC:
        rows = unnamed(rows)
    kept = keep_ledger(rows, LedgerRules(method=method))
    paid = sum((row.cost for row in rows if row.action == "buy"), Decimal(0))
    got = sum((row.net_proceeds for row in rows if row.action == "sell"), Decimal(0))
    held = sum((lot.basis for lot in kept.open_lots), Decimal(0))
    embedded = sum(
        (lot.adjusted_basis - lot.basis for lot in kept.open_lots), Decimal(0)
    )
    allowed = sum((sold.allowed for sold in kept.disposals), Decimal(0))
    lost = sum((sold.permanent for sold in kept.disposals), Decimal(0))
    assert allowed == got - (paid - held) + embedded + lost


@given(EVENTS)
def test_each_replacement_share_is_used_once(events: list[Event]) -> None:
    rows = unnamed(history(events))
    kept = keep_ledger(rows)
    bought = {row.lot: row.shares for row in rows if row.action == "buy"}
    used: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sold in kept.disposals:
        assert 0 <= sold.permanent <= sold.disallowed <= max(-sold.gain, Decimal(0))
        assert sold.replacement != sold.lot
        if sold.replacement:
            used[sold.replacement] += sold.shares
    assert all(shares <= bought[lot] for lot, shares in used.items())
    sold_shares = sum((row.shares for row in rows if row.action == "sell"), Decimal(0))
    assert sum((sold.shares for sold in kept.disposals), Decimal(0)) == sold_shares


@example(SAME_DATES, WashRules(), 1)
@given(EVENTS, st.sampled_from(READINGS), st.integers(1, 6))
def test_two_records_of_one_purchase_are_one_purchase(
    events: list[Event], reading: WashRules, first: int
) -> None:
    rows = history(events)
    divided: list[Transaction] = []
    for row in rows:
        parts = [row]
        if row.action == "buy" and row.shares > first:
            price = row.amount / row.shares
            parts = [
                replace(row, shares=Decimal(shares), amount=price * shares)
                for shares in (Decimal(first), row.shares - first)
            ]
        divided += parts
    rules = LedgerRules(wash=reading)
    whole, parts_kept = keep_ledger(rows, rules), keep_ledger(divided, rules)
    assert totals(whole) == totals(parts_kept)
    assert whole.years == parts_kept.years


@given(EVENTS)
def test_the_order_within_a_day_does_not_matter(events: list[Event]) -> None:
    rows = history(events)
    bought = {row.lot: i for i, row in enumerate(rows) if row.action == "buy"}

    def sales_first(row: Transaction) -> tuple[date, int, int]:
        # The latest lot first. Purchases keep their order, that of acquisition.
        number = bought[row.lot]
        return row.date, *((1, number) if row.action == "buy" else (0, -number))

    first, second = keep_ledger(rows), keep_ledger(sorted(rows, key=sales_first))
    assert first == second


@given(EVENTS, st.sampled_from(UNIDENTIFIED), st.permutations(range(8)))
def test_nor_does_the_order_of_sales_of_several_accounts_and_assets(
    events: list[Event], method: Method, order: list[int]
) -> None:
    rows = unnamed(history(events))

    def key(row: Transaction) -> tuple[object, ...]:
        place = 2 * int(row.account[-1]) + ASSETS.index(row.asset)
        return row.date, row.action == "sell", order[place] * (row.action == "sell")

    rules = LedgerRules(method=method)
    first, second = keep_ledger(rows, rules), keep_ledger(sorted(rows, key=key), rules)
    assert first == second


@given(EVENTS, st.sampled_from(READINGS), st.integers(0, 17))
def test_a_split_changes_nothing_but_the_count_of_shares(
    events: list[Event], reading: WashRules, after: int
) -> None:
    rows = history(events)
    first = {row.asset: row.date for row in reversed(rows) if row.action == "buy"}
    day = rows[min(after, len(rows) - 1)].date if rows else START
    assets = [asset for asset in first if first[asset] < day]
    if len(assets) < len(first):
        return
    split = [
        Transaction(
            date=day, account="account 0", asset=asset, action=Action.SPLIT,
            shares=Decimal(2), amount=Decimal(1), identical="group",
        )
        for asset in assets
    ]  # fmt: skip
    before = [row for row in rows if row.date < day]
    doubled = [replace(row, shares=2 * row.shares) for row in rows if row.date >= day]
    rules = LedgerRules(wash=reading)
    whole = keep_ledger(rows, rules)
    kept = keep_ledger([*before, *split, *doubled], rules)
    assert totals(kept)[:-1] == totals(whole)[:-1]
    assert kept.years == whole.years


@given(EVENTS)
def test_repurchases_after_thirty_one_days_are_free(events: list[Event]) -> None:
    rows = history(events)
    days: dict[date, date] = {}
    for day in sorted({row.date for row in rows}):
        days[day] = START + timedelta(days=31 * len(days))
    spaced = [replace(row, date=days[row.date]) for row in rows]
    same_day = {row.date for row in spaced if row.action == "buy"}
    free = [row for row in spaced if row.action == "buy" or row.date not in same_day]
    assert not any(sold.disallowed for sold in keep_ledger(free).disposals)


@given(EVENTS)
def test_years_carry_what_they_do_not_use(events: list[Event]) -> None:
    carried = 0.0
    for year in keep_ledger(history(events)).years:
        net = year.net_short + year.net_long - carried
        carried = year.carry_short + year.carry_long
        used = year.taxable_short + year.taxable_long - year.ordinary_offset - carried
        assert used == pytest.approx(net, abs=1e-6)


def numbered(lots: tuple[OpenLot, ...]) -> list[OpenLot]:
    """Open lots with their purchases numbered among themselves."""
    numbers = sorted({lot.purchase for lot in lots if lot.purchase is not None})
    assert all(lot.purchase is not None for lot in lots)
    return [
        replace(lot, purchase=bisect_left(numbers, lot.purchase or 0)) for lot in lots
    ]


@given(EVENTS, st.integers(0, 18))
def test_a_ledger_goes_on_from_its_open_lots(events: list[Event], cut: int) -> None:
    rows = history(events)
    pause = timedelta(days=31)  # so that no loss waits
    rows = rows[:cut] + [replace(row, date=row.date + pause) for row in rows[cut:]]
    whole, first = keep_ledger(rows), keep_ledger(rows[:cut])
    rest = keep_ledger(rows[cut:], opening=first.open_lots)
    assert first.disposals + rest.disposals == whole.disposals
    assert numbered(rest.open_lots) == numbered(whole.open_lots)


@dataclass(eq=False)
class Share:
    """One share, for the slow reading of the regulation."""

    row: Transaction
    purchase: int
    basis: Fraction
    since: date
    matched: int = 0  # order of the match, 0 if it replaced none
    chosen: Transaction | None = None  # the sale of the day that will sell it
    sold: bool = False


def share_by_share(rows: list[Transaction]) -> list[Fraction]:
    """Gains, disallowed and permanent losses, adjusted basis left, shares left.

    Every loss looks at every share of the household, forward in time too.
    """
    rows = sorted(rows, key=lambda row: (row.date, row.action == "sell"))
    buys = [row for row in rows if row.action == "buy"]
    shares = [
        Share(row, number, Fraction(row.cost) / int(row.shares), row.date)
        for number, row in enumerate(buys)
        for _ in range(int(row.shares))
    ]
    gains = disallowed = permanent = Fraction(0)
    matches = 0
    for row, chosen in chosen_by_day(rows, shares):
        for one in chosen:
            one.sold = True
        for one in sorted(chosen, key=lambda one: one.matched):
            gain = Fraction(row.net_proceeds) / int(row.shares) - one.basis
            gains += gain
            if gain >= 0 or row.account_kind == "ira":
                continue
            others = [s for s in shares if replaces(s, one, row)]
            if not others:
                continue
            other = min(others, key=lambda s: (s.purchase, s.chosen is not None))
            matches += 1
            other.matched = matches
            disallowed -= gain
            if other.row.account_kind == "ira":
                permanent -= gain
                continue
            other.basis -= gain
            other.since -= row.date - one.since
    left = [one for one in shares if not one.sold]
    basis = sum((one.basis for one in left), Fraction(0))
    return [gains, disallowed, permanent, basis, Fraction(len(left))]


def chosen_by_day(
    rows: list[Transaction], shares: list[Share]
) -> Iterator[tuple[Transaction, list[Share]]]:
    """Sales and shares: chosen for all sales of a day, then purchase by purchase."""
    for _, of_day in groupby(rows, key=lambda row: row.date):
        sales = []
        for row in [row for row in of_day if row.action == "sell"]:
            held = [s for s in shares if s.chosen is None and sells(row, s.row)]
            held.sort(key=lambda one: (one.purchase, one.since, one.matched))
            sales.append((row, held[: int(row.shares)]))
            for one in sales[-1][1]:
                one.chosen = row
        for number in range(len(shares)):
            for row, chosen in sales:
                yield row, [one for one in chosen if one.purchase == number]


def sells(sale: Transaction, bought: Transaction) -> bool:
    if sale.lot:
        return sale.lot == bought.lot
    place = bought.account, bought.asset
    return bought.date <= sale.date and (sale.account, sale.asset) == place


def replaces(other: Share, sold: Share, sale: Transaction) -> bool:
    return (
        not other.sold
        and not other.matched
        and other.chosen is not sale
        and other.purchase != sold.purchase
        and abs(other.row.date - sale.date) <= WINDOW
    )


@given(EVENTS, st.sampled_from([list, unnamed]))
def test_the_regulation_share_by_share(
    events: list[Event], lots: Callable[[list[Transaction]], list[Transaction]]
) -> None:
    rows = lots(history(events))
    got = [float(total) for total in totals(keep_ledger(rows))]
    assert got == pytest.approx([float(t) for t in share_by_share(rows)], abs=1e-5)
