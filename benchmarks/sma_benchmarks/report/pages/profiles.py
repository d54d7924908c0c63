"""Performance profiles on verified time to target, and the mean that sums them up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid

from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.axes import Axis
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.pairing import TARGETS_BP
from sma_benchmarks.report.parts import (
    Chart,
    Choice,
    Note,
    Page,
    Part,
    Shown,
    Special,
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
from sma_benchmarks.summary import wrong

if TYPE_CHECKING:
    from sma_benchmarks.scores import Scores

Times = NDArray[np.float64]
TARGET_BP: Final = 1.0  # shown at first
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
    Shown(name="wrong", title="Wrong", unit="instances", form=formats.count,
          hint="a wrong answer counts as five that were not reached"),
    Shown(name="covered", title="Covered", unit="instances", form=formats.count,
          hint="who covers less than half as many as another stands behind: its mean is "
          "of other instances"),
    Shown(name="instances", title="In the mean", unit="instances", form=formats.count),
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Timed:
    """Verified seconds to a target, and what became of the rest."""

    times: Times  # (instances, methods), nan not reached
    limits: Times  # (instances,) s
    covered: NDArray[np.bool_]  # (instances, methods)
    wrong: NDArray[np.bool_]  # (instances, methods)
    methods: Sequence[str]
    shift: float  # s


def timed(scores: "Scores", target: float) -> Timed:
    """Times to a target in bp; an instance with a wrong answer was not reached."""
    times, limits, instances, methods = scores.times(target_bp=target)
    lies = wrong(scores, instances, methods)
    times = np.where(lies, np.nan, times)
    return Timed(
        times=times, limits=limits, wrong=lies, methods=methods,
        covered=cases.coverage(scores, instances, methods), shift=suite_shift(times),
    )  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:
    """A profile and means for every target, and any two methods side by side."""
    held = len(cases.covered(cases.cold(scores))) > 0
    return Page(
        anchor="profiles",
        title="Performance profiles",
        lead="How often is a method within a factor of the fastest, on answers that are "
        "verified and near the best?",
        parts=_all(scores, styles)
        if held
        else [Note(text="No method has a cold solve that counts, so there are no times "
                        "to compare.")],
    )  # fmt: skip


def _all(scores: "Scores", styles: Mapping[str, Style]) -> list[Part]:
    found = {target: timed(scores, target) for target in TARGETS_BP}
    options: list[tuple[str, Sequence[Part]]] = [
        (f"{target:g} bp", _parts(one, target, styles)) for target, one in found.items()
    ]
    first = TARGETS_BP.index(TARGET_BP)
    whole = Choice(label="Target above the best", options=options, first=first)
    return [whole, *_pairs(scores, found[TARGET_BP])]


def _pairs(scores: "Scores", found: Timed) -> list[Part]:
    """Any two methods that cover an instance; at first the best of two solvers."""
    held = {name for name, mine in zip(found.methods, found.covered.T, strict=True)
            if mine.any()}  # fmt: skip
    ranked = scores.methods[scores.methods["method"].isin(held)]
    if len(ranked) < 2:
        return []
    first = ranked.iloc[0]
    others = ranked.iloc[1:]
    other = others[others["solver"] != first["solver"]]
    second = (other if len(other) else others).iloc[0]
    values = {
        "methods": sorted(held), "first": first["method"], "second": second["method"],
        "targets": [f"{target:g}" for target in TARGETS_BP], "target": f"{TARGET_BP:g}",
    }  # fmt: skip
    return [Special(name="pairs", values=values)]


def _parts(found: Timed, target: float, styles: Mapping[str, Style]) -> list[Part]:
    means: list[tuple[str, Sequence[Part]]] = [
        (name, _means(found, Penalty[name.upper()])) for name in PENALTIES
    ]
    return [
        _chart(found, target, styles),
        Note(
            text=f"Shift of the geometric mean: {formats.significant(found.shift)} s, the "
            f"median over {len(found.times)} instances of the fastest time to this "
            f"target. Programs without a tracking error count as reached within "
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


def _chart(found: Timed, target: float, styles: Mapping[str, Style]) -> Chart:
    steps = factors(found.times)
    profile = 100 * covered_profile(found.times, found.covered, steps)
    area = trapezoid(profile, np.log(steps), axis=0)
    few = cases.few(found.covered.sum(axis=0))
    series = [
        Series(name=found.methods[j], style=styles[found.methods[j]], joined="step",
               marked=False, points=[Point(x=f, y=s) for f, s in
                                     zip(steps, profile[:, j], strict=True)])
        for j in np.lexsort((-area, few)) if found.covered[:, j].any()
    ]  # fmt: skip
    return Chart(
        title=f"Within a factor of the fastest, target {target:g} bp",
        reading="The left end is how often a method is fastest, the right end how often "
        "it gets there at all; an instance that every method failed counts against "
        "every method. Instances that a method does not cover are left out for it, so "
        "compare only methods that cover about as many: those that cover less than half "
        "as many as another come last, those with most area under their curve first.",
        drawing=draw(
            "Performance profile",
            series,
            Axis(label="factor of the fastest verified time", low=1.0, high=MOST,
                 log=True),
            Axis(label="instances reached, %", low=0.0, high=102.0),
        ),
    )  # fmt: skip


def _means(found: Timed, penalty: Penalty) -> list[Part]:
    import pandas as pd

    means, counts = mean_times(found, penalty)
    lies = found.wrong.sum(axis=0)
    few = cases.few(found.covered.sum(axis=0))
    led = means[~few & (lies == 0) & np.isfinite(means)]
    least = led.min() if led.size else np.nan
    rows = pd.DataFrame({
        "method": list(found.methods),
        "mean": means,
        "relative": np.where(few, np.nan, means / least) if least > 0 else np.nan,
        "reached": np.isfinite(found.times).sum(axis=0),
        "wrong": lies,
        "covered": found.covered.sum(axis=0),
        "instances": counts,
    })  # fmt: skip
    rows = rows.assign(false=rows["wrong"] > 0, few=few)
    rows = rows.sort_values(["false", "few", "mean", "method"])
    return [table(f"{penalty.name}: {penalty.value}", rows, MEANS)]


def mean_times(found: Timed, penalty: Penalty) -> tuple[Times, NDArray[np.int64]]:
    """Mean of every method and the instances in it; ``nan`` where there are none.

    The intersection is over the methods that reached at least one instance.
    """
    times, methods = found.times, found.times.shape[1]
    means = np.full(methods, np.nan)
    counts = np.zeros(methods, dtype=np.int64)
    alive = np.isfinite(times).any(axis=0)
    if penalty is Penalty.INTERSECTION:
        common = penalised(
            times[:, alive], found.limits, penalty, found.wrong[:, alive]
        )
        charged = np.full((len(common), methods), np.nan)
        charged[:, alive] = common
        used = np.broadcast_to(alive, charged.shape)
    else:
        charged = penalised(times, found.limits, penalty, found.wrong)
        used = found.covered
    for j in range(methods):
        mine = charged[used[:, j], j]
        counts[j] = mine.size
        means[j] = shifted_geometric_mean(mine, found.shift) if mine.size else np.nan
    return means, counts
