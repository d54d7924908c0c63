"""Books: what a file says is what the accounts get."""

import json
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sma_research.errors import DataError
from sma_research.io import book_schema, load_book
from sma_research.io.documents import Wishes
from sma_research.markets.store import save_market
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.mandate import Band, Mandate
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.tax import TaxRates, YearToDate
from sma_research.portfolio.tax_wishes import Equivalents

EVERY_FIELD = """
[market.synthetic]
n_assets = 60
n_factors = 4
n_etfs = 4

[[account]]
id = "all"
cash = 1e6
target = { broad = 0.5, large = 0.5 }
risk_aversion = 50
tax_aversion = 0.5
cost_aversion = 0.25
horizon_years = 2.0
tracking_error_cap = 0.03
kinds = ["stock"]
exclude = ["MSFT"]
screens = ["tobacco"]
look_through_limit = 0.001
max_weight = 0.2
max_etf_weight = 0.5
max_active_weight = 0.15
weight_bounds = { AAPL = { lower = 0.01, upper = 0.1 }, NVDA = { upper = 0.05 } }
max_names = 40
min_names = 5
min_position = 0.0001
sector_bands = { Energy = { lower = -0.02, upper = 0.02 } }
factor_bands = { 0 = { lower = -0.1, relative = true }, 3 = { upper = 9.0 } }
min_cash = 0.001
max_cash = 0.05
max_turnover = 1.5
wash_sales = "no_credit"
tax_model = "netted"
gain_limits = { total_net = { lower = -0.1, upper = 0.02 }, short_gain = { upper = 0.0 } }
tax_budget = 0.01
min_harvest = 0.0
min_holding_days = 31
long_term_soon_days = 30
long_term_soon_price = 0.2
lot_order = "free"
equivalents = [{ assets = ["AAPL", "NVDA"], step_price = 0.001, upper = 0.2 }]
"""


