"""Performance profiles on verified time to target, and the mean that sums them up."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import Axis
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import (
    Chart,
    Choice,
    Note,
    Page,
    Part,
    Shown,
    table,
)
from sma_benchmarks.report.styles import Style
from sma_benchmarks.scores import TARGET
from sma_benchmarks.statistics import (
    Penalty,
    best,
    penalised,
    performance_profile,
    shifted_geometric_mean,
    suite_shift,
)

if TYPE_CHECKING:
    from sma_benchmarks.scores import Scores

Times = NDArray[np.float64]
TARGETS_BP: Final = (1.0, 0.5, 2.0, 5.0, 10.0)  # the default first
PENALTIES: Final = ("PAR1", "PAR2", "PAR10", "intersection")
STEPS: Final = 500  # of a profile, at most
MOST: Final = 1000.0  # factor at the right end
MEANS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="mean", title="Shifted geometric mean", unit="s",
          form=formats.significant),
    Shown(name="relative", title="Over the best", unit="times",
          form=formats.significant),
    Shown(name="reached", title="Reached", unit="instances", form=formats.count),
    Shown(name="covered", title="Covered", unit="instances", form=formats.count),
    Shown(name="instances", title="In the mean", unit="instances", form=formats.count),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """A profile and means for every target."""
    options: list[tuple[str, Sequence[Part]]] = [
        (f"{target:g} bp", _parts(scores, target, styles))
        for target in sorted(TARGETS_BP)
    ]
    default = 1 + sorted(TARGETS_BP)[1:].index(TARGETS_BP[0])
    held = len(cases.covered(cases.cold(scores))) > 0
    return Page(
        anchor="profiles",
        title="Performance profiles",
        lead="How often is a method within a factor of the fastest, on answers that are "
        "verified and near the best?",
        parts=[Choice(label="Target above the best", options=options, first=default)]
        if held
        else [Note(text="No method has a cold solve that counts, so there are no times "
                        "to compare.")],
    )  # fmt: skip


def _parts(scores: "Scores", target: float, styles: Mapping[str, Style]) -> list[Part]:
    times, limits, instances, methods = scores.times(target_bp=target)
    covered = cases.coverage(scores, instances, methods)
    shift = suite_shift(times)
    means: list[tuple[str, Sequence[Part]]] = [
        (name, _means(times, limits, covered, Penalty[name.upper()], methods, shift))
        for name in PENALTIES
    ]
    return [
        _chart(times, covered, methods, target, styles),
        Note(
            text=f"Shift of the geometric mean: {formats.significant(shift)} s, the median "
            f"over {len(instances)} instances of the fastest time to this target. "
            f"Programs without a tracking error count as reached within "
            f"{100 * TARGET:g} % of the best objective."
        ),
        Choice(label="What was not reached counts as", options=means, first=1),
    ]


def factors(times: Times) -> Times:
    """Where a profile of these times steps, and its ends."""
    fastest = np.where(best(times) > 0, best(times), np.nan)
    ratio = (times / fastest[:, None]).ravel()
    inner = ratio[np.isfinite(ratio) & (ratio < MOST)]
    if inner.size > STEPS:
        inner = np.geomspace(1.0, MOST, STEPS)
    return np.unique(np.concatenate([[1.0, MOST], inner]))


def covered_profile(times: Times, covered: NDArray[np.bool_], steps: Times) -> Times:
    """Profile over the instances that each method covers, ``(factors, methods)``."""
    share = covered.mean(axis=0) if covered.size else np.ones(times.shape[1])
    whole = performance_profile(times, steps)
    return np.asarray(whole / np.where(share > 0, share, 1.0))


def _chart(
    times: Times, covered: NDArray[np.bool_], methods: Sequence[str], target: float,
    styles: Mapping[str, Style],
) -> Chart:  # fmt: skip
    steps = factors(times)
    profile = 100 * covered_profile(times, covered, steps)
    series = [
        Series(name=name, style=styles[name], joined="step", marked=False,
               points=[Point(x=f, y=s) for f, s in
                       zip(steps, profile[:, j], strict=True)])
        for j, name in enumerate(methods) if covered[:, j].any()
    ]  # fmt: skip
    return Chart(
        title=f"Within a factor of the fastest, target {target:g} bp",
        reading="The left end is how often a method is fastest, the right end how often "
        "it gets there at all; an instance that every method failed counts against "
        "every method. Instances that a method does not cover are left out for it.",
        drawing=draw(
            "Performance profile",
            series,
            Axis(label="factor of the fastest verified time", low=1.0, high=MOST,
                 log=True),
            Axis(label="instances reached, %", low=0.0, high=102.0),
        ),
    )  # fmt: skip


def _means(
    times: Times, limits: Times, covered: NDArray[np.bool_], penalty: Penalty,
    methods: Sequence[str], shift: float,
) -> list[Part]:  # fmt: skip
    import pandas as pd

    means, counts = mean_times(times, limits, covered, penalty, shift)
    least = np.nanmin(means) if np.isfinite(means).any() else np.nan
    found = pd.DataFrame({
        "method": list(methods),
        "mean": means,
        "relative": means / least if least > 0 else np.full(len(methods), np.nan),
        "reached": np.isfinite(times).sum(axis=0),
        "covered": covered.sum(axis=0),
        "instances": counts,
    }).sort_values(["mean", "method"])  # fmt: skip
    return [table(f"{penalty.name}: {penalty.value}", found, MEANS)]


def mean_times(
    times: Times, limits: Times, covered: NDArray[np.bool_], penalty: Penalty,
    shift: float,
) -> tuple[Times, NDArray[np.int64]]:  # fmt: skip
    """Mean of every method and the instances in it; ``nan`` where there are none.

    The intersection is over the methods that reached at least one instance.
    """
    means = np.full(times.shape[1], np.nan)
    counts = np.zeros(times.shape[1], dtype=np.int64)
    alive = np.isfinite(times).any(axis=0)
    if penalty is Penalty.INTERSECTION:
        common = penalised(times[:, alive], limits, penalty)
        charged, counted = np.full((len(common), times.shape[1]), np.nan), alive
        charged[:, alive] = common
        used = np.broadcast_to(counted, charged.shape)
    else:
        charged, used = penalised(times, limits, penalty), covered
    for j in range(times.shape[1]):
        mine = charged[used[:, j], j]
        counts[j] = mine.size
        means[j] = shifted_geometric_mean(mine, shift) if mine.size else np.nan
    return means, counts
