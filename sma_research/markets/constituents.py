"""A universe from a panel of prices, with sectors and caps from a list of members."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.store import PartialMarket
from sma_research.markets.tables import (
    labels,
    numbers,
    read_table,
    refuse_repeats,
    require_column,
)
from sma_research.portfolio.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = "Unknown"


def read_constituents(path: Path) -> "pd.DataFrame":
    """Read members of an index: sector and market cap by symbol.

    A cap may be missing, not negative. Caps serve as weights, so their unit is free.

    Raises
    ------
    DataError
        A missing column, a symbol twice, or a cap that is no number or negative.
    """
    import pandas as pd

    path = Path(path)
    frame = read_table(path)
    asset = labels(
        frame[require_column(frame, ("symbol", "ticker", "asset"), path)], path
    )
    refuse_repeats(asset, path, "symbol")
    cap = numbers(
        frame[require_column(frame, ("market cap", "market_cap", "cap"), path)],
        path,
        blank=True,
    )
    bad = np.flatnonzero(cap < 0)
    if bad.size:
        i = int(bad[0])
        raise DataError(
            f"{path}, row {i + 1}: cap of {asset.iloc[i]!s} is negative, expected above 0"
        )
    sector = frame[require_column(frame, ("sector", "gics sector"), path)]
    known = sector.astype(str).str.strip().replace("", UNKNOWN)
    return pd.DataFrame(
        {"sector": known.to_numpy(), "cap": cap.to_numpy()}, index=asset
    )


def panel_market(
    prices: "pd.DataFrame", last: date, constituents: Path | None
) -> PartialMarket:
    """Universe of the assets quoted on the last day of a panel, benchmark "broad".

    Weights are the caps of the members file, zero for whoever has none there; equal
    weights where there is no file. Notes say which.

    Raises
    ------
    DataError
        What `read_constituents` refuses, or no asset with a cap.
    """
    quote = prices.iloc[-1].dropna()
    asset = [str(name) for name in quote.index]
    notes = [f"universe is the {len(asset)} assets quoted on {last}"]
    absent = sorted(set(prices.columns) - set(asset))
    if absent:
        notes.append(f"without a quote on {last}, left out: {_few(absent)}")
    sector, weight, said = _weights(asset, constituents)
    notes += said
    return PartialMarket(
        as_of=last,
        universe=Universe(
            asset=asset,
            price=quote.to_numpy(),
            sector=sector,
            industry=sector,
            kind=["stock"] * len(asset),
        ),
        benchmarks={"broad": weight},
        notes=tuple(notes),
    )


def _weights(
    asset: list[str], constituents: Path | None
) -> tuple[list[str], Vector, list[str]]:
    """Sector and weight of every asset, and what to know about them."""
    if constituents is None:
        return (
            [UNKNOWN] * len(asset),
            np.full(len(asset), 1.0 / len(asset)),
            ["broad is equally weighted: no list of members with caps given"],
        )
    members = read_constituents(constituents).reindex(asset)
    cap = members["cap"].fillna(0.0).to_numpy()
    if not cap.sum() > 0:
        raise DataError(
            f"{constituents} has no cap for any asset of the prices, expected the "
            "same symbols"
        )
    notes = [
        f"broad is weighted by the total caps of {Path(constituents).name}, not "
        "adjusted for free float; the file may be of another date"
    ]
    without = [a for a, c in zip(asset, cap, strict=True) if c == 0]
    if without:
        notes.append(f"no cap, so no weight in broad: {_few(without)}")
    return members["sector"].fillna(UNKNOWN).tolist(), cap / cap.sum(), notes


def _few(names: list[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
