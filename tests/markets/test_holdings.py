"""Holdings files: the real ones, and small bad ones."""

from datetime import date
from pathlib import Path

import pytest

from sma_research.errors import DataError
from sma_research.markets.holdings import holdings_universe, read_holdings

HEADER = "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Price,Currency"
PREAMBLE = '\ufeffA Fund\nFund Holdings as of,"May 08, 2025"\nStock,"-"\n \n'
ROWS = (
    '"AAA","ALPHA INC","Energy","Equity","3,000.00","0.00","10.00","USD"',
    '"NA","NATIONAL CO","Energy","Equity","1,000.00","0.00","20.00","USD"',
)


def write(folder: Path, *rows: str, preamble: str = PREAMBLE, footer: str = "") -> Path:
    path = folder / "fund.csv"
    text = preamble + "\n".join([HEADER, *rows]) + "\n" + footer
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_date_weights_and_the_ticker_na(tmp_path: Path) -> None:
    footer = '\n"Legal text, with commas, and\na line break"\n'
    holdings = read_holdings(write(tmp_path, *ROWS, footer=footer))
    assert holdings.fund == "A Fund"
    assert holdings.as_of == date(2025, 5, 8)
    assert holdings.equities["asset"].tolist() == ["AAA", "NA"]
    assert holdings.equities["weight"].tolist() == [0.75, 0.25]
    universe, weight = holdings_universe(holdings)
    assert universe.asset == ("AAA", "NA")
    assert universe.sector == ("Energy", "Energy")
    assert weight.sum() == 1.0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('"USD","USD CASH","Cash","Cash","9","0","100.00","USD"', "not an equity: Cash"),
        ('"-","SOME Prvt","Energy","Equity","9","0","1.00","USD"', "no ticker"),
        ('"BBB","BETA CVR","Energy","Equity","9","0","1.00","USD"', "claim, not a security"),
        ('"BBB","ESC BETA","Energy","Equity","9","0","1.00","USD"', "claim, not a security"),
        ('"BBB","BETA","Energy","Equity","9","0","0.00","USD"', "no price"),
        ('"BBB","BETA","Energy","Equity","0","0","1.00","USD"', "no value"),
        ('"BBB","BETA","Energy","Equity","9","0","1.00","EUR"', "currency EUR"),
        ('"AAA","ALPHA","Energy","Equity","9","0","1.0","USD"',
         "smaller line of a repeated ticker"),
    ],
)  # fmt: skip
def test_drops_with_a_reason(tmp_path: Path, row: str, reason: str) -> None:
    holdings = read_holdings(write(tmp_path, *ROWS, row))
    assert holdings.equities["asset"].tolist() == ["AAA", "NA"]
    assert holdings.dropped["reason"].tolist() == [reason]
    assert holdings.dropped["line"].tolist() == [8]


def test_a_company_called_cvr_is_kept(tmp_path: Path) -> None:
    row = '"CVI","CVR ENERGY INC","Energy","Equity","9","0","19.00","USD"'
    assert "CVI" in set(read_holdings(write(tmp_path, *ROWS, row)).equities["asset"])


@pytest.mark.parametrize(
    ("rows", "preamble", "message"),
    [
        (ROWS, "A Fund\n", "no line 'Fund Holdings as of'"),
        (ROWS, "A Fund\nFund Holdings as of,8.5.25\n", "says '8.5.25', expected a date"),
        ((), PREAMBLE, "no holding"),
        ((ROWS[0].replace("3,000.00", "three"), ROWS[1]), PREAMBLE,
         "line 6, column Market Value: found 'three', expected a number"),
        ((ROWS[0], '"CUT","SHORT"', ROWS[1]), PREAMBLE, "line 7: 2 cells, expected 8"),
        ((ROWS[1], '"-","BIG","Energy","Equity","100","0","1","USD"'), PREAMBLE,
         "1 equity lines would be dropped"),
    ],
)  # fmt: skip
def test_refusals(
    tmp_path: Path, rows: tuple[str, ...], preamble: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_holdings(write(tmp_path, *rows, preamble=preamble))


def test_refuses_other_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not there"):
        read_holdings(tmp_path / "none.csv")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="no header row with Ticker"):
        read_holdings(other)
    other.write_text("Ticker,Market Value\nAAA,1\n")
    with pytest.raises(DataError, match="line 1: no column 'Name'"):
        read_holdings(other)


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "day", "equities", "largest"),
    [
        ("IVV_2025-05-08.csv", date(2025, 5, 8), 503, 0.0678),
        ("IWV_2025-05-02.csv", date(2025, 5, 2), 2648, 0.0593),
    ],
)
def test_real_files(
    shared_data: Path, file: str, day: date, equities: int, largest: float
) -> None:
    holdings = read_holdings(shared_data / "index_holdings" / file)
    assert holdings.as_of == day
    assert len(holdings.equities) == equities
    assert holdings.equities["asset"].iloc[0] == "MSFT"
    assert holdings.equities["weight"].iloc[0] == pytest.approx(largest, abs=1e-4)
    assert holdings.dropped["reason"].str.startswith("not an equity").sum() >= 4
    universe, weight = holdings_universe(holdings)
    assert len(set(universe.sector)) == 11
    assert weight.sum() == pytest.approx(1.0, abs=1e-12)
