"""From files to the folder of a market, with every assumption written down."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sma_research.errors import DataError
from sma_research.markets.constituents import panel_market
from sma_research.markets.factor_model import (
    FactorModelReport,
    estimate_factor_model,
)
from sma_research.markets.factor_returns import EstimationSettings
from sma_research.markets.holdings import holdings_universe, read_holdings
from sma_research.markets.prices import read_prices, returns
from sma_research.markets.store import (
    PartialMarket,
    load_partial,
    save_market,
    save_partial,
)
from sma_research.markets.tags import with_tags
from sma_research.markets.vendor import FactorFiles, read_factor_model
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.risk import RiskModel
from sma_research.portfolio.universe import Universe

STALE_DAYS = 31  # between the prices and the universe that they describe


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import wrote, and what a reader should know about it."""

    folder: Path
    assets: int
    complete: bool  # with a risk model
    notes: tuple[str, ...]  # one line each


def import_holdings(
    path: Path, out: Path, *, benchmark: str = "broad", tags: Path | None = None
) -> Imported:
    """Write the universe and the weights of a fund's holdings; risk comes later.

    ``tags`` is a table of asset and tag. Without it every sector becomes a tag, such
    as ``health_care``.

    Raises
    ------
    DataError
        What `read_holdings` refuses, or a table of tags without a known asset.
    """
    holdings = read_holdings(path)
    universe, weight = holdings_universe(holdings)
    lost = holdings.dropped
    notes = [
        f"{holdings.fund}, {len(holdings.equities)} equities of {holdings.as_of}, "
        f"from {holdings.source}",
        "industry is the sector, the file has no finer one",
        "weights are market values, rescaled to one",
        *(
            f"dropped line {line}, {asset} {name}: {reason}"
            for line, asset, name, reason in zip(
                lost["line"], lost["asset"], lost["name"], lost["reason"], strict=True
            )
        ),
    ]
    universe, said = with_tags(universe, tags)
    partial = PartialMarket(
        as_of=holdings.as_of,
        universe=universe,
        benchmarks={benchmark: weight},
        notes=(*notes, said),
    )
    save_partial(partial, out)
    return _done(out, universe, notes=partial.notes, complete=False)


def import_prices(
    path: Path,
    out: Path,
    *,
    market: Path | None = None,
    constituents: Path | None = None,
    tags: Path | None = None,
    settings: EstimationSettings | None = None,
) -> Imported:
    """Estimate a factor model from prices and write a complete market.

    With ``market``, the folder of a partial market (``out`` may be the same), assets
    that the prices do not cover get the typical risk of their sector. Without it the
    universe is the panel on its last day, with sectors and caps from
    ``constituents`` (Symbol, Sector, Market Cap) or, without that file, equal weights.

    Raises
    ------
    DataError
        What `read_prices`, `estimate_factor_model` or the tables refuse, both
        ``market`` and ``constituents``, or prices that cover no asset of the market.
    """
    if market is not None and constituents is not None:
        raise DataError("both market and constituents are given, expected at most one")
    prices = read_prices(path)
    last = prices.index[-1].date()
    if market is None:
        partial = panel_market(prices, last, constituents)
    else:
        partial = load_partial(market)
    universe, notes = partial.universe, list(partial.notes)
    if tags is not None or market is None:
        universe, said = with_tags(universe, tags)
        notes.append(said)
    known = [asset for asset in prices.columns if asset in universe.position]
    if not known:
        raise DataError(
            f"{path} covers none of the {universe.size} assets of the market, expected "
            "the same identifiers"
        )
    estimate = estimate_factor_model(
        returns(prices[known]),
        assets=universe.asset,
        groups=dict(zip(universe.asset, universe.sector, strict=True)),
        settings=settings,
    )
    notes += [f"risk from {Path(path).name}, {len(prices)} days to {last}"]
    notes += _age(last, partial.as_of) + _estimation_notes(estimate.report)
    _complete(partial, universe, estimate.risk_model, out=out, notes=tuple(notes))
    return _done(out, universe, notes=tuple(notes), complete=True)


def import_factors(
    files: FactorFiles, out: Path, *, market: Path, units: str
) -> Imported:
    """Complete a partial market with a vendor's factor model.

    Raises
    ------
    DataError
        What `read_factor_model` refuses, or assets of the market that the model does
        not cover.
    """
    tables = read_factor_model(files, units=units)
    partial = load_partial(market)
    universe = partial.universe
    place = {asset: i for i, asset in enumerate(tables.asset)}
    missing = [asset for asset in universe.asset if asset not in place]
    if missing:
        raise DataError(
            f"{files.exposures} lacks {missing[0]!r} ({len(missing)} of {universe.size} "
            "assets of the market), expected them all"
        )
    row = [place[asset] for asset in universe.asset]
    model = tables.risk_model
    spare = len(tables.asset) - universe.size
    notes = (
        *partial.notes,
        f"risk from {files.exposures.name}, {model.factors} factors, {units} units; "
        f"{spare} assets of the model are not in the market",
    )
    own = RiskModel(
        factor_exposure=model.X[row],
        factor_covariance=model.F,
        specific_risk=model.s[row],
    )
    _complete(partial, universe, own, out=out, notes=notes)
    return _done(out, universe, notes=notes, complete=True)


def _complete(
    partial: PartialMarket,
    universe: Universe,
    model: RiskModel,
    *,
    out: Path,
    notes: tuple[str, ...],
) -> None:
    market = Market(
        as_of=partial.as_of,
        universe=universe,
        risk_model=model,
        benchmarks=partial.benchmarks,
        look_through=partial.look_through,
    )
    save_market(market, out, notes=notes)


def _done(
    out: Path, universe: Universe, *, notes: tuple[str, ...], complete: bool
) -> Imported:
    return Imported(
        folder=Path(out), assets=universe.size, complete=complete, notes=notes
    )


def _age(last: date, as_of: date) -> list[str]:
    days = abs((as_of - last).days)
    if days <= STALE_DAYS:
        return []
    return [
        f"prices end on {last}, {days} days from the universe's {as_of}: tickers may "
        "have changed hands since"
    ]


def _estimation_notes(report: FactorModelReport) -> list[str]:
    filled = report.filled
    notes = [
        f"{report.full_history} assets with full history, {len(report.regressed)} "
        f"regressed on their own days, {len(filled)} filled by sector"
    ]
    if len(filled):
        shown = ", ".join(
            f"{asset} ({count})"
            for asset, count in zip(
                filled["asset"][:10],
                filled["observations"][:10].astype(int),
                strict=True,
            )
        )
        notes.append(
            f"filled by sector (returns each has): {shown}"
            + (f" and {len(filled) - 10} more" if len(filled) > 10 else "")
        )
    return notes
