"""Fund holdings in the format that iShares offers for download.

The file is a report rather than a table: a byte order mark, a preamble with the date,
a header, holdings in quotes with thousands separators, lines of cash and futures, and
a page of legal text. Weights are printed to 0.01 %, which is zero for a thousand small
names, so weights come from market values.
"""

import csv
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_research.arrays import Vector, frozen_vector
from sma_research.errors import DataError
from sma_research.portfolio.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

NEEDED: Final = ("Ticker", "Name", "Sector", "Asset Class", "Market Value", "Price")
DATE_LABEL: Final = "Fund Holdings as of"
# Claims left over from mergers and bankruptcies, not securities that trade. Anchored
# where a common word is also a company's name: CVR Energy trades.
CLAIM: Final = re.compile(
    r"^ESC\b|\bESCROW\b|\bCVR$|\bPRVT$|\bCONTRA$|\bCONTINGENT VALUE", re.IGNORECASE
)
MOST_DROPPED = 0.05  # of equity value; more is a file that was not understood


@dataclass(frozen=True, eq=False, kw_only=True)
class Holdings:
    """Equities of one fund on one date, and the lines that are none."""

    source: str  # name of the file
    fund: str  # as printed in the first line
    as_of: date
    equities: "pd.DataFrame"  # asset, name, sector, price, market_value, weight
    dropped: "pd.DataFrame"  # line, asset, name, asset_class, market_value, reason


def read_holdings(path: Path) -> Holdings:
    """Read a holdings file.

    Dropped, with the reason: what is no equity, what has no ticker, claims such as
    escrow lines and contingent value rights, lines without a price or a value, other
    currencies, and all but the largest line of a ticker.

    Raises
    ------
    DataError
        No header or date, a cell that is no number, a line cut short in the middle,
        or dropped equities above 5 % of the value.
    """
    import pandas as pd

    path = Path(path)
    lines = _read_lines(path)
    header = _header_row(lines, path)
    as_of = _date(lines[:header], path)
    frame = _table(lines, header, path)
    frame["reason"] = _reasons(frame)
    kept = frame[frame["reason"] == ""].sort_values(
        ["market_value", "asset"], ascending=[False, True], kind="stable"
    )
    repeated = kept["asset"].duplicated()
    frame.loc[kept.index[repeated], "reason"] = "smaller line of a repeated ticker"
    kept = kept[~repeated].reset_index(drop=True)
    dropped = frame[frame["reason"] != ""].reset_index(drop=True)
    _require_mostly_kept(kept, dropped, path)
    kept["weight"] = kept["market_value"] / kept["market_value"].sum()
    columns = ["asset", "name", "sector", "price", "market_value", "weight"]
    return Holdings(
        source=path.name,
        fund=next((line[0].strip() for line in lines[:header] if line), path.stem),
        as_of=as_of,
        equities=pd.DataFrame(kept[columns]),
        dropped=dropped[
            ["line", "asset", "name", "asset_class", "market_value", "reason"]
        ],
    )


def holdings_universe(holdings: Holdings) -> tuple[Universe, Vector]:
    """Universe of a fund's equities and their weights ``(n,)``, largest first.

    The files carry no industry, so the sector stands for it.
    """
    frame = holdings.equities
    universe = Universe(
        asset=frame["asset"].tolist(),
        price=frame["price"].to_numpy(),
        sector=frame["sector"].tolist(),
        industry=frame["sector"].tolist(),
        kind=["stock"] * len(frame),
    )
    return universe, frozen_vector(frame["weight"].to_numpy())


