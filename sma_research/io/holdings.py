"""What accounts own, from CSV files: tax lots, and the positions they add up to."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_research.errors import DataError
from sma_research.io.tables import (
    ABOVE_ZERO,
    ANY_TEXT,
    DATE,
    TEXT,
    ZERO_OR_MORE,
    Column,
    read_table,
)
from sma_research.portfolio.lots import Lots

if TYPE_CHECKING:
    import pandas as pd

PURCHASED: Final = Column(
    parse=lambda text: DATE.parse(text) if text else "",
    accepts=lambda value: value == "" or DATE.accepts(value),
    expected=f"{DATE.expected}, or blank for the one of acquired",
)
LOTS: Final = {
    "account": TEXT,
    "asset": TEXT,
    "shares": ABOVE_ZERO,
    "cost_per_share": ZERO_OR_MORE,
    "acquired": DATE,
    "purchased": PURCHASED,
    "purchase": ANY_TEXT,
}
POSITIONS: Final = {"account": TEXT, "asset": TEXT, "shares": ABOVE_ZERO}
SHARED: Final = frozenset({"account"})  # only a file of several accounts has it
LOTS_OPTIONAL: Final = SHARED | {"purchased", "purchase"}  # see `Lots`
TOLERANCE = 1e-6  # relative, of the shares of a position


def read_lots(path: Path, accounts: Sequence[str]) -> "pd.DataFrame":
    """Lots of one account, or of several; see `LOTS` for the columns.

    Raises
    ------
    DataError
        Every bad row or column, and rows of accounts that the book does not know.
    """
    return _known_accounts(
        path, read_table(path, LOTS, optional=LOTS_OPTIONAL), accounts
    )


def read_positions(path: Path, accounts: Sequence[str]) -> "pd.DataFrame":
    """Shares by asset that lots must add up to; see `POSITIONS` for the columns."""
    table = read_table(path, POSITIONS, optional=SHARED)
    return _known_accounts(path, table, accounts)


def lots_of(table: "pd.DataFrame", path: Path, account: str) -> Lots:
    """Lots of one account, in the order of the file."""
    rows = _of(table, path, account)
    held = rows["acquired"].tolist()
    bought = None
    if "purchased" in rows:
        both = zip(rows["purchased"], held, strict=True)
        bought = [own or other for own, other in both]
    return Lots(
        asset=rows["asset"].tolist(),
        shares=rows["shares"].to_numpy(dtype=float),
        cost_per_share=rows["cost_per_share"].to_numpy(dtype=float),
        acquired=held,
        purchased=bought,
        purchase=rows["purchase"].tolist() if "purchase" in rows else (),
    )


def require_sum(
    lots: Lots, positions: "pd.DataFrame", path: Path, account: str
) -> None:
    """Refuse lots that do not add up to the positions.

    Raises
    ------
    DataError
        Names the first asset whose lots hold more or fewer shares, one line.
    """
    import pandas as pd

    by_lot = pd.Series(lots.quantity, index=list(lots.asset), dtype=float)
    rows = _of(positions, path, account)
    by_position = pd.Series(rows["shares"].to_numpy(), index=rows["asset"], dtype=float)
    both = pd.DataFrame({
        "lots": by_lot.groupby(level=0).sum(),
        "position": by_position.groupby(level=0).sum(),
    }).fillna(0.0)  # fmt: skip
    off = both[~np.isclose(both["lots"], both["position"], rtol=TOLERANCE, atol=0.0)]
    for asset, row in off.iterrows():
        raise DataError(
            f"lots of {asset} hold {row['lots']:.10g} shares, {path.name} says "
            f"{row['position']:.10g}; expected lots that add up"
        )


def _of(table: "pd.DataFrame", path: Path, account: str) -> "pd.DataFrame":
    if "account" not in table.columns:
        return table
    rows = table[table["account"] == account]
    if rows.empty:
        raise DataError(f"{path} has no row of this account, expected at least one")
    return rows


def _known_accounts(
    path: Path, table: "pd.DataFrame", accounts: Sequence[str]
) -> "pd.DataFrame":
    if "account" in table.columns:
        unknown = table.loc[~table["account"].isin(list(accounts)), "account"]
        for line, name in unknown.items():
            raise DataError(
                f"{path}: line {line}, account is {name!r}, expected an account of "
                f"the book like {accounts[0]!r}"
            )
    return table