def test_every_field_of_a_mandate_is_reachable(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(EVERY_FIELD)
    mandate = load_book(path).accounts[0].mandate
    assert mandate == Mandate(
        target={"broad": 0.5, "large": 0.5},
        risk_aversion=50,
        tax_aversion=0.5,
        cost_aversion=0.25,
        horizon_years=2.0,
        tracking_error_cap=0.03,
        kinds={"stock"},
        exclude={"MSFT"},
        screens={"tobacco"},
        look_through_limit=0.001,
        max_weight=0.2,
        max_etf_weight=0.5,
        max_active_weight=0.15,
        weight_bounds={"AAPL": (0.01, 0.1), "NVDA": (0.0, 0.05)},
        max_names=40,
        min_names=5,
        min_position=0.0001,
        sector_bands={"Energy": Band(lower=-0.02, upper=0.02)},
        factor_bands={0: Band(lower=-0.1), 3: Band(upper=9.0)},
        min_cash=0.001,
        max_cash=0.05,
        max_turnover=1.5,
        wash_sales="no_credit",
        tax_model="netted",
        gain_limits={"total_net": (-0.1, 0.02), "short_gain": (-np.inf, 0.0)},
        tax_budget=0.01,
        min_harvest=0.0,
        min_holding_days=31,
        long_term_soon_days=30,
        long_term_soon_price=0.2,
        lot_order="free",
        equivalents=[Equivalents(assets=["AAPL", "NVDA"], step_price=0.001, upper=0.2)],
    )
    said = {line.split(" = ")[0] for line in EVERY_FIELD.splitlines()}
    assert {field.name for field in fields(Mandate)} <= said


def test_a_pair_is_a_table_of_lower_and_upper(book: Path) -> None:
    pairs = (
        "gain_limits = { short_gain = [0, 0.01] }\n"
        "sector_bands = { Energy = [-0.02, 0.02] }\n"
        "factor_bands = { 1 = [-0.1, 0.1] }\n"
        "weight_bounds = { AAPL = [0, 0.05] }\n"
    )
    text = book.read_text().replace("[defaults]", f"[defaults]\n{pairs}")
    book.write_text(text)
    mandate = load_book(book).accounts[0].mandate
    assert mandate.gain_limits == {"short_gain": (0.0, 0.01)}
    assert mandate.sector_bands == {"Energy": Band(lower=-0.02, upper=0.02)}
    assert mandate.factor_bands == {1: Band(lower=-0.1, upper=0.1)}
    assert mandate.weight_bounds == {"AAPL": (0.0, 0.05)}
    definitions: Any = book_schema()["$defs"]
    for name in ("LimitEntry", "BandEntry", "BoundsEntry"):
        kinds = [form["type"] for form in definitions[name]["anyOf"]]
        assert kinds == ["object", "array"]


def test_the_file_has_the_names_of_the_mandate() -> None:
    names = {field.name for field in fields(Mandate)}
    assert set(Wishes.model_fields) - names == {"exclude_file", "tax_rates"}
    assert names <= set(Wishes.model_fields)


def test_a_household_has_trades_groups_and_a_tax_year(tmp_path: Path) -> None:
    (tmp_path / "trades.csv").write_text(
        "date,asset,side,shares,account_kind\n2025-06-20,NVDA,buy,3,ira\n"
        "2025-06-10,AAPL,loss,2.5,\n"
    )
    (tmp_path / "same.csv").write_text("asset,identical\nAAPL,FRUIT\nMSFT,FRUIT\n")
    (tmp_path / "lots.csv").write_text(
        "asset,shares,cost_per_share,acquired,purchased\n"
        "AAPL,5,100,2024-01-02,2025-06-25\n"
    )
    path = tmp_path / "book.toml"
    path.write_text(
        "[market]\nsynthetic = { n_assets = 60, n_factors = 4 }\n"
        'identical = "same.csv"\n[[account]]\nid = "a"\ncash = 1000\n'
        'target = { broad = 1.0 }\nlots = "lots.csv"\nhistory = "trades.csv"\n'
        "year_to_date = { net_short = -500.0, carry_long = 7000.0 }\n"
        "tax_rates = { ordinary = 0.35, niit = 0.038, carried_loss = 0.1 }\n"
    )
    book = load_book(path)
    (account,) = book.accounts
    assert account.year_to_date == YearToDate(net_short=-500.0, carry_long=7000.0)
    assert account.tax_rates == TaxRates(ordinary=0.35, niit=0.038, carried_loss=0.1)
    assert account.lots.bought == (date(2025, 6, 25),)
    assert account.history is not None
    assert account.history.account_kind == ("ira", "taxable")
    assert account.history.quantity.tolist() == [3.0, 2.5]
    wash = Problem(market=book.market, account=account).wash
    barred = np.flatnonzero(wash.no_buy)
    assert np.array(book.market.universe.asset)[barred].tolist() == ["MSFT", "AAPL"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("trades.csv", "date,asset,side,shares\n2025-06-20,AAPL,sold,3\n",
         "line 2, side is 'sold', expected one of buy, loss"),
        ("trades.csv", "date,asset,side,shares\n2025-06-20,OPEL,buy,3\n",
         "history trades 'OPEL', which the universe does not have"),
        ("same.csv", "asset,identical\nOPEL,CARS\n",
         "line 2, asset is 'OPEL', expected one of the market"),
        ("same.csv", "asset,identical\nAAPL,X\nAAPL,Y\n",
         "line 3, asset 'AAPL' appears more than once, expected once"),
    ],
)  # fmt: skip
def test_bad_household_files_are_refused(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    (tmp_path / name).write_text(text)
    groups = 'identical = "same.csv"\n' if name == "same.csv" else ""
    trades = 'history = "trades.csv"\n' if name == "trades.csv" else ""
    path = tmp_path / "book.toml"
    path.write_text(
        f"[market]\nsynthetic = {{ n_assets = 60, n_factors = 4 }}\n{groups}"
        f'[[account]]\nid = "a"\ncash = 1000\ntarget = {{ broad = 1.0 }}\n{trades}'
    )
    with pytest.raises(DataError) as refusal:
        load_book(path)
    assert expected in str(refusal.value)


def test_a_market_is_no_book(tmp_path: Path, awkward_market: Market) -> None:
    save_market(awkward_market, tmp_path / "sp500")
    with pytest.raises(
        DataError, match="this is a market, not a book; expected"
    ) as refusal:
        load_book(tmp_path / "sp500" / "market.toml")
    assert str(refusal.value).endswith('[market] folder = "sp500"')


def test_what_a_book_leaves_out_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    path.write_text(
        '[market]\nsynthetic = { n_assets = 60, n_factors = 4 }\n[[account]]\nid = "a"\n'
        "cash = 1\ntarget = { broad = 1.0 }\n"
    )
    book = load_book(path)
    assert book.accounts[0].mandate == Mandate(target={"broad": 1.0})
    assert book.accounts[0].tax_rates == TaxRates()
    assert book.synthetic
    assert book.market.as_of == date(2025, 6, 30)


def test_accounts_inherit_defaults(book: Path) -> None:
    smith, jones = load_book(book).accounts
    assert jones.mandate.tracking_error_cap == 0.05
    assert smith.mandate.tracking_error_cap is None
    assert smith.tax_rates == TaxRates(short_term=0.5, long_term=0.3)
    assert jones.tax_rates == TaxRates(short_term=0.4, long_term=0.25)
    assert (smith.cash, smith.contribution) == (25_000.0, -100.5)


def test_exclusions_and_screens_add_up_with_the_defaults(book: Path) -> None:
    smith, jones = load_book(book).accounts
    assert smith.mandate.exclude == {"MSFT", "NVDA"}
    assert smith.mandate.screens == {"tobacco", "alcohol"}
    assert jones.mandate.exclude == {"NVDA"}
    assert jones.mandate.screens == {"tobacco"}


def test_lots_of_a_shared_file_go_to_their_accounts(book: Path) -> None:
    smith, jones = load_book(book).accounts
    assert smith.lots.asset == ("AAPL", "AAPL")
    assert smith.lots.quantity.tolist() == [10.5, 5.0]
    assert smith.lots.cost.tolist() == [100.0, 90.25]
    assert smith.lots.acquired == (date(2024, 1, 2), date(2023, 1, 2))
    assert jones.lots.asset == ("AMZN",)
    assert jones.lots.acquired == (date(2020, 2, 29),)


def test_the_mark_of_spreadsheets_is_skipped(book: Path) -> None:
    for name in ("book.toml", "lots.csv", "house.txt"):
        path = book.with_name(name)
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(load_book(book).accounts) == 2


def test_a_restricted_list_may_be_a_table(book: Path) -> None:
    book.with_name("list.csv").write_text("asset\nAMZN\nNVDA\n")
    book.write_text(book.read_text().replace("house.txt", "list.csv"))
    assert load_book(book).accounts[1].mandate.exclude == {"AMZN", "NVDA"}


def test_two_mistakes_are_two_lines(book: Path) -> None:
    text = book.read_text().replace("cash = 25_000", 'cash = "much"\ncahs = 1')
    book.write_text(text)
    with pytest.raises(DataError) as refusal:
        load_book(book)
    lines = str(refusal.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{book}: account smith, ca") for line in lines)


def test_every_bad_account_is_named(book: Path) -> None:
    text = book.read_text().replace('id = "jones"', 'id = "jones"\nmax_weight = 5')
    book.write_text(text.replace('exclude = ["MSFT"]', "min_cash = 0.5"))
    with pytest.raises(DataError) as refusal:
        load_book(book)
    first, second = str(refusal.value).splitlines()
    assert "account smith, min_cash 0.5 is above max_cash 0.02" in first
    assert "account jones, max_weight is 5" in second


def test_a_flood_of_mistakes_is_cut(book: Path) -> None:
    rows = "".join(f"smith,AAPL,{-i},1,2024-01-02\n" for i in range(1, 31))
    lots = book.with_name("lots.csv")
    lots.write_text(lots.read_text() + rows)
    with pytest.raises(DataError) as refusal:
        load_book(book)
    lines = str(refusal.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "10 more refusals like these"


def test_the_schema_describes_every_field() -> None:
    schema = json.loads(json.dumps(book_schema()))
    account = schema["$defs"]["AccountEntry"]["properties"]
    assert all("description" in field for field in account.values())
    assert schema["additionalProperties"] is False
