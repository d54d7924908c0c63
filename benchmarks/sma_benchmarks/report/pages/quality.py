"""Quality against time: what more seconds buy, and which methods nobody should use."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sma_benchmarks.outcome import Group
from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import logarithmic
from sma_benchmarks.report.cases import Measure
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import Chart, Note, Page, Part, Shown, chosen, table
from sma_benchmarks.report.styles import Style
from sma_research.arrays import Vector

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

READING: Final = (
    "Left is faster, down is better; the line joins the methods that no other beats in "
    "both, and the rest are faded, among them those that cover less than half "
    "as many instances as another. Medians over instances, what was not verified "
    "counting as infinitely late and bad."
)


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """A chart and a table for all accounts and for each family."""
    rows = cases.covered(cases.cold(scores))
    accounts = rows[rows["regret_bp"].notna() | ~rows["verified"]]
    held = accounts[accounts["family"].isin(_with(rows, "regret_bp"))]
    options: list[tuple[str, Sequence[Part]]] = []
    if len(cases.families(held)) > 1:
        options.append(("all accounts", _parts(held, styles)))
    for family in cases.families(rows):
        parts = _parts(rows[rows["family"] == family], styles)
        if parts:
            options.append((family, parts))
    return Page(
        anchor="quality",
        title="Quality against time",
        lead="What does a second buy, and which methods does another one beat in both?",
        parts=chosen("Instances", options)
        or [Note(text="No row has a verified answer that could be compared with a "
                      "best one, so there is no quality to plot.")],
    )  # fmt: skip


def _with(rows: "pd.DataFrame", column: str) -> set[str]:
    return {str(name) for name in rows[rows[column].notna()]["family"]}


def _parts(rows: "pd.DataFrame", styles: Mapping[str, Style]) -> list[Part]:
    measure = cases.measure_of(rows)
    if measure is None:
        return []
    found = positions(rows, measure)
    plotted = found[np.isfinite(found["regret"]) & np.isfinite(found["seconds"])]
    parts: list[Part] = []
    if len(plotted):
        parts.append(_chart(plotted, styles, measure))
    missing = sorted(set(found["method"]) - set(plotted["method"]))
    if missing:
        parts.append(Note(text="Without a place in the chart, having verified answers "
                               f"on half the instances or fewer: {', '.join(missing)}."))  # fmt: skip
    parts.append(table("Medians over instances", found, _columns(measure)))
    return parts


def positions(rows: "pd.DataFrame", measure: Measure) -> "pd.DataFrame":
    """Median seconds and regret of every method, and whether it is on the front.

    Regrets below the measure's floor count as the same. Who was wrong on an instance
    is not on the front, and last; who covers less than half as many instances as
    another is not on it either, and dominates nobody.
    """
    late = cases.by_case(rows, cases.seconds(rows))
    far = cases.by_case(rows, cases.regret(rows, measure))
    found = late.groupby("method")["value"].agg(["median", "size"])
    found = found.rename(columns={"median": "seconds", "size": "instances"})
    found["regret"] = far.groupby("method")["value"].median()
    good = np.isfinite(late["value"]).groupby(late["method"]).sum()
    found["verified"] = good.reindex(found.index)
    found = found.reset_index()
    lies = rows[rows["group"] == Group.WRONG].groupby("method")["instance"].nunique()
    found["wrong"] = found["method"].map(lies).fillna(0).astype(int)
    honest = found["wrong"] == 0
    few = cases.few(found["instances"].to_numpy(dtype=np.int64))
    found["front"] = pareto(
        found["seconds"].where(honest & ~few, np.inf).to_numpy(dtype=float),
        found["regret"].clip(lower=measure.floor).to_numpy(dtype=float),
    )
    placed = np.isfinite(found["seconds"]) & np.isfinite(found["regret"])
    behind = np.where(placed, "dominated", "no place")
    behind = np.where(placed & few, "covers few", behind)
    behind = np.where(honest, behind, "wrong answers")
    found["standing"] = np.where(found["front"], "on the front", behind)
    order = found.assign(false=~honest).sort_values(["false", "seconds", "regret"])
    return order[found.columns].reset_index(drop=True)


def pareto(seconds: Vector, regret: Vector) -> list[bool]:
    """Whether no other method is as good in both and better in one."""
    return [
        bool(np.isfinite(s) and np.isfinite(r))
        and not bool((((seconds <= s) & (regret <= r))
                      & ((seconds < s) | (regret < r))).any())
        for s, r in zip(seconds, regret, strict=True)
    ]  # fmt: skip


def _chart(
    found: "pd.DataFrame", styles: Mapping[str, Style], measure: Measure
) -> Chart:
    drawn = found.assign(height=found["regret"].clip(lower=measure.floor))
    x = logarithmic("median time, s", drawn["seconds"], floor=1e-4)
    y = logarithmic(measure.label, drawn["height"], floor=measure.floor)
    series = [
        Series(
            name=str(row["method"]),
            style=styles[str(row["method"])],
            joined="none",
            faded=not row["front"],
            points=[Point(x=row["seconds"], y=row["height"], tip=_tip(row, measure))],
        )
        for row in drawn.to_dict("records")
    ]
    front = drawn[drawn["front"]].sort_values("seconds")
    guide = list(zip(front["seconds"], front["height"], strict=True))
    return Chart(
        title="Median regret against median time",
        reading=f"{READING} Regret below {measure.floor:g} {measure.unit} is drawn "
        f"at {measure.floor:g}.",
        drawing=draw("Quality against time", series, x, y, guide),
    )


def _tip(row: Mapping[Hashable, Any], measure: Measure) -> str:
    return (
        f"{row['method']}: {formats.significant(row['seconds'])} s, regret "
        f"{formats.significant(row['regret'])} {measure.unit}, "
        f"{row['verified']} of {row['instances']} instances verified, {row['standing']}"
    )


def _columns(measure: Measure) -> list[Shown]:
    form = formats.bp if measure.unit == "bp" else formats.significant
    return [
        Shown(name="method", title="Method", link="solver"),
        Shown(name="seconds", title="Time", unit="s", form=formats.significant),
        Shown(name="regret", title="Regret", unit=measure.unit, form=form),
        Shown(name="verified", title="Verified", unit="instances", form=formats.count),
        Shown(name="instances", title="Covered", unit="instances", form=formats.count),
        Shown(name="wrong", title="Wrong", unit="instances", form=formats.count),
        Shown(name="standing", title="Standing"),
    ]
