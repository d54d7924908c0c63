"""Vendor factor models: every layout reads back the same, bad ones are named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sma_research.errors import DataError
from sma_research.markets.synthetic import synthetic_market
from sma_research.markets.vendor import (
    FactorFiles,
    FactorTables,
    read_factor_model,
    write_factor_model,
)

ASSET, FACTOR = ("NA", "B", "C"), ("market", "size")


def tables() -> FactorTables:
    model = synthetic_market(3, 2, 0).risk_model
    return FactorTables(asset=ASSET, factor=FACTOR, risk_model=model)


def files(folder: Path, suffix: str = "csv") -> FactorFiles:
    return FactorFiles(
        exposures=folder / f"exposures.{suffix}",
        covariance=folder / f"covariance.{suffix}",
        specific=folder / f"specific.{suffix}",
    )


def write_long(folder: Path, *, both_ways: bool) -> FactorFiles:
    target, given_tables = files(folder), tables()
    model = given_tables.risk_model
    pd.DataFrame(
        [
            (a, f, model.X[i, j])
            for i, a in enumerate(ASSET)
            for j, f in enumerate(FACTOR)
        ],
        columns=["asset", "factor", "exposure"],
    ).to_csv(target.exposures, index=False)
    pd.DataFrame(
        [
            (f, g, model.F[i, j])
            for i, f in enumerate(FACTOR)
            for j, g in enumerate(FACTOR)
            if both_ways or i <= j
        ],
        columns=["factor_1", "factor_2", "covariance"],
    ).to_csv(target.covariance, index=False)
    pd.DataFrame({"asset": ASSET, "specific_risk": model.s}).to_csv(
        target.specific, index=False
    )
    return target


def same(found: FactorTables, *, exact: bool = True) -> None:
    expected = tables()
    assert found.asset == expected.asset
    assert found.factor == expected.factor
    for name in ("X", "F", "s"):
        np.testing.assert_allclose(
            getattr(found.risk_model, name),
            getattr(expected.risk_model, name),
            rtol=0 if exact else 1e-14,
        )


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("units", ["decimal", "percent"])
def test_round_trip(tmp_path: Path, suffix: str, units: str) -> None:
    target = files(tmp_path, suffix)
    write_factor_model(tables(), target, units=units)
    same(read_factor_model(target, units=units), exact=units == "decimal")


@pytest.mark.parametrize("both_ways", [True, False])
def test_long_tables(tmp_path: Path, both_ways: bool) -> None:  # noqa: FBT001
    same(read_factor_model(write_long(tmp_path, both_ways=both_ways), units="decimal"))


@given(order=st.permutations(range(3)), turn=st.booleans())
def test_order_within_files_is_irrelevant(
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    turn: bool,  # noqa: FBT001
) -> None:
    target = files(tmp_path_factory.mktemp("vendor"))
    write_factor_model(tables(), target, units="decimal")
    read = {"dtype": str, "keep_default_na": False}
    specific = pd.read_csv(target.specific, **read)  # type: ignore[call-overload]
    specific.iloc[order].to_csv(target.specific, index=False)
    if turn:
        covariance = pd.read_csv(target.covariance, **read)  # type: ignore[call-overload]
        covariance[["factor", "size", "market"]].iloc[::-1].to_csv(
            target.covariance, index=False
        )
    same(read_factor_model(target, units="decimal"))


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("exposures", "asset,market,size\nB,1,x\n",
         "exposures.csv, row 1, column size: found 'x', expected a number"),
        ("exposures", "asset,market,size\nB,1,\n", "row 1, column size: found ''"),
        ("exposures", "asset,market,size\nB,1,2\nB,1,2\n", "row 2: asset B appears twice"),
        ("exposures", "asset,factor,value\nB,f,1\nC,g,1\n", "no value for B and g"),
        ("exposures", "asset\nB\n", "no values"),
        ("exposures", "stock,market\nB,1\n", "no column asset or ticker"),
        ("covariance", "factor,market\nmarket,0.04\n",
         "covariance.csv: factor 'size' is in the exposures but not here"),
        ("covariance", "factor,market,size\nmarket,0.04,0.1\nsize,0.1,0.01\n",
         "not positive semidefinite"),
        ("covariance", "factor,market,size\nmarket,0.04,0.01\nsize,0.02,0.01\n",
         "not symmetric"),
        ("specific", "asset,specific_risk\nNA,0.2\nB,0.2\nD,0.2\n",
         "asset 'C' is in the exposures but not here"),
        ("specific", "asset,specific_risk\nNA,20\nB,25\nC,30\n",
         "state the other units"),
        ("specific", "asset,specific_risk\n,0.2\n", "row 1, column asset: empty"),
        ("specific", "asset,specific_risk\nNA,0.2\nB,-0.2\nC,0.3\n",
         "specific risk of B is -0.2"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, file: str, text: str, message: str) -> None:
    target = files(tmp_path)
    write_factor_model(tables(), target, units="decimal")
    getattr(target, file).write_text(text)
    with pytest.raises(DataError, match=message):
        read_factor_model(target, units="decimal")


def test_units_are_stated(tmp_path: Path) -> None:
    target = files(tmp_path)
    write_factor_model(tables(), target, units="percent")
    with pytest.raises(DataError, match="state the other units"):
        read_factor_model(target, units="decimal")
    with pytest.raises(DataError, match="units is 'bp', expected decimal or percent"):
        read_factor_model(target, units="bp")
    with pytest.raises(DataError, match=r"expected \.csv or \.parquet"):
        write_factor_model(tables(), files(tmp_path, "txt"), units="decimal")
