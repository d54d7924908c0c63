"""One engine, several formulations: strength of the bound, size, and what it buys."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import Axis, logarithmic
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import Chart, Note, Page, Part, Shown, table
from sma_benchmarks.report.styles import Style

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

KEYS: Final = ["instance", "family", "solver", "formulation", "method"]
FIGURES: Final = (
    "bound", "bound_te_bp", "bound_search", "te_bp", "objective", "best_objective", "gap",
    "columns", "binaries", "rows", "nonzeros", "wall_s", "regret_bp",
)  # fmt: skip
SUMMARY: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="formulation", title="Formulation run"),
    Shown(name="exactness", title="Exactness"),
    Shown(name="instances", title="Instances", form=formats.count),
    Shown(name="verified", title="Verified", unit="%", form=formats.percent),
    Shown(name="closed", title="Gap closed", unit="%", form=formats.percent,
          hint="of the way from the weakest bound of the instance to its best portfolio"),
    Shown(name="gap", title="Certified gap", unit="%", form=formats.fine_percent),
    Shown(name="regret_bp", title="Regret", unit="bp", form=formats.bp),
    Shown(name="columns", title="Columns", form=formats.count),
    Shown(name="binaries", title="Binaries", form=formats.count),
    Shown(name="rows", title="Rows", form=formats.count),
    Shown(name="nonzeros", title="Nonzeros", form=formats.count),
    Shown(name="wall_s", title="Time", unit="s", form=formats.significant),
)  # fmt: skip
DETAIL: Final = (
    Shown(name="instance", title="Instance", link="instance"),
    Shown(name="method", title="Method", link="solver"),
    Shown(name="bound_te_bp", title="Certified bound", unit="bp", form=formats.bp,
          hint="tracking error that the bound leaves possible"),
    Shown(name="bound", title="Certified bound", unit="objective",
          form=lambda v: formats.significant(v, 6)),
    Shown(name="bound_search", title="Tree's bound", unit="objective",
          form=lambda v: formats.significant(v, 6)),
    Shown(name="closed", title="Gap closed", unit="%", form=formats.percent),
    Shown(name="te_bp", title="Tracking error", unit="bp", form=formats.bp),
    Shown(name="columns", title="Columns", form=formats.count),
    Shown(name="binaries", title="Binaries", form=formats.count),
    Shown(name="nonzeros", title="Nonzeros", form=formats.count),
    Shown(name="wall_s", title="Time", unit="s", form=formats.significant),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """Engines that were run in more than one formulation."""
    found = compared(scores)
    return Page(
        anchor="formulations",
        title="Formulations",
        lead="The same engine on the same instance: what does the way of stating it buy?",
        parts=_parts(found, styles) if len(found) else
        [Note(text="No engine solved an instance in two formulations, so there are none "
                   "to compare.")],
    )  # fmt: skip


def compared(scores: "Scores") -> "pd.DataFrame":
    """Medians by instance and method where an engine has several formulations."""
    rows = cases.covered(cases.cold(scores))
    rows = rows.assign(formulation=rows["formulation"].fillna("default").astype(str))
    several = rows.groupby(["instance", "solver"])["formulation"].transform("nunique")
    rows = rows[several > 1]
    figures = {name: rows[name].astype(float) for name in FIGURES}
    rows = rows.assign(**figures, verified=rows["verified"].astype(float),
                       exactness=rows["exactness"].fillna(""))  # fmt: skip
    found = rows.groupby(KEYS)[[*FIGURES, "verified"]].median().reset_index()
    exactness = rows.groupby("method")["exactness"].first()
    found["exactness"] = found["method"].map(exactness)
    weakest = found.groupby("instance")["bound"].transform("min")
    room = found["best_objective"] - weakest
    share = (found["bound"] - weakest) / room.where(room > 0)
    return found.assign(closed=share.clip(upper=1.0))


def _parts(found: "pd.DataFrame", styles: Mapping[str, Style]) -> list[Part]:
    by = found.groupby(["solver", "formulation", "method"])
    names = ["closed", "gap", "regret_bp", "columns", "binaries", "rows", "nonzeros",
             "wall_s"]  # fmt: skip
    medians = by[names].median()
    medians["instances"] = by["instance"].nunique()
    medians["verified"] = by["verified"].mean()
    medians["exactness"] = by["exactness"].first()
    medians = medians.reset_index()
    parts: list[Part] = []
    if medians["closed"].notna().any():
        parts.append(_chart(medians, styles))
    parts.append(table("Medians over instances", medians, SUMMARY))
    parts.append(table("Every instance", found, DETAIL))
    return parts


def _chart(medians: "pd.DataFrame", styles: Mapping[str, Style]) -> Chart:
    known = medians[np.isfinite(medians["closed"]) & np.isfinite(medians["wall_s"])]
    known = known.sort_values(["closed", "wall_s"], ascending=[False, True])
    series = [
        Series(
            name=str(row["method"]),
            style=styles[str(row["method"])],
            joined="none",
            points=[Point(x=row["wall_s"], y=100 * row["closed"], tip=(
                f"{row['method']}: {formats.percent(row['closed'])} % closed in "
                f"{formats.significant(row['wall_s'])} s"))],
        )
        for row in known.to_dict("records")
    ]  # fmt: skip
    return Chart(
        title="Gap closed against time",
        reading="Up is a stronger certified bound, left is faster; the weakest bound of "
        "each instance is 0 % and its best verified portfolio 100 %.",
        drawing=draw(
            "Gap closed against time",
            series,
            logarithmic("median time, s", known["wall_s"], floor=1e-4),
            Axis(label="median gap closed, %", low=-2.0, high=104.0),
        ),
    )