def _read_lines(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    except FileNotFoundError as error:
        raise DataError(f"{path} is not there, expected a holdings file") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a CSV file: {error}") from error


def _header_row(lines: list[list[str]], path: Path) -> int:
    for i, line in enumerate(lines):
        if {"Ticker", "Market Value"} <= {cell.strip() for cell in line}:
            missing = [name for name in NEEDED if name not in map(str.strip, line)]
            if missing:
                raise DataError(
                    f"{path}, line {i + 1}: no column {missing[0]!r}, "
                    f"expected {', '.join(NEEDED)}"
                )
            return i
    raise DataError(
        f"{path} has no header row with Ticker and Market Value, expected the holdings "
        "download of a fund"
    )


def _date(preamble: list[list[str]], path: Path) -> date:
    for line in preamble:
        if line and line[0].strip().startswith(DATE_LABEL):
            text = " ".join(line[1:]).strip()
            try:
                # a printed calendar date has no time zone
                return datetime.strptime(text, "%b %d, %Y").date()  # noqa: DTZ007
            except ValueError as error:
                raise DataError(
                    f"{path}: {DATE_LABEL!r} says {text!r}, "
                    "expected a date like May 08, 2025"
                ) from error
    raise DataError(f"{path} has no line {DATE_LABEL!r}, expected it above the header")


def _table(lines: list[list[str]], header: int, path: Path) -> "pd.DataFrame":
    """Holdings as text and numbers; the table ends at the first line of other width."""
    import pandas as pd

    width = len(lines[header])
    body = lines[header + 1 :]
    end = next((i for i, line in enumerate(body) if len(line) != width), len(body))
    later = [i for i, line in enumerate(body) if i > end and len(line) == width]
    if later:
        raise DataError(
            f"{path}, line {header + end + 2}: {len(body[end])} cells, expected {width}; "
            "the line is damaged"
        )
    if not end:
        raise DataError(f"{path} has a header but no holding, expected at least one")
    raw = pd.DataFrame(body[:end], columns=[cell.strip() for cell in lines[header]])
    raw = raw.map(str.strip)
    frame = pd.DataFrame(
        {
            "line": np.arange(header + 2, header + 2 + end),
            "asset": raw["Ticker"],
            "name": raw["Name"],
            "sector": raw["Sector"],
            "asset_class": raw["Asset Class"],
        }
    )
    for column, source in (("market_value", "Market Value"), ("price", "Price")):
        frame[column] = _numbers(raw[source], frame["line"], path)
    frame["currency"] = raw.get("Currency", "USD")
    return frame


def _numbers(text: "pd.Series", line: "pd.Series", path: Path) -> Vector:
    import pandas as pd

    plain = text.str.replace(",", "", regex=False).replace({"-": "0", "": "0"})
    values: Vector = pd.to_numeric(plain, errors="coerce").to_numpy(np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        i = int(bad[0])
        raise DataError(
            f"{path}, line {line.iloc[i]}, column {text.name}: found {text.iloc[i]!r}, "
            "expected a number"
        )
    return values


def _reasons(frame: "pd.DataFrame") -> "pd.Series":
    """Why a line is no equity that can be held, empty where it is one."""
    import pandas as pd

    not_equity = frame["asset_class"] != "Equity"
    tests = (
        (not_equity, "not an equity: " + frame["asset_class"]),
        (frame["asset"].isin(["-", ""]), "no ticker"),
        (frame["name"].str.contains(CLAIM), "claim, not a security"),
        (frame["currency"] != "USD", "currency " + frame["currency"]),
        (frame["price"] <= 0, "no price"),
        (frame["market_value"] <= 0, "no value"),
    )
    reason = pd.Series("", index=frame.index)
    for failed, why in reversed(tests):
        reason = reason.mask(failed, why)
    return reason


def _require_mostly_kept(
    kept: "pd.DataFrame", dropped: "pd.DataFrame", path: Path
) -> None:
    equity = dropped["asset_class"] == "Equity"
    lost = dropped["market_value"].abs().where(equity, 0.0)
    total = float(kept["market_value"].sum() + lost.sum())
    if not len(kept) or lost.sum() > MOST_DROPPED * total:
        worst = (
            "nothing"
            if not equity.any()
            else dropped["reason"].iloc[int(np.argmax(lost))]
        )
        raise DataError(
            f"{path}: {int(equity.sum())} equity lines would be dropped (the largest for "
            f"{worst!r}) and {len(kept)} kept; expected to lose at most "
            f"{MOST_DROPPED:.0%} of the value"
        )
