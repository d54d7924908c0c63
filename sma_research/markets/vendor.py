"""Factor models as vendors deliver them: exposures, covariance and specific risk.

Each of the three tables may be CSV or Parquet, wide or long:

===========  =================================  ===================================
table        wide                               long
===========  =================================  ===================================
exposures    asset, then one column per factor  asset, factor, exposure
covariance   factor, then one column per        factor_1, factor_2, covariance;
             factor                             each pair once or both ways
specific     asset, specific_risk               the same
===========  =================================  ===================================

Units are stated, never guessed. In *decimal* units a volatility of 25 % is 0.25 and
its variance 0.0625; in *percent* they are 25 and 625. Exposures have no unit.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.tables import (
    find_column,
    labels,
    numbers,
    read_table,
    refuse_repeats,
    require_column,
    write_table,
)
from sma_research.portfolio.risk import RiskModel

if TYPE_CHECKING:
    import pandas as pd

UNITS: Final = {"decimal": 1.0, "percent": 100.0}  # of a volatility of one
ASSET: Final = ("asset", "ticker", "symbol", "identifier")
VALUE: Final = ("value", "exposure", "covariance", "loading")
RISK: Final = ("specific_risk", "specific risk", "risk", "value")
PLAUSIBLE = (0.01, 3.0)  # median specific risk per square root year


@dataclass(frozen=True, kw_only=True)
class FactorFiles:
    """The three files of a factor model."""

    exposures: Path
    covariance: Path
    specific: Path


@dataclass(frozen=True, eq=False, kw_only=True)
class FactorTables:
    """A risk model with its labels."""

    asset: tuple[str, ...]  # (n,)
    factor: tuple[str, ...]  # (k,)
    risk_model: RiskModel


def read_factor_model(files: FactorFiles, *, units: str) -> FactorTables:
    """Read a factor model; assets and factors keep the order of the exposures.

    Raises
    ------
    DataError
        Names the file, and the row and column where there is one: a label that is
        missing, unexpected or repeated, a cell that is no number, a covariance that
        is not symmetric or not positive semidefinite, or units that cannot be right.
    """
    scale = _scale(units)
    exposures = _square_or_tall(files.exposures, ASSET, ("factor",))
    covariance = _covariance(files.covariance)
    specific = _specific(files.specific)
    factor = tuple(exposures.columns)
    asset = tuple(exposures.index)
    _same_labels(covariance.index, factor, "factor", files.covariance)
    _same_labels(specific.index, asset, "asset", files.specific)
    risk = specific.loc[list(asset)].to_numpy() / scale
    _require_positive(risk, asset, files.specific)
    _require_plausible(risk, units, files.specific)
    try:
        model = RiskModel(
            factor_exposure=exposures.to_numpy(),
            factor_covariance=covariance.loc[list(factor), list(factor)].to_numpy()
            / scale**2,
            specific_risk=risk,
        )
    except DataError as error:
        raise DataError(f"{files.covariance}: {error}") from error
    return FactorTables(asset=asset, factor=factor, risk_model=model)


def write_factor_model(tables: FactorTables, files: FactorFiles, *, units: str) -> None:
    """Write a factor model as three wide tables, CSV or Parquet by their suffix."""
    import pandas as pd

    scale = _scale(units)
    model, factor = tables.risk_model, list(tables.factor)
    exposures = pd.DataFrame(model.X, columns=factor)
    covariance = pd.DataFrame(model.F * scale**2, columns=factor)
    exposures.insert(0, "asset", tables.asset)
    covariance.insert(0, "factor", tables.factor)
    specific = pd.DataFrame({"asset": tables.asset, "specific_risk": model.s * scale})
    write_table(exposures, files.exposures)
    write_table(covariance, files.covariance)
    write_table(specific, files.specific)


def _scale(units: str) -> float:
    if units not in UNITS:
        raise DataError(f"units is {units!r}, expected {' or '.join(UNITS)}")
    return UNITS[units]


def _square_or_tall(
    path: Path, rows: tuple[str, ...], columns: tuple[str, ...]
) -> "pd.DataFrame":
    """Read a wide or long table as rows by columns; a long one must be complete."""
    import pandas as pd

    frame = read_table(path)
    row = require_column(frame, rows, path)
    key = labels(frame[row], path)
    column, value = find_column(frame, columns), find_column(frame, VALUE)
    if column is None or value is None:
        refuse_repeats(key, path, row)
        wide = frame.drop(columns=row).apply(lambda cells: numbers(cells, path))
        if wide.empty:
            raise DataError(f"{path} has no values, expected a column per factor")
        return wide.set_axis(key, axis=0).rename(columns=lambda name: str(name).strip())
    long = pd.DataFrame(
        {
            "row": key,
            "column": labels(frame[column], path),
            "value": numbers(frame[value], path),
        }
    )
    refuse_repeats(long[["row", "column"]], path, "pair")
    return _complete(long, path)


def _complete(long: "pd.DataFrame", path: Path) -> "pd.DataFrame":
    """Pivot in order of appearance, refusing pairs that are not there."""
    wide = long.pivot(index="row", columns="column", values="value")
    wide = wide.loc[long["row"].unique(), long["column"].unique()]
    gaps = np.argwhere(wide.isna().to_numpy())
    if gaps.size:
        i, j = (int(g) for g in gaps[0])
        raise DataError(
            f"{path}: no value for {wide.index[i]!s} and {wide.columns[j]!s}, expected "
            "every pair, zeros too"
        )
    return wide


def _covariance(path: Path) -> "pd.DataFrame":
    """Read a covariance; a long one may give each pair once."""
    import pandas as pd

    frame = read_table(path)
    second = find_column(frame, ("factor_2",))
    if second is None:
        return _square_or_tall(path, ("factor", "factor_1"), ())
    first = require_column(frame, ("factor_1", "factor"), path)
    value = require_column(frame, VALUE, path)
    long = pd.DataFrame(
        {
            "row": labels(frame[first], path),
            "column": labels(frame[second], path),
            "value": numbers(frame[value], path),
        }
    )
    refuse_repeats(long[["row", "column"]], path, "pair")
    mirror = long.rename(columns={"row": "column", "column": "row"})
    given = pd.MultiIndex.from_frame(long[["row", "column"]])
    absent = ~pd.MultiIndex.from_frame(mirror[["row", "column"]]).isin(given)
    return _complete(pd.concat([long, mirror[absent]], ignore_index=True), path)


def _specific(path: Path) -> "pd.Series":
    frame = read_table(path)
    column = require_column(frame, ASSET, path)
    asset = labels(frame[column], path)
    refuse_repeats(asset, path, "asset")
    risk = numbers(frame[require_column(frame, RISK, path)], path)
    return risk.set_axis(asset)


def _same_labels(
    found: "pd.Index", expected: tuple[str, ...], what: str, path: Path
) -> None:
    """Refuse labels that the exposures do not have, and the reverse."""
    here, there = set(found), set(expected)
    for missing, side in (
        (sorted(there - here), "is in the exposures but not here"),
        (sorted(here - there), "is here but not in the exposures"),
    ):
        if missing:
            raise DataError(
                f"{path}: {what} {missing[0]!r} {side} ({len(missing)} in all), "
                "expected the same labels"
            )


def _require_positive(risk: Vector, asset: tuple[str, ...], path: Path) -> None:
    bad = np.flatnonzero(~(risk > 0))
    if bad.size:
        i = int(bad[0])
        raise DataError(
            f"{path}: specific risk of {asset[i]} is {risk[i]:g}, expected above 0"
        )


def _require_plausible(risk: Vector, units: str, path: Path) -> None:
    median = float(np.median(risk))
    if not PLAUSIBLE[0] <= median <= PLAUSIBLE[1]:
        raise DataError(
            f"{path}: the median specific risk is {median:.4%} a year when read in "
            f"{units} units, expected {PLAUSIBLE[0]:.0%} to {PLAUSIBLE[1]:.0%}; "
            "state the other units, or annualize"
        )
