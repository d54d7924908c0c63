"""Turnover, tax and cost, and what became of the portfolios until the next rebalance."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import linear, logarithmic
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import Chart, Note, Page, Part, Shown, chosen, table
from sma_benchmarks.report.styles import Style

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

FIGURES: Final = (
    "te_bp", "turnover", "tax_bp", "transaction_cost_bp", "names", "trades",
    "active_share", "short_term_gain", "long_term_gain", "te_realized_bp",
)  # fmt: skip
COLUMNS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="family", title="Family"),
    Shown(name="solves", title="Verified", unit="solves", form=formats.count),
    Shown(name="te_bp", title="Tracking error", unit="bp", form=formats.bp),
    Shown(name="turnover", title="One-way turnover", unit="%", form=formats.percent),
    Shown(name="tax_bp", title="Tax", unit="bp", form=formats.bp),
    Shown(name="transaction_cost_bp", title="Cost", unit="bp", form=formats.bp,
          hint="half spreads"),
    Shown(name="names", title="Names", form=formats.count),
    Shown(name="trades", title="Trades", unit="by lot", form=formats.count),
    Shown(name="active_share", title="Active share", unit="%", form=formats.percent),
    Shown(name="short_term_gain", title="Short-term gain", unit="USD",
          form=formats.count),
    Shown(name="long_term_gain", title="Long-term gain", unit="USD",
          form=formats.count),
    Shown(name="te_realized_bp", title="Realised tracking error", unit="bp",
          form=formats.bp, hint="out of sample, annual, where there is a path"),
)  # fmt: skip
PERIODS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="instance", title="Instance", link="instance"),
    Shown(name="date", title="Date"),
    Shown(name="te_bp", title="Ex ante", unit="bp", form=formats.bp),
    Shown(name="te_realized_bp", title="Realised", unit="bp", form=formats.bp,
          hint="until the next rebalance, annual"),
    Shown(name="turnover", title="One-way turnover", unit="%", form=formats.percent),
    Shown(name="tax_bp", title="Tax", unit="bp", form=formats.bp),
    Shown(name="names", title="Names", form=formats.count),
    Shown(name="solve_s", title="Solve", unit="s", form=formats.significant),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """Trading by method and family, and periods of closed loops."""
    rows = cases.covered(cases.cold(scores))
    good = rows[rows["verified"] & rows["turnover"].notna()]
    trading: list[Part] = (
        [_trade_off(good, styles), table("Medians by family", medians(good), COLUMNS)]
        if len(good)
        else [Note(text="No verified solve of this run has trades.")]
    )
    return Page(
        anchor="turnover",
        title="Turnover and tax",
        lead="What does the tracking cost the client, and does it hold up afterwards?",
        parts=[*trading, *_closed_loop(scores, styles)],
    )


def medians(good: "pd.DataFrame") -> "pd.DataFrame":
    """Median figures of verified solves by method and family."""
    held = good.assign(**{name: good[name].astype(float) for name in FIGURES})
    by = held.groupby(["family", "method"])
    found = by[list(FIGURES)].median()
    found["solves"] = by.size()
    return found.reset_index()


def _trade_off(good: "pd.DataFrame", styles: Mapping[str, Style]) -> Part:
    found = medians(good)
    options: list[tuple[str, Sequence[Part]]] = []
    for family, rows in found.groupby("family", sort=True):
        series = [
            Series(name=str(row["method"]), style=styles[str(row["method"])],
                   joined="none", points=[Point(x=100 * row["turnover"], y=row["te_bp"],
                   tip=f"{row['method']}: {formats.bp(row['te_bp'])} bp at "
                   f"{formats.percent(row['turnover'])} % turnover, tax "
                   f"{formats.bp(row['tax_bp'])} bp")])
            for row in rows.to_dict("records")
        ]  # fmt: skip
        x = linear("one-way turnover, %", 100 * rows["turnover"], zero=False)
        y = linear("tracking error, bp", rows["te_bp"], zero=False)
        options.append((str(family), [Chart(
            title=f"Tracking error against turnover, {family}",
            reading="Down tracks closer and left trades less; point at a mark for its "
            "tax. Both axes start where the figures do, not at zero.",
            drawing=draw(f"Tracking error against turnover, {family}", series, x, y),
        )]))  # fmt: skip
    return chosen("Instances", options)[0]


def _closed_loop(scores: "Scores", styles: Mapping[str, Style]) -> list[Part]:
    names = scores.runs[
        ["row_id", "method", "instance", "start_mode", "seed", "repeat"]
    ]
    found = scores.periods.merge(names, on="row_id")
    if not len(found):
        return [Note(text="No instance of this run is a path of rebalances, so there is "
                          "nothing realised to compare with what was expected.")]  # fmt: skip
    options: list[tuple[str, Sequence[Part]]] = [
        (str(instance), _path(rows, styles))
        for instance, rows in found.groupby("instance", sort=True)
        if rows["period"].nunique() > 1  # one rebalance is no path to draw
    ]
    return [*chosen("Path", options), table("Every rebalance", found, PERIODS)]


def _path(rows: "pd.DataFrame", styles: Mapping[str, Style]) -> list[Part]:
    series = []
    realised = rows.groupby("method")["te_realized_bp"].median()
    for method in realised.sort_values(kind="stable").index:
        mine = rows[rows["method"] == method]
        for name, dash, marked in (
            ("te_realized_bp", "", True),
            ("te_bp", "2 4", False),
        ):
            known = mine[mine[name].notna()]
            by = known.groupby(["period", "date"])[name].median().reset_index()
            points = [
                Point(x=float(period), y=float(value), tip=f"{method}, {date}: "
                      f"{formats.bp(value)} bp")
                for period, date, value in by.itertuples(index=False)
            ]  # fmt: skip
            series.append(Series(name=str(method), style=styles[str(method)], dash=dash,
                                 points=points, marked=marked, legend=marked))  # fmt: skip
    values = [point for one in series for point in one.points]
    return [
        Chart(
            title="Ex ante against realised",
            reading="Marks on solid lines are the tracking error realised until the next "
            "rebalance, dotted lines what the risk model expected; the closer the two, "
            "the better the model. The least realised come first.",
            drawing=draw(
                "Ex ante against realised tracking error",
                series,
                linear("number of the rebalance", [p.x for p in values], whole=True),
                logarithmic(
                    "tracking error, bp per year", [p.y for p in values], floor=0.1
                ),
            ),
        )
    ]
