"""How time grows with names, name limits, lots, factors and accounts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import logarithmic
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import Chart, Note, Page, Part, Shown, chosen, table
from sma_benchmarks.report.styles import Style
from sma_benchmarks.statistics import exponent

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

SIZES: Final[Mapping[str, str]] = {
    "n_assets": "assets", "k_names": "names allowed", "n_lots": "tax lots",
    "n_factors": "risk factors", "accounts": "accounts",
}  # fmt: skip
PHASES: Final[Mapping[str, str]] = {
    "wall_s": "whole time", "build_s": "build", "solve_s": "solve",
}  # fmt: skip
FIRST: Final = "scaling"  # the family made for this page
LEAST: Final = 3  # sizes that make a curve
COLUMNS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="phase", title="Phase"),
    Shown(name="exponent", title="Exponent", form=lambda v: formats.decimals(v, 2)),
    Shown(name="low", title="95 % from", form=lambda v: formats.decimals(v, 2)),
    Shown(name="high", title="to", form=lambda v: formats.decimals(v, 2)),
    Shown(name="sizes", title="Sizes", form=formats.count,
          hint="verified at so many of the sizes that were tried"),
    Shown(name="tried", title="Tried", form=formats.count),
    Shown(name="largest", title="Largest verified", form=formats.count),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """A curve and exponents for each size that grows alone."""
    rows = cases.covered(cases.cold(scores))
    options: list[tuple[str, Sequence[Part]]] = []
    for family in sorted(cases.families(rows), key=lambda name: name != FIRST):
        for size, title in SIZES.items():
            mine = alone(rows[rows["family"] == family], size)
            if mine is not None:
                options.append((f"{family}: {title}", _parts(mine, size, styles)))
    return Page(
        anchor="scaling",
        title="Scaling",
        lead="What does twice the size cost?",
        parts=chosen("What grows", options)
        or [Note(text="No family has three sizes that differ in one thing alone, so "
                      "there is nothing to fit.")],
    )  # fmt: skip


def alone(rows: "pd.DataFrame", size: str) -> "pd.DataFrame | None":
    """Rows in which one size grows and the others stay, None with too few sizes."""
    others = [name for name in SIZES if name != size]
    held = rows[rows[size].notna()]
    held = held[held[size].astype(float) > 0]
    if not len(held):
        return None
    keyed = held.assign(
        **{name: held[name].astype(float).fillna(-1) for name in others}
    )
    groups = keyed.groupby(others)[size].nunique().reset_index(name="sizes")
    if not len(groups) or int(groups["sizes"].max()) < LEAST:
        return None
    most = groups.sort_values("sizes", kind="stable").iloc[-1]
    same = np.ones(len(keyed), dtype=bool)
    for name in others:
        same &= (keyed[name] == most[name]).to_numpy()
    return held[same]


def _parts(rows: "pd.DataFrame", size: str, styles: Mapping[str, Style]) -> list[Part]:
    import pandas as pd

    fits = [
        fit(mine, size, phase) | {"method": str(method), "phase": title}
        for method, mine in rows.groupby("method", sort=True)
        for phase, title in PHASES.items()
    ]
    return [
        _chart(rows, size, styles),
        table(
            "Exponent p of t = c·size^p, least squares in logarithms, with its 95 % "
            "interval",
            pd.DataFrame(fits),
            COLUMNS,
        ),
    ]


def fit(rows: "pd.DataFrame", size: str, phase: str) -> dict[str, object]:
    """Exponent of one phase with its interval, over sizes that were verified."""
    good = rows[rows["verified"] & (rows[phase] > 0)]
    times = good.groupby(good[size].astype(float))[phase].median()
    out: dict[str, object] = {
        "sizes": len(times),
        "tried": int(rows[size].nunique()),
        "largest": float(times.index.max()) if len(times) else None,
    }
    if len(times) < LEAST:
        return out
    found = exponent(times.index.to_numpy(dtype=float), times.to_numpy(dtype=float))
    return out | {"exponent": found.value, "low": found.low, "high": found.high}


def _chart(rows: "pd.DataFrame", size: str, styles: Mapping[str, Style]) -> Chart:
    good = rows[rows["verified"]]
    series = []
    for method, mine in good.groupby("method", sort=True):
        times = mine.groupby(mine[size].astype(float))["wall_s"].median()
        points = [
            Point(x=float(str(n)), y=float(t), tip=f"{method}: "
                  f"{formats.count(n)} {SIZES[size]}, {formats.significant(t)} s")
            for n, t in times.items()
        ]  # fmt: skip
        series.append(
            Series(name=str(method), style=styles[str(method)], points=points)
        )
    series.sort(key=lambda one: (-len(one.points), sum(p.y for p in one.points)))
    points = [point for one in series for point in one.points]
    return Chart(
        title=f"Time against {SIZES[size]}",
        reading="Both axes are logarithmic: a straight line is a power of the size, and "
        "the flatter it is the better the method grows. Only verified answers are drawn.",
        drawing=draw(
            f"Time against {SIZES[size]}",
            series,
            logarithmic(SIZES[size], [p.x for p in points]),
            logarithmic("median time, s", [p.y for p in points], floor=1e-5),
        ),
    )
