"""Noise and environment: what a difference of times is worth here."""

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sma_benchmarks.report import formats
from sma_benchmarks.report.axes import linear
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import (
    SHORT_ID,
    Chart,
    Facts,
    Note,
    Page,
    Part,
    Shown,
    chosen,
    table,
)
from sma_benchmarks.report.styles import Style
from sma_benchmarks.report.styles import styles as styled

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

CODE: Final = (
    Shown(name="git_commit", title="Commit"),
    Shown(name="git_dirty", title="Files differed"),
    Shown(name="solves", title="Solves", form=formats.count),
    Shown(name="first", title="First ended", unit="UTC"),
    Shown(name="last", title="Last ended", unit="UTC"),
)
SUITES: Final = (
    Shown(name="suite", title="Suite"),
    Shown(name="suite_hash", title="Hash"),
    Shown(name="instances", title="Instances", form=formats.count),
    Shown(name="methods", title="Methods", form=formats.count),
    Shown(name="solves", title="Solves", form=formats.count),
    Shown(name="time_limit_s", title="Time limit", unit="s", form=formats.significant),
)
REPEATS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="pairs", title="Repeated solves", form=formats.count),
    Shown(name="spread", title="Largest over smallest time", unit="times, median",
          form=formats.significant),
)  # fmt: skip
VERSIONS: Final = (
    Shown(name="package", title="Package"),
    Shown(name="version", title="Version"),
)


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:  # noqa: ARG001
    """Machines, canary, repetitions, versions, code and check sums."""
    runs = scores.runs
    parts: list[Part] = [*_machines(scores.machines), *_canary(runs), *_repeats(runs)]
    if len(runs):
        parts += [table("Suites", _suites(runs), SUITES),
                  table("Code", _code(runs), CODE)]  # fmt: skip
    parts += _versions(scores.machines)
    parts.append(Facts(items=[("Rows of this report", checksum(runs))]))
    return Page(
        anchor="noise",
        title="Noise and environment",
        lead="Where was this measured, how steady was it, and what can be told apart?",
        parts=parts,
    )


def checksum(runs: "pd.DataFrame") -> str:
    """``sha256`` of the ``row_id`` and outcome of every row, whatever their order."""
    pairs = sorted(zip(runs["row_id"].astype(str), runs["outcome"].astype(str),
                       strict=True))  # fmt: skip
    return f"sha256 {hashlib.sha256(json.dumps(pairs).encode()).hexdigest()}"


def _machines(machines: "pd.DataFrame") -> list[Part]:
    if not len(machines):
        return [Note(text="This run did not describe its machine.")]
    options: list[tuple[str, Sequence[Part]]] = [
        (str(row["machine_id"])[:SHORT_ID], [_machine(row)])
        for row in machines.to_dict("records")
    ]
    return chosen("Machine", options)


def _machine(row: Mapping[Hashable, Any]) -> Facts:
    noise = formats.number(row["noise"])
    band = (
        "unknown"
        if noise is None
        else f"{1 / (1 + noise):.3f} to {1 + noise:.3f} times"
    )
    return Facts(items=[
        ("A/A band", f"{band}: two methods whose processor times differ by less cannot "
                     "be told apart here"),
        ("Reference work", f"{formats.significant(row['calibration_s'])} s, median when "
                           "the run began"),
        ("Processor", formats.text(row["processor"])),
        ("Cores", formats.count(row["cores"])),
        ("Memory", f"{formats.count(row['memory_mb'])} MB"),
        ("System", formats.text(row["system"])),
        ("Python", formats.text(row["python"])),
        ("Linear algebra", formats.text(row["blas"])),
        ("Machine", formats.text(row["machine_id"])),
    ])  # fmt: skip


def _versions(machines: "pd.DataFrame") -> list[Part]:
    """Packages of all machines, those that differ more than once."""
    import pandas as pd

    pairs = {
        pair
        for text in machines["packages"].dropna()
        for pair in json.loads(str(text)).items()
    }
    found = pd.DataFrame(sorted(pairs), columns=["package", "version"])
    return [table("Versions", found, VERSIONS)] if len(found) else []


def _canary(runs: "pd.DataFrame") -> list[Part]:
    known = runs[runs["canary_ratio"].notna()].sort_values("order_index")
    if not len(known):
        return [Note(text="No reference work was timed before the solves.")]
    ratio = known["canary_ratio"].to_numpy(dtype=float)
    name = "reference work"
    points = [
        Point(x=float(order), y=float(value), tip=f"solve {order}: {value:.2f} times")
        for order, value in zip(known["order_index"], ratio, strict=True)
    ]
    one = Series(name=name, style=styled([name])[name], joined="none", points=points,
                 size=2.0, legend=False)  # fmt: skip
    low, high = np.quantile(ratio, [0.05, 0.95])
    return [
        Chart(
            title="Reference work before each solve",
            reading="1 is the machine as it was when the run began; a solve beside a "
            f"higher mark had less of it. 90 % of the marks lie between {low:.2f} and "
            f"{high:.2f}.",
            drawing=draw("Reference work", [one],
                         linear("order of the solve", [p.x for p in points], whole=True),
                         linear("time over its calibration", ratio)),
        )
    ]  # fmt: skip


def _repeats(runs: "pd.DataFrame") -> list[Part]:
    good = runs[runs["verified"] & (runs["wall_s"] > 0)]
    keys = ["method", "instance", "start_mode", "seed"]
    times = good.groupby(keys)["wall_s"].agg(["min", "max", "count"]).reset_index()
    times = times[times["count"] > 1]
    if not len(times):
        return [Note(text="No solve was repeated with the same seed, so the spread of "
                          "times is known from the reference work alone.")]  # fmt: skip
    by = times.assign(spread=times["max"] / times["min"]).groupby("method")["spread"]
    found = by.agg(["median", "size"]).reset_index()
    found.columns = ["method", "spread", "pairs"]
    return [table("Spread of repeated solves", found, REPEATS)]


def _suites(runs: "pd.DataFrame") -> "pd.DataFrame":
    by = runs.groupby(["suite", "suite_hash"])
    return by.agg(
        instances=("instance", "nunique"), methods=("method", "nunique"),
        solves=("row_id", "size"), time_limit_s=("time_limit_s", "max"),
    ).reset_index()  # fmt: skip


def _code(runs: "pd.DataFrame") -> "pd.DataFrame":
    by = runs.assign(
        git_dirty=runs["git_dirty"].map({True: "yes", False: "no"})
    ).groupby(["git_commit", "git_dirty"], dropna=False)
    return by.agg(
        solves=("row_id", "size"), first=("finished_utc", "min"),
        last=("finished_utc", "max"),
    ).reset_index()  # fmt: skip
