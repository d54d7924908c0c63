"""Warm against cold: the same account after the one before it, losses included."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.report import formats
from sma_benchmarks.report.axes import logarithmic
from sma_benchmarks.report.cases import COLD, covered
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import Chart, Note, Page, Part, Shown, table
from sma_benchmarks.report.styles import Style

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

PAIR: Final = ["instance", "method", "seed", "repeat"]
NONE: Final = (
    "No instance was solved both cold and after the account before it, so warm starts "
    "cannot be compared; suites ask for them with start_modes."
)
SUMMARY: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="pairs", title="Pairs", form=formats.count),
    Shown(name="both", title="Both verified", form=formats.count),
    Shown(name="wins", title="Warm faster", form=formats.count),
    Shown(name="losses", title="Warm slower", form=formats.count),
    Shown(name="ratio", title="Median warm over cold", unit="times",
          form=formats.significant),
    Shown(name="worst", title="Worst", unit="times", form=formats.significant),
    Shown(name="lost", title="Verified cold only", form=formats.count),
    Shown(name="won", title="Verified warm only", form=formats.count),
    Shown(name="change_bp", title="Change of tracking error", unit="bp",
          form=formats.bp, hint="median, warm less cold"),
)  # fmt: skip
PAIRS: Final = (
    Shown(name="instance", title="Instance", link="instance"),
    Shown(name="method", title="Method", link="solver"),
    Shown(name="wall_s_cold", title="Cold", unit="s", form=formats.significant),
    Shown(name="wall_s_hot", title="Warm", unit="s", form=formats.significant),
    Shown(name="ratio", title="Warm over cold", unit="times", form=formats.significant),
    Shown(name="te_bp_cold", title="Cold", unit="bp", form=formats.bp),
    Shown(name="te_bp_hot", title="Warm", unit="bp", form=formats.bp),
    Shown(name="outcome_cold", title="Cold"),
    Shown(name="outcome_hot", title="Warm"),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """Pairs of starts, their ratio, wins and losses."""
    found = pairs(scores.runs)
    return Page(
        anchor="warm",
        title="Warm against cold",
        lead="What is it worth to solve an account right after the one before it?",
        parts=_parts(found, styles) if len(found) else [Note(text=NONE)],
    )


def pairs(runs: "pd.DataFrame") -> "pd.DataFrame":
    """Cold and hot solve of the same instance, method, seed and repetition."""
    rows = covered(runs)
    shown = [*PAIR, "wall_s", "te_bp", "outcome", "verified"]
    cold = rows[rows["start_mode"] == COLD][shown]
    hot = rows[rows["start_mode"] == "hot"][shown]
    found = cold.merge(hot, on=PAIR, suffixes=("_cold", "_hot"))
    both = found["verified_cold"].astype(bool) & found["verified_hot"].astype(bool)
    ratio = (found["wall_s_hot"] / found["wall_s_cold"]).where(both)
    return found.assign(both=both, ratio=ratio).sort_values("ratio", ascending=False)


def _parts(found: "pd.DataFrame", styles: Mapping[str, Style]) -> list[Part]:
    import pandas as pd

    summary = pd.DataFrame(
        [_row(str(name), rows) for name, rows in found.groupby("method", sort=True)]
    )
    parts: list[Part] = []
    if found["both"].any():
        parts.append(_chart(found[found["both"]], styles))
    parts.append(table("By method, losses included", summary, SUMMARY))
    parts.append(table("Every pair, the worst first", found, PAIRS))
    return parts


def _row(method: str, rows: "pd.DataFrame") -> dict[str, object]:
    cold, hot = rows["verified_cold"].astype(bool), rows["verified_hot"].astype(bool)
    return {
        "method": method,
        "pairs": len(rows),
        "both": int(rows["both"].sum()),
        "wins": int((rows["ratio"] < 1).sum()),
        "losses": int((rows["ratio"] > 1).sum()),
        "ratio": rows["ratio"].median(),
        "worst": rows["ratio"].max(),
        "lost": int((cold & ~hot).sum()),
        "won": int((hot & ~cold).sum()),
        "change_bp": (rows["te_bp_hot"] - rows["te_bp_cold"])
        .where(rows["both"])
        .median(),
    }


def _chart(found: "pd.DataFrame", styles: Mapping[str, Style]) -> Chart:
    series = [
        Series(
            name=str(method),
            style=styles[str(method)],
            joined="none",
            points=[
                Point(x=row["wall_s_cold"], y=row["wall_s_hot"],
                      tip=f"{method}, {row['instance']}: cold "
                      f"{formats.significant(row['wall_s_cold'])} s, warm "
                      f"{formats.significant(row['wall_s_hot'])} s")
                for row in rows.to_dict("records")
            ],
        )
        for method, rows in found.groupby("method", sort=True)
    ]  # fmt: skip
    every = np.concatenate([found["wall_s_cold"], found["wall_s_hot"]])
    x = logarithmic("cold, s", every, floor=1e-4)
    y = logarithmic("warm, s", every, floor=1e-4)
    return Chart(
        title="Warm seconds against cold seconds",
        reading="A mark is a pair of verified solves; below the dotted line the warm "
        "start was faster, above it was slower.",
        drawing=draw(
            "Warm against cold", series, x, y, [(x.low, x.low), (x.high, x.high)]
        ),
    )
