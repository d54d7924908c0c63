"""From files to market folders, made up and real."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sma_research.errors import DataError
from sma_research.markets.constituents import read_constituents
from sma_research.markets.factor_returns import EstimationSettings
from sma_research.markets.importers import (
    import_factors,
    import_holdings,
    import_prices,
)
from sma_research.markets.store import load_market, load_partial
from sma_research.markets.vendor import FactorFiles

NAMES = [*"ABCDEFGHIJ", "NA"]
FEW = EstimationSettings(factors=2, min_history=30)


@pytest.fixture
def holdings(tmp_path: Path) -> Path:
    rows = [
        f"{name},{name} INC,{'Health Care' if i % 2 else 'Energy'},Equity,{100 + i},10,USD"
        for i, name in enumerate([*NAMES, "NEW"])
    ]
    path = tmp_path / "fund.csv"
    path.write_text(
        'A Fund\nFund Holdings as of,"May 08, 2025"\n'
        "Ticker,Name,Sector,Asset Class,Market Value,Price,Currency\n" + "\n".join(rows)
    )
    return path


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    change = 0.01 * generator.standard_normal(
        (80, 1)
    ) + 0.02 * generator.standard_normal((80, len(NAMES)))
    frame = pd.DataFrame(
        50 * np.cumprod(1 + change, axis=0),
        columns=NAMES,
        index=pd.bdate_range(end="2025-05-08", periods=80, name="date"),
    )
    path = tmp_path / "prices.csv"
    frame.to_csv(path)
    return path


def test_holdings_then_prices(tmp_path: Path, holdings: Path, prices: Path) -> None:
    out = tmp_path / "market"
    first = import_holdings(holdings, out, benchmark="fund")
    assert (first.assets, first.complete) == (12, False)
    done = import_prices(prices, out, market=out, settings=FEW)
    assert done.complete
    assert "filled by sector (returns each has): NEW (0)" in done.notes
    assert not any("days from" in note for note in done.notes)
    market = load_market(out)
    assert set(market.benchmarks) == {"fund"}
    assert sorted(market.universe.tags) == ["energy", "health_care"]
    assert "NA" in market.universe.position
    assert market.risk_model.factors == 2


def test_old_prices_are_told(tmp_path: Path, holdings: Path, prices: Path) -> None:
    text = holdings.read_text().replace("May 08, 2025", "Dec 31, 2025")
    holdings.write_text(text)
    out = tmp_path / "market"
    import_holdings(holdings, out)
    notes = import_prices(prices, out, market=out, settings=FEW).notes
    assert any("237 days from the universe's 2025-12-31" in note for note in notes)


def test_a_panel_alone_is_equally_weighted(tmp_path: Path, prices: Path) -> None:
    out = tmp_path / "market"
    done = import_prices(prices, out, settings=FEW)
    assert any("equally weighted" in note for note in done.notes)
    market = load_market(out)
    assert np.unique(np.asarray(market.benchmarks["broad"])).size == 1
    assert set(market.universe.sector) == {"Unknown"}


def test_a_panel_with_members_and_tags(tmp_path: Path, prices: Path) -> None:
    members, tags = tmp_path / "members.csv", tmp_path / "tags.csv"
    members.write_text("Symbol,Sector,Market Cap\nA,Energy,300\nB,Energy,\nNA,,100\n")
    tags.write_text("asset,tag\nNA,tobacco\nA,alcohol\nNA,alcohol\nZZ,tobacco\n")
    out = tmp_path / "market"
    done = import_prices(prices, out, constituents=members, tags=tags, settings=FEW)
    market = load_market(out)
    position, broad = market.universe.position, np.asarray(market.benchmarks["broad"])
    assert broad[position["A"]] == 0.75
    assert broad[position["NA"]] == 0.25
    assert market.universe.sector[position["NA"]] == "Unknown"
    tobacco = np.asarray(market.universe.tags["tobacco"])
    assert np.flatnonzero(tobacco).tolist() == [position["NA"]]
    assert np.asarray(market.universe.tags["alcohol"]).sum() == 2
    assert "tags from tags.csv, 1 rows of other assets" in done.notes
    assert any(
        note.startswith("no cap, so no weight in broad: B, C") for note in done.notes
    )


def test_asset_without_a_last_quote_is_left_out(tmp_path: Path, prices: Path) -> None:
    frame = pd.read_csv(prices, dtype=str)
    frame.loc[79, "C"] = ""
    frame.to_csv(prices, index=False)
    done = import_prices(prices, tmp_path / "market", settings=FEW)
    assert done.assets == 10
    assert "without a quote on 2025-05-08, left out: C" in done.notes


def write_factors(folder: Path, assets: list[str]) -> FactorFiles:
    files = FactorFiles(
        exposures=folder / "exposures.csv",
        covariance=folder / "covariance.csv",
        specific=folder / "specific.csv",
    )
    files.exposures.write_text("asset,f\n" + "".join(f"{a},1\n" for a in assets))
    files.covariance.write_text("factor,f\nf,400\n")
    files.specific.write_text(
        "asset,specific_risk\n"
        + "".join(f"{a},{20 + i}\n" for i, a in enumerate(assets))
    )
    return files


def test_holdings_then_factors(tmp_path: Path, holdings: Path) -> None:
    out = tmp_path / "market"
    import_holdings(holdings, out)
    files = write_factors(tmp_path, ["SPARE", "NEW", *NAMES])
    done = import_factors(files, out, market=out, units="percent")
    assert any("1 assets of the model are not" in note for note in done.notes)
    market = load_market(out)
    assert market.risk_model.F.tolist() == [[pytest.approx(0.04)]]
    assert market.risk_model.s[market.universe.position["NEW"]] == pytest.approx(0.21)


def test_refusals(tmp_path: Path, holdings: Path, prices: Path) -> None:
    out = tmp_path / "market"
    import_holdings(holdings, out)
    files = write_factors(tmp_path, NAMES)
    with pytest.raises(DataError, match=r"lacks 'NEW' \(1 of 12 assets"):
        import_factors(files, out, market=out, units="percent")
    with pytest.raises(DataError, match="both market and constituents"):
        import_prices(prices, out, market=out, constituents=holdings)
    other = tmp_path / "other.csv"
    other.write_text("date,X,Y\n2025-01-01,1,1\n2025-01-02,1,1\n")
    with pytest.raises(DataError, match="covers none of the 12 assets"):
        import_prices(other, out, market=out)
    with pytest.raises(DataError, match="has no risk model yet"):
        load_market(out)
    tags = tmp_path / "tags.csv"
    tags.write_text("asset,tag\nZZ,tobacco\n")
    with pytest.raises(DataError, match="tags no asset of the market"):
        import_holdings(holdings, out, tags=tags)
    assert load_partial(out).universe.size == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Symbol,Sector,Market Cap\nA,Energy,-1\n", "cap of A is negative"),
        ("Symbol,Sector,Market Cap\nA,E,1\nA,E,1\n", "row 2: symbol A appears twice"),
        ("Symbol,Market Cap\nA,1\n", "no column sector"),
        ("Symbol,Sector\nA,E\n", "no column market cap"),
    ],
)
def test_bad_members(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "members.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_constituents(path)


@pytest.mark.data
def test_real_market_of_2018(tmp_path: Path, shared_data: Path) -> None:
    done = import_prices(
        shared_data / "sp500_daily_2013_2018" / "all_stocks_5yr.parquet",
        tmp_path,
        constituents=shared_data
        / "sp500_constituents"
        / "constituents-financials_2018-02-08.csv",
    )
    assert done.assets == 505
    market = load_market(tmp_path)
    broad = np.asarray(market.benchmarks["broad"])
    assert market.universe.asset[int(broad.argmax())] == "AAPL"
    assert 0.10 < market.risk_model.tracking_error(broad) < 0.16


@pytest.mark.data
def test_real_holdings_with_a_panel_that_covers_a_part(
    tmp_path: Path, shared_data: Path
) -> None:
    import_holdings(shared_data / "index_holdings" / "IWV_2025-05-02.csv", tmp_path)
    done = import_prices(
        shared_data / "sp500_daily_2013_2018" / "all_stocks_5yr.parquet",
        tmp_path,
        market=tmp_path,
    )
    assert done.assets == 2648
    assert any("2641 days from" in note for note in done.notes)
    assert any("2230 filled by sector" in note for note in done.notes)
    assert load_market(tmp_path).risk_model.s.min() >= 0.05
