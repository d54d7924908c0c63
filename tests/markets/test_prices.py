"""Price panels: layouts agree, gaps stay gaps, bad cells are named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sma_research.errors import DataError
from sma_research.markets.prices import read_prices, returns

LONG = (
    "date,open,close,Name\n2025-01-03,1,11,NA\n2025-01-02,1,10,NA\n2025-01-03,1,5,B\n"
)


def write(folder: Path, text: str, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_long_file_is_sorted_and_keeps_gaps(tmp_path: Path) -> None:
    prices = read_prices(write(tmp_path, LONG))
    assert prices.columns.tolist() == ["B", "NA"]
    assert [str(day)[:10] for day in prices.index] == ["2025-01-02", "2025-01-03"]
    np.testing.assert_array_equal(prices.to_numpy(), [[np.nan, 10.0], [5.0, 11.0]])


def test_adjusted_close_goes_before_close(tmp_path: Path) -> None:
    text = "date,ticker,close,adj_close\n2025-01-02,A,10,9\n"
    assert read_prices(write(tmp_path, text)).to_numpy().tolist() == [[9.0]]


@given(
    values=st.lists(
        st.lists(st.floats(0.01, 1e5) | st.none(), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    ).filter(lambda rows: all(any(row[i] for row in rows) for i in range(3))),
    shuffle=st.randoms(use_true_random=False),
)
def test_long_wide_csv_and_parquet_agree(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[list[float | None]],
    shuffle: object,
) -> None:
    folder = tmp_path_factory.mktemp("prices")
    days = pd.date_range("2025-01-01", periods=len(values), name="date")
    wide = pd.DataFrame(values, index=days, columns=["NA", "B", "C"], dtype=float)
    wide.reset_index().to_csv(folder / "wide.csv", index=False)
    wide.to_parquet(folder / "wide.parquet")
    long = wide.reset_index().melt("date", var_name="asset", value_name="price")
    order = np.arange(len(long))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    long.iloc[order].to_csv(folder / "long.csv", index=False)
    expected = wide.sort_index(axis=1).to_numpy()
    for name in ("wide.csv", "wide.parquet", "long.csv"):
        panel = read_prices(folder / name)
        assert panel.columns.tolist() == ["B", "C", "NA"]
        np.testing.assert_array_equal(panel.to_numpy(), expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LONG + "2025-01-03,1,6,B\n", "row 4: date and asset .*B appears twice"),
        (
            LONG + "2025-01-04,1,0,B\n",
            "price of B on 2025-01-04 is 0, expected above 0",
        ),
        (LONG + "2025-01-04,1,-3,B\n", "is -3, expected above 0"),
        (LONG + "2025-01-04,1,inf,B\n", "row 4, column close: found 'inf'"),
        (LONG + "2025-01-04,1,n.a.,B\n", "row 4, column close: found 'n.a.'"),
        (LONG + "someday,1,3,B\n", "row 4, column date: found 'someday'"),
        (LONG + "2025-01-04,1,3,\n", "row 4, column Name: empty"),
        (LONG.replace("close", "klose"), "none of prices, expected one of"),
        ("day of,A\n1,2\n", "has no column date"),
        ("date\n2025-01-02\n", "no prices"),
        ("date,A,A\n2025-01-02,1,2\n", "two columns"),
        ("date,A\n2025-01-02,1\n2025-01-02,1\n", "date 2025-01-02 appears twice"),
        ("date,A,B\n2025-01-02,1,\n", "B has no price on any day"),
        ("", "cannot be read"),
    ],
)
def test_refusals(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_prices(write(tmp_path, text))


def test_refuses_other_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not there"):
        read_prices(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"expected \.csv or \.parquet"):
        read_prices(write(tmp_path, LONG, "prices.xlsx"))
    with pytest.raises(DataError, match="cannot be read"):
        read_prices(write(tmp_path, "PAR1 cut", "prices.parquet"))


def test_returns_do_not_bridge_gaps(tmp_path: Path) -> None:
    text = "date,A\n2025-01-01,10\n2025-01-02,\n2025-01-03,12\n2025-01-04,15\n"
    change = returns(read_prices(write(tmp_path, text)))["A"].to_numpy()
    np.testing.assert_allclose(change, [np.nan, np.nan, 0.25])


def test_returns_refuse_what_is_no_return(tmp_path: Path) -> None:
    text = "date,A\n2025-01-01,0.01\n2025-01-02,9.47\n"
    prices = read_prices(write(tmp_path, text))
    with pytest.raises(DataError, match="return of A on 2025-01-02 is 94600%"):
        returns(prices)
    with pytest.raises(DataError, match="1 day, expected at least two"):
        returns(prices.iloc[:1])


@pytest.mark.data
def test_real_panel(shared_data: Path) -> None:
    path = shared_data / "sp500_daily_2013_2018" / "all_stocks_5yr.parquet"
    prices = read_prices(path)
    assert prices.shape == (1259, 505)
    assert prices.notna().all().sum() == 470
    assert returns(prices).abs().max().max() < 1.1
