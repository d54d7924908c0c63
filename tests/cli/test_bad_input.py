"""Every mistake of a user: one line, exit code 2, and nothing is solved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Sma = Callable[..., Any]

BOOKS = {
    "an unknown field": (
        'id = "smith"', 'id = "smith"\nmax_name = 3',
        "account smith, max_name is unknown, expected 'max_names'?",
    ),
    "an unknown table": ("[defaults]", "[default]", "default is unknown, expected 'defaults'?"),
    "a wrong type": (
        "cash = 25_000", 'cash = "25 000"', "account smith, cash is '25 000', expected a number",
    ),
    "a number in quotes": (
        'exclude = ["MSFT"]', 'max_names = "20"',
        "account smith, max_names is '20', expected a whole number",
    ),
    "a truth for a number": (
        "cash = 25_000", "cash = true", "account smith, cash is True, expected a number",
    ),
    "NaN": ("cash = 25_000", "cash = nan", "account smith, cash is nan, expected a finite number"),
    "infinity": (
        "cash = 25_000", "cash = inf", "account smith, cash is inf, expected a finite number",
    ),
    "a list that is text": (
        'exclude = ["MSFT"]', 'exclude = "MSFT"',
        "account smith, exclude is 'MSFT', expected a list",
    ),
    "an unknown kind": (
        'kinds = ["stock"]', 'kinds = ["bond"]',
        "defaults.kinds.0 is 'bond', expected 'stock' or 'etf'",
    ),
    "a nameless account": ('id = "smith"', "", "account number 1, id is missing"),
    "an empty name": ('id = "smith"', 'id = ""', "account number 1, id is '', expected a name"),
    "two accounts of one id": (
        'id = "jones"', 'id = "smith"', "account id 'smith' appears more than once",
    ),
    "negative cash": ("cash = 25_000", "cash = -1", "account smith, cash of smith is -1"),
    "no value": (
        "cash = 25_000", "contribution = -1e9", "account smith is worth -99",
    ),
    "an unknown exclusion": ("MSFT", "MSFTX", "account smith, exclude: 'MSFTX' unknown"),
    "an unknown screen": (
        'exclude = ["MSFT"]', 'screens = ["wine"]', "account smith, screens: 'wine' unknown",
    ),
    "an unknown benchmark": (
        'exclude = ["MSFT"]', "target = { world = 1.0 }",
        "account smith, target: 'world' unknown",
    ),
    "shares that do not sum to one": (
        'exclude = ["MSFT"]', "target = { large = 0.7 }",
        "account smith, target shares sum to 0.7, expected 1",
    ),
    "no target": (
        "target = { large = 0.7, mid = 0.2, small = 0.1 }", "",
        "account smith, target is missing",
    ),
    "bounds of cash that cross": (
        'exclude = ["MSFT"]', "min_cash = 0.5", "account smith, min_cash 0.5 is above max_cash",
    ),
    "bounds of a weight that cross": (
        'exclude = ["MSFT"]', "weight_bounds = { AAPL = { lower = 0.2, upper = 0.1 } }",
        "account smith, weight_bounds of AAPL: lower 0.2 is above upper 0.1",
    ),
    "limits of a weight that cross": (
        'exclude = ["MSFT"]', "max_weight = 0.1\nweight_bounds = { AAPL = { lower = 0.2 } }",
        "account smith: weight of AAPL must be at least 0.2 and at most 0.1; expected",
    ),
    "a floor of what is excluded": (
        'exclude = ["MSFT"]', 'exclude = ["MSFT"]\nweight_bounds = { MSFT = { lower = 0.2 } }',
        "weight of MSFT must be at least 0.2 and at most 0: it may not be held; expected",
    ),
    "a band that crosses": (
        'exclude = ["MSFT"]', "sector_bands = { Energy = { lower = 0.2, upper = 0.1 } }",
        "account smith, sector_bands.Energy: band from 0.2 to 0.1, expected lower <= upper",
    ),
    "an unknown sector": (
        'exclude = ["MSFT"]', "sector_bands = { Oil = { upper = 0.1 } }",
        "account smith, sector_bands: 'Oil' unknown",
    ),
    "a band of three": (
        'exclude = ["MSFT"]', "sector_bands = { Energy = [0, 0.1, 1] }",
        "account smith, sector_bands.Energy is [0, 0.1, 1], expected a table like "
        "{ lower = 0, upper = 0.01 } or a list like [0, 0.01]",
    ),
    "an asset with two letters swapped": (
        'exclude = ["MSFT"]', 'exclude = ["MSTF"]', "(64 in all); did you mean 'MSFT'",
    ),
    "a band's unknown field": (
        'exclude = ["MSFT"]', "sector_bands = { Energy = { max = 0.1 } }",
        "account smith, sector_bands.Energy.max is unknown",
    ),
    "a factor that is no number": (
        'exclude = ["MSFT"]', "factor_bands = { size = { upper = 0.1 } }",
        "account smith, factor_bands.size is not a whole number",
    ),
    "a factor that is not there": (
        'exclude = ["MSFT"]', "factor_bands = { 9 = { upper = 0.1 } }",
        "factor_bands name factor 9, expected a position from 0 to 3",
    ),
    "a percentage for a decimal": (
        'exclude = ["MSFT"]', "max_weight = 5", "account smith, max_weight is 5",
    ),
    "a tax rate in percent": (
        'exclude = ["MSFT"]', "tax_rates = { short_term = 37 }",
        "account smith, short_term is 37",
    ),
    "no market": (
        "synthetic = { n_assets = 60, n_factors = 4, n_etfs = 4, seed = 1 }", "",
        "market has neither folder nor synthetic, expected one of them",
    ),
    "two markets": (
        "[market]", '[market]\nfolder = "x"', "market has both folder and synthetic, expected one",
    ),
    "a market of no assets": ("n_assets = 60", "n_assets = 0", "market.synthetic: n_assets is 0"),
    "a market that is not there": (
        "synthetic = { n_assets = 60, n_factors = 4, n_etfs = 4, seed = 1 }",
        'folder = "nowhere"', "book.toml: market: ",
    ),
    "no TOML": ("[market]", "[market", "is not TOML"),
    "lots that are not there": ("lots.csv", "lost.csv", "lost.csv: cannot be read: No such file"),
    "whose lots are not there": ("lots.csv", "lost.csv", "book.toml: account smith, lots: "),
    "a restricted list that is not there": (
        'exclude = ["MSFT"]', 'exclude_file = "list.txt"', "list.txt: cannot be read",
    ),
}  # fmt: skip

LOTS = {
    "a short position": (
        "AAPL,-10,100,2024-01-02",
        "line 2, shares is '-10', expected",
    ),
    "a negative cost": (
        "AAPL,10,-1,2024-01-02",
        "line 2, cost_per_share is '-1', expected",
    ),
    "a NaN": ("AAPL,NaN,1,2024-01-02", "line 2, shares is 'NaN', expected"),
    "an infinite cost": (
        "AAPL,1,inf,2024-01-02",
        "line 2, cost_per_share is 'inf', expected",
    ),
    "no date": ("AAPL,1,1,soon", "line 2, acquired is 'soon', expected a date"),
    "a date in the future": (
        "AAPL,1,1,2999-01-01",
        "lot of AAPL on 2999-01-01 is acquired",
    ),
    "an unknown ticker": ("ZZZZ,1,1,2024-01-02", "account smith, lots: 'ZZZZ' unknown"),
    "a missing cell": ("AAPL,1,2024-01-02", "line 2 has 3 cells, expected 4"),
}


def one_line(sma: Sma, book: Path, words: str, *options: object) -> None:
    run = sma("build", book, *options)
    assert run.code == 2
    assert run.out == ""
    (line,) = run.err.splitlines()
    assert line.startswith("error: ")
    assert words in line


@pytest.mark.parametrize("mistake", BOOKS)
def test_a_book_with(mistake: str, sma: Sma, book: Path) -> None:
    before, after, words = BOOKS[mistake]
    text = book.read_text()
    assert before in text
    book.write_text(text.replace(before, after, 1))
    if mistake == "no target":
        book.write_text(book.read_text().partition('[[account]]\nid = "jones"')[0])
    one_line(sma, book, words)


@pytest.mark.parametrize("mistake", LOTS)
def test_lots_with(mistake: str, sma: Sma, book: Path) -> None:
    row, words = LOTS[mistake]
    lots = book.with_name("lots.csv")
    lots.write_text(f"asset,shares,cost_per_share,acquired\n{row}\n")
    one_line(sma, book, words)


def test_lots_that_do_not_add_up(sma: Sma, book: Path) -> None:
    book.with_name("held.csv").write_text("asset,shares\nAAPL,12\n")
    text = book.read_text().replace('"lots.csv"', '"lots.csv"\npositions = "held.csv"')
    book.write_text(text)
    one_line(
        sma,
        book,
        "account smith, lots of AAPL hold 10 shares, held.csv says 12; expected",
    )


def test_lots_of_nobody(sma: Sma, book: Path) -> None:
    lots = book.with_name("lots.csv")
    lots.write_text("account,asset,shares,cost_per_share,acquired\n")
    one_line(sma, book, "lots.csv has no row of this account, expected at least one")


@pytest.mark.parametrize("name", ["book.toml", "lots.csv"])
def test_files_that_are_not_utf_8(name: str, sma: Sma, book: Path) -> None:
    path = book.with_name(name)
    path.write_bytes(
        path.read_bytes().replace(b"AAPL", b"\xff").replace(b"smith", b"\xff")
    )
    one_line(sma, book, "byte 0xff is not UTF-8, expected a UTF-8 text file")


@pytest.mark.parametrize("name", ["book.toml", "lots.csv"])
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_files_that_are_empty(name: str, content: bytes, sma: Sma, book: Path) -> None:
    path = book.with_name(name)
    path.write_bytes(content)
    one_line(sma, book, f"{path}: the file is empty")


def test_a_book_that_is_not_there(sma: Sma, tmp_path: Path) -> None:
    one_line(sma, tmp_path / "no.toml", "no.toml: cannot be read: No such file")


def test_a_book_that_is_a_folder(sma: Sma, tmp_path: Path) -> None:
    one_line(sma, tmp_path, "cannot be read: Is a directory")


def test_an_output_that_cannot_be_written(sma: Sma, book: Path) -> None:
    one_line(sma, book, "cannot be written", "--out", book / "out")
    one_line(sma, book, "is a folder", "--json", book.parent)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--solver", "nope"), "no backend is called 'nope', expected one of "),
        (("--formulation", "nope"), "formulation 'nope' is unknown"),
        (("--time-limit", "0"), "time_limit_s is 0.0, must be above 0"),
        (("--threads", "0"), "threads is 0, must be 1 or more"),
        (("--threads", "x"), "see `sma build --help`"),
        (("--foo",), "No such option"),
    ],
)
def test_options(options: tuple[str, ...], words: str, sma: Sma, book: Path) -> None:
    one_line(sma, book, words, *options)


@pytest.mark.parametrize(
    "arguments",
    [["dem"], ["import"], ["build"], ["demo", "--assets", "1"], ["check", "x"]],
)
def test_usage(arguments: list[str], sma: Sma) -> None:
    run = sma(*arguments)
    assert run.code == 2
    (line,) = run.err.splitlines()
    assert line.startswith("error: ")
