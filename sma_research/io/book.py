"""Books: a TOML file that names a market and the accounts to build on it.

.. code-block:: toml

    [market]
    folder = "iwv"                      # or: synthetic = { n_assets = 3000, seed = 0 }

    [defaults]
    target = { large = 0.7, mid = 0.2, small = 0.1 }
    tracking_error_cap = 0.02
    tax_rates = { short_term = 0.37, long_term = 0.20 }

    [[account]]
    id = "smith"
    lots = "smith_lots.csv"             # asset, shares, cost_per_share, acquired
    cash = 25_000
    exclude = ["MSFT"]
    sector_bands = { Energy = { lower = -0.02, upper = 0.02 } }
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import ValidationError

from sma_research.errors import DataError
from sma_research.io.documents import AccountEntry, BookFile, MarketEntry, Wishes
from sma_research.io.holdings import lots_of, read_lots, read_positions, require_sum
from sma_research.io.refusals import book_refusals, refuse_all, refuse_market
from sma_research.io.tables import read_names, read_text
from sma_research.io.tax_files import read_history, tax_wishes, with_groups
from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.history import TradeHistory
from sma_research.portfolio.lots import Lots
from sma_research.portfolio.mandate import Band, Mandate
from sma_research.portfolio.problem import Problem
from sma_research.portfolio.tax import TaxRates, YearToDate

if TYPE_CHECKING:
    import pandas as pd

Table = TypeVar("Table")
ADDED: Final = ("exclude", "screens")  # of an account and of the defaults, together
OWN: Final = frozenset({
    "id", "cash", "contribution", "lots", "positions", "history", "year_to_date",
})  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Book:
    """Accounts that share one market, checked against it."""

    market: Market
    accounts: tuple[Account, ...]
    source: str  # of the market, in words
    synthetic: bool


@dataclass(frozen=True, kw_only=True)
class _Tables:
    lots: "Mapping[str, pd.DataFrame]"  # by the name that the book gives
    positions: "Mapping[str, pd.DataFrame]"
    history: Mapping[str, TradeHistory]


def load_book(path: Path) -> Book:
    """Read a book and all files it names, and check every account.

    Raises
    ------
    DataError
        One line for each mistake: the file, the field, what was found, what was
        expected. Nothing is solved until a book has none.
    """
    file = read_book_file(path)
    ids = [entry.id for entry in file.account]
    refuse_all(
        f"{path}: account id {name!r} appears more than once, expected once"
        for name in _repeated(ids)
    )
    tables = _Tables(
        lots=_read(path, file, "lots", partial(read_lots, accounts=ids)),
        positions=_read(path, file, "positions", partial(read_positions, accounts=ids)),
        history=_read(path, file, "history", read_history),
    )
    market, source = _open_market(path, file.market)
    if file.market.identical is not None:
        market = with_groups(market, path.parent / file.market.identical)
    return Book(
        market=market,
        accounts=_accounts(path, file, tables, market),
        source=source,
        synthetic=file.market.synthetic is not None,
    )


def read_book_file(path: Path) -> BookFile:
    """Read the TOML file alone, without the files it names."""
    text = read_text(path)
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path}: is not TOML: {reason}; see `sma schema`") from error
    refuse_market(path, document)
    try:
        return BookFile.model_validate(document)
    except ValidationError as error:
        refuse_all(book_refusals(path, error, document))
        raise


def book_schema() -> dict[str, object]:
    """JSON Schema of book files, for editors."""
    return BookFile.model_json_schema()


def _open_market(path: Path, entry: MarketEntry) -> tuple[Market, str]:
    if (entry.folder is None) == (entry.synthetic is None):
        found = "neither folder nor" if entry.folder is None else "both folder and"
        raise DataError(f"{path}: market has {found} synthetic, expected one of them")
    if entry.folder is not None:
        from sma_research.markets.store import load_market

        folder = path.parent / entry.folder
        try:
            return load_market(folder), f"folder {entry.folder}"
        except DataError as error:
            where = "" if str(folder) in str(error) else f"{folder}: "
            raise DataError(f"{path}: market: {where}{error}") from error
    from sma_research.markets.synthetic import synthetic_market

    given = dict(entry.synthetic or {})
    try:
        market = synthetic_market(**given)
    except DataError as error:
        raise DataError(f"{path}: market.synthetic: {error}") from error
    return market, f"synthetic, seed {given['seed']}"


def _accounts(
    path: Path, file: BookFile, tables: _Tables, market: Market
) -> tuple[Account, ...]:
    accounts, refused = [], []
    for entry in file.account:
        try:
            account = _account(entry, file.defaults, path.parent, tables)
            Problem(market=market, account=account)
        except DataError as error:
            refused += [
                _located(path, entry.id, line) for line in str(error).split("\n")
            ]
        else:
            accounts.append(account)
    refuse_all(refused)
    return tuple(accounts)


def _account(
    entry: AccountEntry, defaults: Wishes, folder: Path, tables: _Tables
) -> Account:
    lots = Lots()
    if entry.lots is not None:
        lots = lots_of(tables.lots[entry.lots], folder / entry.lots, entry.id)
    if entry.positions is not None:
        found = tables.positions[entry.positions]
        require_sum(lots, found, folder / entry.positions, entry.id)
    wishes = _merged(entry, defaults, folder)
    rates = wishes.pop("tax_rates", {})
    return Account(
        account_id=entry.id,
        mandate=_mandate(wishes),
        lots=lots,
        cash=entry.cash,
        contribution=entry.contribution,
        tax_rates=TaxRates(**rates),
        year_to_date=YearToDate(**entry.year_to_date.model_dump()),
        history=None if entry.history is None else tables.history[entry.history],
    )


def _merged(entry: AccountEntry, defaults: Wishes, folder: Path) -> dict[str, Any]:
    ours = _wishes(entry, folder)
    theirs = _wishes(defaults, folder)
    added = {name: {*theirs[name], *ours[name]} for name in ADDED}
    return theirs | ours | added


def _wishes(entry: Wishes, folder: Path) -> dict[str, Any]:
    given = entry.model_dump(exclude_unset=True, exclude=set(OWN))
    file = given.pop("exclude_file", None)
    listed = read_names(folder / file) if file is not None else ()
    given["exclude"] = {*(entry.exclude or ()), *listed}
    given["screens"] = set(entry.screens or ())
    return given


def _mandate(wishes: dict[str, Any]) -> Mandate:
    if "target" not in wishes:
        raise DataError("target is missing, expected shares like { broad = 1.0 }")
    for name in ("sector_bands", "factor_bands"):
        if name in wishes:
            bands = wishes[name].items()
            wishes[name] = {key: _band(f"{name}.{key}", given) for key, given in bands}
    if "weight_bounds" in wishes:
        wishes["weight_bounds"] = {
            asset: (given.get("lower", 0.0), given.get("upper", 1.0))
            for asset, given in wishes["weight_bounds"].items()
        }
    return Mandate(**tax_wishes(wishes))


def _band(where: str, given: Mapping[str, Any]) -> Band:
    try:
        return Band(**given)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error


def _read(
    path: Path, file: BookFile, what: str, read: Callable[[Path], Table]
) -> dict[str, Table]:
    """Tables by the name that the book gives; refusals say whose they are."""
    tables: dict[str, Table] = {}
    for entry in file.account:
        name = getattr(entry, what)
        if name is None or name in tables:
            continue
        try:
            tables[name] = read(path.parent / name)
        except DataError as error:
            if "\n" in str(error):  # many, each by its line of that file
                raise
            raise DataError(_located(path, entry.id, f"{what}: {error}")) from error
    return tables


def _repeated(ids: list[str]) -> list[str]:
    seen: set[str] = set()
    return [name for name in ids if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def _located(path: Path, account: str, line: str) -> str:
    who = f"account {account}"
    return f"{path}: {line}" if line.startswith(who) else f"{path}: {who}, {line}"
