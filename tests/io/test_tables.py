"""Tables: cells are text, and every bad one is named."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sma_research.errors import DataError
from sma_research.io.holdings import lots_of, read_lots
from sma_research.io.tables import read_names

HEADER = "asset,shares,cost_per_share,acquired\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "lots.csv"
    path.write_text(text, encoding="utf-8")
    return path


def refusals(path: Path) -> list[str]:
    with pytest.raises(DataError) as refusal:
        read_lots(path, ["a"])
    return str(refusal.value).replace(f"{path}: ", "").splitlines()


def test_tickers_that_look_like_values_stay_tickers(tmp_path: Path) -> None:
    tickers = ("NA", "ON", "TRUE", "nan", "null", "None", "1e5", "007")
    rows = "".join(f"{ticker},1,2,2024-01-02\n" for ticker in tickers)
    path = write(tmp_path, HEADER + rows)
    assert lots_of(read_lots(path, ["a"]), path, "a").asset == tickers


def test_numbers_keep_their_last_digit(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "A,0.1234567890123456789,1e-17,2024-01-02\n")
    lots = lots_of(read_lots(path, ["a"]), path, "a")
    assert lots.quantity[0] == 0.1234567890123456789
    assert lots.cost[0] == 1e-17


def test_a_file_without_rows_has_no_lots(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER)
    assert lots_of(read_lots(path, ["a"]), path, "a").size == 0


def test_every_bad_cell_is_one_line(tmp_path: Path) -> None:
    rows = (
        "A,-3,100,2024-01-02\nB,x,nan,01/02/2024\n,1,1e999,2024-02-30\nC,1,1,2024-1-2\n"
    )
    assert refusals(write(tmp_path, HEADER + rows)) == [
        "line 2, shares is '-3', expected a number above 0",
        "line 3, acquired is '01/02/2024', expected a date like 2024-03-15",
        "line 3, cost_per_share is 'nan', expected a number, 0 or more",
        "line 3, shares is 'x', expected a number above 0",
        "line 4, acquired is '2024-02-30', expected a date like 2024-03-15",
        "line 4, asset is '', expected an identifier",
        "line 4, cost_per_share is '1e999', expected a number, 0 or more",
        "line 5, acquired is '2024-1-2', expected a date like 2024-03-15",
    ]


@pytest.mark.parametrize(
    "cell", ["0", "", "inf", "-inf", "NaN", "1_000", "1.2.3", "1 2", "\u0661\u0660"]
)
def test_shares_that_are_no_number_above_zero(tmp_path: Path, cell: str) -> None:
    (line,) = refusals(write(tmp_path, HEADER + f"A,{cell},1,2024-01-02\n"))
    assert line == f"line 2, shares is {cell!r}, expected a number above 0"


def test_missing_and_unknown_columns_are_one_line_each(tmp_path: Path) -> None:
    text = "asset,asset,shares,cost,acquired\nA,A,x,1,2024-01-02\n"
    names = "account, asset, shares, cost_per_share, acquired, purchased, purchase"
    columns = f"expected columns {names}"
    assert refusals(write(tmp_path, text)) == [
        f"column 'cost_per_share' is missing, {columns}",
        f"column 'cost' is unknown, {columns}",
        "column 'asset' appears more than once, expected once",
    ]
    assert refusals(write(tmp_path, "Asset,Cost,When\nA,1,x\n")) == [
        f"columns 'shares', 'cost_per_share', 'acquired' are missing, {columns}",
        f"columns 'Cost', 'When' are unknown, {columns}",
    ]


def test_spaces_and_case_of_column_names_do_not_matter(tmp_path: Path) -> None:
    header = " Asset ,SHARES,Cost_Per_Share , acquired,Purchase"
    path = write(tmp_path, f"\ufeff{header}\nA,1,-0.0,2024-01-02,\n")
    lots = lots_of(read_lots(path, ["a"]), path, "a")
    assert (lots.asset, lots.purchase) == (("A",), ("",))
    assert not np.signbit(lots.cost[0])
    path = write(tmp_path, "asset,Asset,shares,cost_per_share,acquired\nA,A,1,1,x\n")
    assert refusals(path) == ["column 'asset' appears more than once, expected once"]


def test_lots_bought_together_share_a_label(tmp_path: Path) -> None:
    rows = (
        "A,4,75,2025-01-19,2025-06-10,7\nA,6,45,2025-06-10,2025-06-10,7\n"
        "A,1,30,2025-06-10,2025-06-10,\n"
    )
    path = write(tmp_path, HEADER.strip() + ",purchased,purchase\n" + rows)
    lots = lots_of(read_lots(path, ["a"]), path, "a")
    assert lots.purchase == ("7", "7", "")


def test_a_blank_purchased_is_the_day_acquired(tmp_path: Path) -> None:
    header = HEADER.strip() + ",purchased,purchase\n"
    rows = "A,4,75,2025-01-19,2025-06-10,\nA,6,45,2025-06-10, ,\n"
    path = write(tmp_path, header + rows)
    lots = lots_of(read_lots(path, ["a"]), path, "a")
    assert tuple(lots.bought) == (date(2025, 6, 10), date(2025, 6, 10))
    (line,) = refusals(write(tmp_path, header + "A,1,1,2025-01-19,soon,\n"))
    assert line == (
        "line 2, purchased is 'soon', expected a date like 2024-03-15, or blank for "
        "the one of acquired"
    )


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_are_refused_once(tmp_path: Path, mark: str) -> None:
    text = HEADER.replace(",", mark) + f"A{mark}1,5{mark}2{mark}2024-01-02\n"
    (line,) = refusals(write(tmp_path, text))
    assert line.startswith(f"the first line is separated by {mark!r}, expected commas")


def test_a_byte_of_another_encoding_has_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(
        f"{HEADER}A,1,2,2024-01-02\n".encode() + b"Nestl\xe9,1,2,2024-01-02"
    )
    (line,) = refusals(path)
    assert line.startswith("line 3, byte 0xe9 is not UTF-8, expected a UTF-8 text file")


@pytest.mark.parametrize("row", ["A,1,2", "A,1,2,2024-01-02,9"])
def test_rows_of_another_length(tmp_path: Path, row: str) -> None:
    (line,) = refusals(write(tmp_path, f"{HEADER}{row}\n"))
    assert line == f"line 2 has {row.count(',') + 1} cells, expected 4"


def test_a_quote_that_never_ends(tmp_path: Path) -> None:
    (line,) = refusals(write(tmp_path, HEADER + '"A,1,2,2024-01-02\n'))
    assert "is not CSV" in line


def test_a_row_of_a_stranger(tmp_path: Path) -> None:
    path = write(tmp_path, "account," + HEADER + "b,A,1,2,2024-01-02\n")
    assert refusals(path) == [
        "line 2, account is 'b', expected an account of the book like 'a'"
    ]


def test_blank_lines_and_spaces_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path, "\n" + HEADER + "\n A , 1 , 2 , 2024-01-02 \r\n\n")
    assert lots_of(read_lots(path, ["a"]), path, "a").asset == ("A",)


def test_names_of_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("NA\n# nobody\n\n TRUE  # quoted\n")
    assert read_names(path) == ("NA", "TRUE")
