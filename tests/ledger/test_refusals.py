"""What a ledger refuses, by file, line and column; and the verb that keeps it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sma_research.cli import main
from sma_research.io.ledger_file import LedgerFile, ledger_schema
from sma_research.io.trades import read_trades
from sma_research.portfolio.ledger import keep_ledger

Write = Callable[[str], Path]

HEADER = "date,account,account_kind,asset,identical,action,shares,amount,fee,lot"
PUBLICATION_550 = """
2014-05-01,joint,taxable,X,,buy,100,1000,,A
2014-07-01,joint,taxable,X,,sell,100,750,,A
2014-07-05,joint,taxable,X,,buy,100,800,,B
"""
BUY = "2024-01-08,a,taxable,X,,buy,10,100,,A\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(rows: str) -> Path:
        path = tmp_path / "trades.csv"
        path.write_text(f"{HEADER}\n{rows.strip()}\n")
        return path

    return put


def sma(*arguments: object) -> int | str | None:
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return end.value.code


REFUSALS = {
    "more than is held": (
        BUY + "2024-02-08,a,taxable,X,,sell,11,100,,",
        "line 3, shares is 11, expected at most 10, what is held of X in account a",
    ),
    "nothing held": (
        "2024-02-08,a,taxable,X,,sell,1,100,,",
        "line 2, shares is 1, expected at most 0, what is held of X in account a",
    ),
    "held elsewhere": (
        BUY + "2024-02-08,b,taxable,X,,sell,1,100,,",
        "line 3, shares is 1, expected at most 0, what is held of X in account b",
    ),
    "more than the lot": (
        BUY
        + "2024-01-09,a,taxable,X,,buy,5,50,,B\n2024-02-08,a,taxable,X,,sell,12,9,,A",
        "line 4, shares is 12, expected at most 10, what is held of lot A of X in account a",
    ),
    "unknown lot": (
        BUY + "2024-02-08,a,taxable,X,,sell,1,100,,Z",
        "line 3, lot is 'Z', expected a lot of X in account a: A",
    ),
    "a lot bought twice": (
        BUY + "2024-02-08,a,taxable,X,,buy,1,100,,A",
        "line 3, lot is 'A', expected a new name: that lot was bought on 2024-01-08",
    ),
    "negative shares": (
        "2024-01-08,a,taxable,X,,buy,-10,100,,A",
        "line 2, shares is '-10', expected a number above 0, at most 1e+15",
    ),
    "no shares": (
        "2024-01-08,a,taxable,X,,buy,0,100,,A",
        "line 2, shares is 0, expected a number above 0, at most 1e+15",
    ),
    "an amount that is no number": (
        "2024-01-08,a,taxable,X,,buy,10,$100,,A",
        "line 2, amount is '$100', expected a number, 0 or more, at most 1e+15",
    ),
    "an infinite amount": (
        "2024-01-08,a,taxable,X,,buy,10,inf,,A",
        "line 2, amount is 'inf', expected a number, 0 or more, at most 1e+15",
    ),
    "no amount": (
        "2024-01-08,a,taxable,X,,buy,10,,,A",
        "line 2, amount is '', expected a number, 0 or more, at most 1e+15",
    ),
    "an infinite fee": (
        "2024-01-08,a,taxable,X,,buy,10,100,Infinity,A",
        "line 2, fee is 'Infinity', expected a number, 0 or more, at most 1e+15",
    ),
    "a fee that is no number": (
        "2024-01-08,a,taxable,X,,buy,10,100,nan,A",
        "line 2, fee is 'nan', expected a number, 0 or more, at most 1e+15",
    ),
    "a negative fee": (
        "2024-01-08,a,taxable,X,,buy,10,100,-1,A",
        "line 2, fee is '-1', expected a number, 0 or more, at most 1e+15",
    ),
    "an earlier date": (
        BUY + "2024-01-07,a,taxable,X,,buy,1,100,,B",
        "line 3, date is 2024-01-07, expected 2024-01-08 or later, as above it",
    ),
    "no date": (
        "01/08/2024,a,taxable,X,,buy,10,100,,A",
        "line 2, date is '01/08/2024', expected a date like 2024-03-15",
    ),
    "an unknown action": (
        "2024-01-08,a,taxable,X,,short,10,100,,A",
        "line 2, action is 'short', expected one of buy, sell, split, transfer, reinvest",
    ),
    "an unknown action among known ones": (
        BUY + "2024-02-08,a,taxable,X,,sel,1,100,,A",
        "line 3, action is 'sel', expected one of buy, sell, split, transfer, reinvest",
    ),
    "an unknown kind among known ones": (
        BUY + "2024-02-08,a,taxabel,X,,sell,1,100,,A",
        "line 3, account_kind is 'taxabel', expected one of taxable, ira, spouse",
    ),
    "more shares than can be counted": (
        "2024-01-08,a,taxable,X,,buy,1e308,100,,A",
        "line 2, shares is '1e308', expected a number above 0, at most 1e+15",
    ),
    "an unknown kind": (
        "2024-01-08,a,trust,X,,buy,10,100,,A",
        "line 2, account_kind is 'trust', expected one of taxable, ira, spouse",
    ),
    "an account of two kinds": (
        BUY + "2024-01-08,a,ira,X,,buy,1,100,,B",
        "line 3, account_kind is ira, expected taxable, as account a is above",
    ),
    "an asset in two groups": (
        "2024-01-08,a,,X,one,buy,1,1,,A\n2024-01-08,a,,X,two,buy,1,1,,B",
        "line 3, identical is two, expected one, as for X above",
    ),
    "a label of an asset in another group": (
        "2024-01-08,a,,X,Y,buy,1,1,,A\n2024-01-09,a,,Y,Z,buy,1,1,,B",
        "line 2, identical is Y, expected Z, the group of asset Y",
    ),
    "labels that name each other": (
        "2024-01-08,a,,X,Y,buy,1,1,,A\n2024-01-09,a,,Y,X,buy,1,1,,B",
        "line 2, identical is Y, expected X, the group of asset Y",
    ),
    "a transfer into an IRA": (
        BUY + "2024-01-09,i,ira,X,,transfer,1,,,A",
        "line 3, account_kind is ira, expected taxable, as account a is; shares that "
        "enter an IRA are a deemed sale, which the ledger does not do, and an IRA takes "
        "only cash: enter a sell here and a buy in the IRA if that is what was done, or "
        "leave the row out",
    ),
    "a transfer out of an IRA": (
        "2024-01-08,i,ira,X,,buy,10,100,,A\n2024-01-09,a,,X,,transfer,1,,,A",
        "line 3, account_kind is taxable, expected ira, as account i is; shares that "
        "leave an IRA are a distribution, which the ledger does not do: enter a sell in "
        "the IRA and a buy at the value of that day",
    ),
    "a transfer from nowhere": (
        BUY + "2024-01-09,b,,X,,transfer,1,,,B",
        "line 3, lot is 'B', expected lot B of X in exactly one other account, found none",
    ),
    "a transfer for money": (
        BUY + "2024-01-09,b,,X,,transfer,1,5,,A",
        "line 3, amount is 5, expected none: a transfer is no sale",
    ),
    "two splits of a day": (
        BUY + "2024-01-09,a,,X,,split,2,,,\n2024-01-09,a,,X,,split,3,,,",
        "line 4, shares is 3, expected the ratio of the other split of that day",
    ),
    "a transfer with a fee": (
        BUY + "2024-01-09,b,,X,,transfer,1,,5,A",
        "line 3, fee is 5, expected none: a transfer is no sale",
    ),
    "a split with a fee": (
        BUY + "2024-01-09,a,,X,,split,2,,5,",
        "line 3, fee is 5, expected none: a split is no sale",
    ),
    "a split for no shares": (
        BUY + "2024-01-09,a,,X,,split,2,0,,",
        "line 3, amount is 0, expected a number above 0, or none",
    ),
    "a split of what nobody held": (
        BUY + "2024-01-09,a,,Q,,split,2,,,",
        "line 3, asset is Q, expected an asset that was held before 2024-01-09",
    ),
    "a split before the first purchase of the day": (
        "2024-01-08,a,,X,,buy,1,1,,A\n2024-01-08,a,,X,,split,2,,,",
        "line 3, asset is X, expected an asset that was held before 2024-01-08",
    ),
    "digits of another script": (
        "2024-01-08,a,taxable,X,,buy,\u0661\u0660,100,,A",
        "line 2, shares is '\u0661\u0660', expected a number above 0, at most 1e+15",
    ),
    "a date of another age": (
        "0024-01-08,a,,X,,buy,1,100,,A",
        "line 2, date is 0024-01-08, expected one from 1900-01-01 to 2199-12-31",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_by_line_and_column(
    write: Write, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    rows, message = REFUSALS[case]
    path = write(rows)
    assert sma("ledger", path) == 2
    assert capsys.readouterr().err == f"error: {path}: {message}\n"


def test_a_header_alone_is_an_empty_ledger(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sma("ledger", write("")) == 0
    assert capsys.readouterr().out.startswith("0 disposals, 0 open lots")


def test_every_bad_cell_is_listed(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sma("ledger", write(f"{BUY}2024-02-30,a,,X,,buy,x,100,,B\n")) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(", expected")[0].split("line ")[1] for line in lines] == [
        "3, date is '2024-02-30'",
        "3, shares is 'x'",
    ]


def test_a_specific_method_asks_for_lots(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(BUY + "2024-02-08,a,taxable,X,,sell,1,100,,")
    assert sma("ledger", path, "--method", "specific") == 2
    assert "line 3, lot is empty, expected a lot" in capsys.readouterr().err


def test_publication_550_as_json(write: Write, tmp_path: Path) -> None:
    answer = tmp_path / "ledger.json"
    assert sma("ledger", write(PUBLICATION_550), "--json", answer) == 0
    found = json.loads(answer.read_text())
    assert found["schema"] == "sma.ledger/1"
    (sold,), (lot,), (year,) = found["disposals"], found["open_lots"], found["years"]
    assert (sold["gain"], sold["disallowed"], sold["allowed"]) == (-250.0, 250.0, 0.0)
    assert (sold["replacement"], sold["permanent"]) == ("B", 0.0)
    assert (lot["lot"], lot["basis"], lot["adjusted_basis"]) == ("B", 800.0, 1050.0)
    assert (lot["acquired"], lot["adjusted_acquired"]) == ("2014-07-05", "2014-05-05")
    assert (year["year"], year["net_short"], year["disallowed"]) == (2014, 0.0, 250.0)
    LedgerFile.model_validate(found)


def test_the_schema_names_what_the_file_holds(write: Write, tmp_path: Path) -> None:
    answer = tmp_path / "ledger.json"
    sma("ledger", write(PUBLICATION_550), "--json", answer)
    properties = ledger_schema()["properties"]
    assert isinstance(properties, dict)
    assert set(json.loads(answer.read_text())) == set(properties)


def test_options_reach_the_ledger(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = tmp_path / "ledger.json"
    code = sma(
        "ledger", write(PUBLICATION_550), "--json", answer, "--tacking", "date",
        "--method", "BROKER_MINTAX", "--filing", "separate",
    )  # fmt: skip
    assert code == 0
    found = json.loads(answer.read_text())
    assert found["rules"]["method"] == "broker_mintax"
    assert found["open_lots"][0]["adjusted_acquired"] == "2014-05-01"
    assert "1 disposal, 1 open lot; USD" in capsys.readouterr().out


def test_columns_that_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text(
        "date,account,asset,action,shares,amount\n"
        "2024-01-08,a,NA,BUY,1.5,10\n2024-01-09,a,NA,sell,0.5,5\n"
    )
    kept = keep_ledger(read_trades(path))
    assert [lot.asset for lot in kept.open_lots] == ["NA"]
    assert kept.open_lots[0].lot == "2024-01-08"


def test_carried_losses_reach_the_ledger(write: Write, tmp_path: Path) -> None:
    answer = tmp_path / "ledger.json"
    code = sma(
        "ledger", write(PUBLICATION_550), "--json", answer, "--carry-short", "4000",
        "--carry-long", "500", "--first-year", "2013",
    )  # fmt: skip
    assert code == 0
    found = json.loads(answer.read_text())
    carried = [(y["year"], y["carry_short"], y["carry_long"]) for y in found["years"]]
    assert carried == [(2013, 1000.0, 500.0), (2014, 0.0, 0.0)]
    assert found["rules"]["first_year"] == 2013
    assert (found["rules"]["carry_short"], found["rules"]["carry_long"]) == (4000, 500)


def test_a_negative_carry_is_refused_in_one_line(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sma("ledger", write(PUBLICATION_550), "--carry-short", "-1") == 2
    error = "error: carry_short is -1.0, expected a number, 0 or more\n"
    assert capsys.readouterr().err == error


def test_rates_decide_what_min_tax_sells(write: Write, tmp_path: Path) -> None:
    rows = (
        "2020-01-02,a,,X,,buy,10,100,,long\n2023-06-01,a,,X,,buy,10,150,,short\n"
        "2023-09-01,a,,X,,sell,10,200,,"
    )
    sold = []
    for options in ((), ("--short-rate", "0.1"), ("--long-rate", "0.05")):
        answer = tmp_path / "ledger.json"
        code = sma(
            "ledger", write(rows), "--json", answer, "--method", "min_tax", *options
        )
        assert code == 0
        sold.append(json.loads(answer.read_text())["disposals"][0]["lot"])
    assert sold == ["short", "short", "long"]


def test_a_split_into_more_than_can_be_counted_is_refused(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(BUY + "2024-01-09,a,,X,,split,1000000000000000,0.00000001,,")
    assert sma("ledger", path) == 2
    said = "a split makes 1.000e+24 shares of one purchase, expected at most 1e+15"
    assert capsys.readouterr().err == f"error: {said}\n"


def test_a_header_in_other_case_behind_a_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    path.write_bytes(
        b"\xef\xbb\xbfDate, Account ,ASSET,Action,Shares,Amount\r\n"
        b"2024-01-08,a,X,buy,10,100\r\n"
    )
    (row,) = read_trades(path)
    assert row.account == "a"
    assert [row.shares, row.amount] == [10, 100]


def test_columns_that_are_missing_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("date,asset,action,amount\nx,X,y,z\nx,X,y,z\n")
    assert sma("ledger", path) == 2
    said = (
        f"error: {path}: columns 'account', 'shares' are missing, expected columns "
        f"{HEADER.replace(',', ', ')}\n"
    )
    assert capsys.readouterr().err == said


def test_nothing_is_never_negative(write: Write, tmp_path: Path) -> None:
    answer = tmp_path / "ledger.json"
    path = write(BUY.replace(",100,", ",-0,-0.0"))
    assert sma("ledger", path, "--json", answer) == 0
    assert '"basis": 0.0' in answer.read_text()


def test_a_fee_above_the_amount_makes_a_loss(write: Write) -> None:
    kept = keep_ledger(read_trades(write(BUY + "2024-02-08,a,,X,,sell,5,3,10,A")))
    (sold,) = kept.disposals
    assert [sold.proceeds, sold.gain, sold.allowed] == [-7, -57, -57]
