"""Wash sales of Publication 550, the regulations, and two public programs."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sma_research.portfolio.ledger import Ledger, keep_ledger
from sma_research.portfolio.transactions import Transaction

Trade = Callable[..., Transaction]
Row = dict[str, str]
pytestmark = pytest.mark.data

CENT = 0.005
NKOUEVDA = ("shares", "proceeds", "basis", "disallowed", "allowed")  # as printed
INVENTED = 1000.0  # USD, where the source names no amount


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "wash_sale_cases"


def test_authorities(folder: Path, trade: Trade) -> None:
    cases = json.loads((folder / "authority_cases.json").read_text())["cases"]
    assert len(cases) == 8
    for case in cases:
        rows = [
            authority_row(trade, row, number)
            for number, row in enumerate(case["trades"], start=1)
        ]
        check_authority(case, keep_ledger(rows))


def authority_row(trade: Trade, row: dict[str, Any], number: int) -> Transaction:
    """One trade; a year alone becomes days in June, in the order given."""
    day = row["date"] if len(row["date"]) > 4 else f"{row['date']}-06-{number:02d}"
    amount = row.get("total") or row.get("price", 0) * row["shares"]
    if "loss" in row:
        amount = INVENTED
    if not amount:
        amount = 2 * INVENTED if row["lot"] == "SEP" else INVENTED
    lot = row.get("lot", "" if row["side"] == "sell" else f"L{number}")
    return trade(day, row["side"], row["shares"], amount, lot=lot)


def check_authority(case: dict[str, Any], kept: Ledger) -> None:
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    for sold in kept.disposals:
        for lot in ("", sold.lot):
            sums["realised_loss", lot] += float(sold.gain)
            sums["gain", lot] += float(sold.gain)
            sums["disallowed", lot] += float(sold.disallowed)
            sums["deductible_loss", lot] += float(sold.allowed)
    for held in kept.open_lots:
        sums["basis", held.lot] += float(held.adjusted_basis)
        sums["basis_increase", held.lot] += float(held.adjusted_basis - held.basis)
    for field, value in case["expected"].items():
        wanted = value if isinstance(value, dict) else {"": value}
        got = {lot: sums[field, lot] for lot in wanted}
        assert got == pytest.approx(wanted, abs=CENT), (case["id"], field)


def test_adlr(folder: Path, trade: Trade) -> None:
    inputs = sorted((folder / "adlr" / "tests").glob("*.csv"))
    inputs = [path for path in inputs if not path.stem.endswith("_out")]
    assert len(inputs) == 9
    for path in inputs:
        kept = keep_ledger(adlr_trades(trade, table(path)))
        want = Counter(
            adlr_piece(row) for row in table(path.with_stem(f"{path.stem}_out"))
        )
        assert pieces(kept) == want, path.stem


def table(path: Path) -> list[Row]:
    """Rows of a file; one of them spells Proceeds without its c."""
    rows = csv.DictReader(path.read_text().replace("Proeeds", "Proceeds").splitlines())
    return list(rows)


def adlr_trades(trade: Trade, rows: list[Row]) -> list[Transaction]:
    found = []
    for number, row in enumerate(rows):
        lot = row["BuyLot"] or f"row {number}"
        bought, shares = us_date(row["BuyDate"]), row["Cnt"]
        found.append(trade(bought, "buy", shares, usd(row["Basis"]), lot=lot))
        if row["SellDate"]:
            sold = us_date(row["SellDate"])
            found.append(trade(sold, "sell", shares, usd(row["Proceeds"]), lot=lot))
    return sorted(found, key=lambda row: row.date)


Piece = tuple[float, date, float, str, float, float]


def adlr_piece(row: Row) -> Piece:
    sold = us_date(row["SellDate"]) if row["SellDate"] else ""
    return (
        float(row["Cnt"]),
        date.fromisoformat(us_date(row["BuyDate"])),
        usd(row["Basis"]),
        sold,
        usd(row["Proceeds"] or "0"),
        usd(row["Adj"] or "0"),
    )


def pieces(kept: Ledger) -> Counter[Piece]:
    """Shares, date held since, basis, day sold, proceeds and disallowed loss."""
    found: Counter[Piece] = Counter()
    for sold in kept.disposals:
        money = (float(sold.proceeds), float(sold.disallowed))
        piece = float(sold.shares), sold.adjusted_acquired, cents(sold.basis)
        found[(*piece, str(sold.date), cents(money[0]), cents(money[1]))] += 1
    for lot in kept.open_lots:
        piece = float(lot.shares), lot.adjusted_acquired, cents(lot.adjusted_basis)
        found[(*piece, "", 0.0, 0.0)] += 1
    return found


def us_date(text: str) -> str:
    return datetime.strptime(text, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007


def usd(text: str) -> float:
    return cents(float(text.replace("$", "").replace(",", "")))


def cents(amount: object) -> float:
    return round(float(str(amount)), 2)


def test_nkouevda(folder: Path, trade: Trade) -> None:
    rows = table(folder / "nkouevda" / "input" / "example.csv")
    trades = []
    for row in rows:
        shares = int(row["shares"])
        action = "buy" if shares > 0 else "sell"
        amount, fee = abs(shares) * float(row["price"]), row["fee"] or 0
        lot = row["name"]
        trades.append(trade(row["date"], action, abs(shares), amount, fee=fee, lot=lot))
    kept = keep_ledger(trades)
    printed = (folder / "nkouevda" / "output" / "example.txt").read_text()
    closed = cells(printed, "# Closed lots")
    for name, *figures in closed:
        sold = [one for one in kept.disposals if one.lot == name]
        for field, figure in zip(NKOUEVDA, figures, strict=True):
            total = sum(float(getattr(one, field)) for one in sold)
            assert total == pytest.approx(float(figure), abs=0.5), (name, field)
    assert {one.lot for one in kept.disposals} == {row[0] for row in closed}
    (left,) = kept.open_lots
    assert (left.lot, float(left.shares)) == ("lot 04", 50.0)
    assert float(left.adjusted_basis) == pytest.approx(1101, abs=0.5)


def cells(text: str, section: str) -> list[tuple[str, ...]]:
    """Name, shares, proceeds, basis, wash sale and gain of the printed lots."""
    below = text.partition(section)[2].partition("#")[0]
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in below.strip().splitlines()[1:]
    ]
    return [(row[1], row[2], *row[5:]) for row in rows]
