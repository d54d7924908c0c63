"""Quality over time: what is there when the clock is stopped early."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.judging.anytime import CAP_BP, TARGETS
from sma_benchmarks.reaching import ABOVE
from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import Axis, logarithmic
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import Chart, Note, Page, Part, Shown, chosen, table
from sma_benchmarks.report.styles import Style
from sma_benchmarks.statistics import reached_by

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

CLOCK: Final = "time since the start signal, s"
NO_BOUND: Final = (
    "No instance has a certified bound in bp, so there is no gap to follow over time."
)
TIMES: Final = (
    Shown(name="method", title="Method", link="solver"),
    *(Shown(name=name, title=f"Within {bp:g} bp", unit="s", form=formats.significant)
      for name, bp in TARGETS.items()),
    Shown(name="primal_dual_integral", title="Primal-dual integral", unit="bp·s",
          form=formats.significant),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """Gap over time and targets reached, for all accounts and for each family."""
    rows = cases.covered(cases.cold(scores))
    rows = rows[rows["best_bound_te_bp"].notna()]
    events = scores.events[scores.events["kind"] == "incumbent"]
    options: list[tuple[str, Sequence[Part]]] = []
    names = cases.families(rows)
    if len(names) > 1:
        options.append(("all accounts", _parts(rows, events, styles)))
    options += [
        (name, _parts(rows[rows["family"] == name], events, styles)) for name in names
    ]
    return Page(
        anchor="anytime",
        title="Anytime",
        lead="How good is the portfolio in hand when the clock is stopped early?",
        parts=chosen("Instances", options) or [Note(text=NO_BOUND)],
    )


def _parts(
    rows: "pd.DataFrame", events: "pd.DataFrame", styles: Mapping[str, Style]
) -> list[Part]:
    seconds = rows["wall_s"].dropna()
    clock = cases.moments(
        0.5 * float(seconds.min() if len(seconds) else 0.1),
        float(seconds.max() if len(seconds) else 1.0),
    )
    medians = rows.groupby("method")[[c.name for c in TIMES[1:]]].median().reset_index()
    return [
        _gaps(rows, events, clock, styles),
        _targets(rows, clock, styles),
        table("Median over the solves that reached it", medians, TIMES),
    ]


def _gaps(
    rows: "pd.DataFrame", events: "pd.DataFrame", clock: NDArray[np.float64],
    styles: Mapping[str, Style],
) -> Chart:  # fmt: skip
    curves, few = gap_curves(rows, events, clock), _few(rows)
    series = [
        Series(name=name, style=styles[name], joined="step", marked=False,
               points=[Point(x=t, y=max(g, 0.01)) for t, g in
                       zip(clock, curve, strict=True)])
        for name, curve in sorted(curves.items(), key=lambda item: (
            few[item[0]], float(np.log(item[1].clip(0.01)).mean())))
    ]  # fmt: skip
    heights = [float(v) for curve in curves.values() for v in curve]
    return Chart(
        title="Median gap over time",
        reading="Each curve falls as portfolios come in; the lower and the earlier the "
        f"better. A gap counts as {CAP_BP:g} bp before there is a verified portfolio, "
        "and is measured from the best certified bound of the instance, by the ruler of "
        "its best portfolio; claims on the way that a fact contradicts are left out. The "
        "lowest on average over the clock come first, those that cover less than half as "
        "many instances as another last.",
        drawing=draw(
            "Median gap over time",
            series,
            logarithmic(CLOCK, clock),
            logarithmic("median gap, bp of tracking error", heights, floor=0.01),
        ),
    )


def _few(rows: "pd.DataFrame") -> dict[str, bool]:
    """Methods that cover too few of the instances to lead."""
    counts = rows.groupby("method")["instance"].nunique()
    found = cases.few(np.asarray(counts, dtype=np.int64))
    return {str(name): bool(one) for name, one in zip(counts.index, found, strict=True)}


def gap_curves(
    rows: "pd.DataFrame", events: "pd.DataFrame", clock: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Median over instances of the gap to the best certified bound at each moment."""
    paths = {str(name): part for name, part in events.groupby("row_id")}
    curves: dict[str, dict[str, list[NDArray[np.float64]]]] = {}
    for row in rows.to_dict("records"):
        path = paths.get(str(row["row_id"])) if row["verified"] else None
        gap = _path(path, clock)
        of_method = curves.setdefault(str(row["method"]), {})
        of_method.setdefault(str(row["instance"]), []).append(gap)
    return {
        method: np.median(
            [np.median(seeds, axis=0) for seeds in found.values()], axis=0
        )
        for method, found in sorted(curves.items())
    }


def _path(
    path: "pd.DataFrame | None", clock: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Gap of one solve at each moment, ``(moments,)`` in bp."""
    gap = np.full(clock.shape, CAP_BP)
    if path is None:
        return gap
    ordered = path.sort_values("elapsed_s")
    values = np.minimum.accumulate(ordered[ABOVE].to_numpy(dtype=float))
    place = np.searchsorted(ordered["elapsed_s"].to_numpy(dtype=float), clock, "right")
    known = place > 0
    gap[known] = np.clip(values[place[known] - 1], 0.0, CAP_BP)
    return gap


def _targets(
    rows: "pd.DataFrame", clock: NDArray[np.float64], styles: Mapping[str, Style]
) -> Chart:
    series = []
    for method, mine in rows.groupby("method", sort=True):
        held = [mine[name].astype(float).where(mine["verified"]).fillna(np.inf)
                .groupby(mine["instance"]).median() for name in TARGETS]  # fmt: skip
        times = np.concatenate([one.to_numpy(dtype=float) for one in held])
        share = 100 * reached_by(times[:, None], clock)[:, 0]
        points = [Point(x=t, y=s) for t, s in zip(clock, share, strict=True)]
        series.append(Series(name=str(method), style=styles[str(method)],
                             joined="step", marked=False, points=points))  # fmt: skip
    few = _few(rows)
    series.sort(key=lambda one: (few[one.name], -sum(p.y for p in one.points)))
    percent = Axis(label="targets reached, %", low=0.0, high=102.0)
    return Chart(
        title="Targets reached over time",
        reading="Share of all pairs of an instance and a target (10, 5, 2, 1 and 0.5 bp "
        "above its best certified bound) reached by each moment; the higher and the "
        "earlier the better, and the best on average come first, "
        "those that cover less than half as many instances as another last.",
        drawing=draw("Targets reached", series, logarithmic(CLOCK, clock), percent),
    )
