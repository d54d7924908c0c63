"""What books say about taxes: household trades, identity groups, limits of gains."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np

from sma_research.errors import DataError
from sma_research.io.tables import ABOVE_ZERO, ANY_TEXT, DATE, TEXT, Column, read_table
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.history import Side, TradeHistory
from sma_research.portfolio.tax_wishes import Equivalents
from sma_research.portfolio.transactions import AccountKind


def _word(words: type[StrEnum], empty: str = "") -> Column:
    known = {str(word): str(word) for word in words}
    if empty:
        known[""] = empty
    return Column(
        parse=known.get, accepts=bool, expected=f"one of {', '.join(map(str, words))}"
    )


HISTORY: Final = {
    "date": DATE,
    "asset": TEXT,
    "side": _word(Side),
    "shares": ABOVE_ZERO,
    "account": ANY_TEXT,
    "account_kind": _word(AccountKind, AccountKind.TAXABLE),
    "identical": ANY_TEXT,
}
OPTIONAL: Final = frozenset({"account", "account_kind", "identical"})
GROUPS: Final = {"asset": TEXT, "identical": ANY_TEXT}


def read_history(path: Path) -> TradeHistory:
    """A household's purchases and sales at a loss; see `HISTORY` for the columns.

    Raises
    ------
    DataError
        Every bad column or cell, one line each.
    """
    table = read_table(path, HISTORY, optional=OPTIONAL)
    columns: dict[str, Any] = {name: table[name].tolist() for name in table.columns}
    columns["shares"] = np.array(columns["shares"], dtype=float)
    return TradeHistory(**columns)


def with_groups(market: Market, path: Path) -> Market:
    """The market with the identity groups of a file in place of its own.

    An asset that the file does not name, or whose cell is empty, keeps to itself.

    Raises
    ------
    DataError
        A bad row, an asset named twice, or one that the market does not have.
    """
    table = read_table(path, GROUPS)
    universe = market.universe
    groups: dict[str, str] = {}
    for line, asset, group in table.itertuples(name=None):
        if asset not in universe.position:
            raise DataError(
                f"{path}: line {line}, asset is {asset!r}, expected one of the market"
            )
        if asset in groups:
            raise DataError(
                f"{path}: line {line}, asset {asset!r} appears more than once, "
                "expected once"
            )
        groups[asset] = group
    identical = [groups.get(asset, "") for asset in universe.asset]
    return replace(market, universe=replace(universe, identical=identical))


def tax_wishes(wishes: dict[str, Any]) -> dict[str, Any]:
    """Limits of gains and substitutes, as a mandate takes them."""
    out: dict[str, Any] = {}
    if "gain_limits" in wishes:
        out["gain_limits"] = {
            key: (_given(limit, "lower", -np.inf), _given(limit, "upper", np.inf))
            for key, limit in wishes["gain_limits"].items()
        }
    if "equivalents" in wishes:
        out["equivalents"] = [Equivalents(**group) for group in wishes["equivalents"]]
    return wishes | out


def _given(limit: Mapping[str, float | None], side: str, missing: float) -> float:
    value = limit.get(side)
    return missing if value is None else value
