"""Lot selection of rp2: orders and partial lots under four methods.

Its data are of coins: every time stamp becomes a day of its own, far enough from the
next that no wash sale arises, and income and coin fees are what they are there, a
purchase and a disposal.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sma_research.portfolio.ledger import LedgerRules, keep_ledger
from sma_research.portfolio.rules import Method
from sma_research.portfolio.transactions import Transaction

Trade = Callable[..., Transaction]
Row = list[str]
pytestmark = pytest.mark.data

FIRST = date(2000, 1, 1)
APART = timedelta(days=62)
BOOKS = 18  # of every method
SPOT_PRICE_RANKED = {
    Method.LOFO: ["test_data3_generic_lofo_rp2_full_report__B4_Tax.csv"]
}
METHODS = (Method.FIFO, Method.LIFO, Method.HIFO, Method.LOFO)


@dataclass(frozen=True)
class Event:
    at: datetime
    action: str  # buy, sell, or income, which is both taxed and a purchase
    shares: Decimal
    amount: Decimal


def sections(path: Path) -> dict[str, list[Row]]:
    """Rows below the two header lines of every section, by the section's name."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    name = ""
    for row in csv.reader(path.read_text().splitlines()):
        if row[0].endswith(("Detail", "Summary", "Balances", "Price")):
            name = row[0]
        elif any(row):
            found[name].append(row)
    return {name: rows[2:] for name, rows in found.items()}


def events(path: Path) -> Iterator[Event]:
    flows = sections(path)
    for row in flows["In-Flow Detail"]:
        action = "income" if row[12] == "YES" else "buy"
        yield Event(stamp(row[1]), action, Decimal(row[7]), Decimal(row[11]))
    for row in flows.get("Out-Flow Detail", []):
        amount = row[12] if row[5] == "FEE" else row[11]
        shares = Decimal(row[7]) + Decimal(row[8])
        yield Event(stamp(row[1]), "sell", shares, Decimal(amount))
    for row in flows.get("Intra-Flow Detail", []):
        if Decimal(row[10]):
            yield Event(stamp(row[1]), "sell", Decimal(row[10]), Decimal(row[12]))


def stamp(text: str) -> datetime:
    return datetime.fromisoformat(text)


def expected(path: Path, found: list[Event]) -> list[Counter[tuple[float, float]]]:
    """Shares and gain of the pieces disposed of at every time stamp."""
    rows = iter(sections(path)["Gain / Loss Detail"])
    pieces: list[Counter[tuple[float, float]]] = []
    for at in sorted({event.at for event in found}):
        taxed = [e for e in found if e.at == at and e.action != "buy"]
        left = sum((event.shares for event in taxed), Decimal(0))
        income = [e.shares for e in taxed if e.action == "income"]
        pieces.append(Counter())
        while left > Decimal("1e-9"):
            row = next(rows)
            left -= Decimal(row[0])
            if Decimal(row[0]) in income:
                income.remove(Decimal(row[0]))
                continue
            pieces[-1][round(float(row[0]), 9), round(float(row[3]), 4)] += 1
    assert next(rows, None) is None
    return pieces


def realized(
    trade: Trade, found: list[Event], method: Method
) -> list[Counter[tuple[float, float]]]:
    stamps = sorted({event.at for event in found})
    days = {at: FIRST + i * APART for i, at in enumerate(stamps)}
    rows = [
        trade(
            str(days[event.at]),
            "sell" if event.action == "sell" else "buy",
            event.shares,
            event.amount,
        )
        for event in sorted(found, key=lambda event: event.at)
    ]
    kept = keep_ledger(rows, LedgerRules(method=method))
    pieces: dict[date, Counter[tuple[float, float]]] = {
        day: Counter() for day in days.values()
    }
    for sold in kept.disposals:
        piece = round(float(sold.shares), 9), round(float(sold.gain), 4)
        pieces[sold.date][piece] += 1
    return list(pieces.values())


@pytest.mark.parametrize("method", METHODS)
def test_pieces(shared_data: Path, trade: Trade, method: Method) -> None:
    golden = shared_data / "lot_selection_rp2" / "golden"
    books = sorted(golden.glob(f"*_generic_{method}_rp2_full_report__*_Tax.csv"))
    assert len(books) == BOOKS
    differing = []
    for path in books:
        found = list(events(path.with_name(path.name.replace("_Tax", "_In_Out"))))
        if realized(trade, found, method) != expected(path, found):
            differing.append(path.name)
    assert differing == SPOT_PRICE_RANKED.get(method, [])


def test_a_lower_basis_goes_first_whatever_the_spot_price(trade: Trade) -> None:
    # The one book that differs: rp2 ranks by spot price and calls these two equal,
    # though the fee makes the first dearer.
    rows = [
        trade("2020-01-01", "buy", 1, 10, fee=1, lot="dear"),
        trade("2020-02-01", "buy", 10, 100, fee=1, lot="cheap"),
        trade("2020-03-11", "sell", 3, 60),
    ]
    kept = keep_ledger(rows, LedgerRules(method=Method.LOFO))
    assert [sold.lot for sold in kept.disposals] == ["cheap"]
