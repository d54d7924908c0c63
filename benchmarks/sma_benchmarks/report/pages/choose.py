"""Which solver to use: four questions, a shortlist, the evidence and a runner-up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.report import formats
from sma_benchmarks.report.enough import FEWEST, evidence, standing
from sma_benchmarks.report.parts import Note, Page, Part, Shown, Special, table
from sma_benchmarks.report.racing import ROPE_TIME, by_family
from sma_benchmarks.report.styles import Style
from sma_benchmarks.statistics import Estimate, tie_groups

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

ROPE_BP: Final = 0.5  # a difference of regret that nobody would act on
COLUMNS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="wrong", title="Wrong", form=formats.count,
          hint="claimed what is not so"),
    Shown(name="reached", title="Reached", unit="%", form=formats.percent,
          hint="share of all instances that any method covers"),
    Shown(name="time_s", title="Time to target", unit="s", form=formats.significant,
          hint="shifted geometric mean, PAR2; wrong is five times that"),
    Shown(name="time_interval", title="95 % interval", unit="s"),
    Shown(name="time_tie", title="Tie group", form=formats.count,
          hint="methods of one group cannot be told apart"),
    Shown(name="regret_bp", title="Regret", unit="bp", form=formats.bp,
          hint="mean objective above the best verified one, as tracking error"),
    Shown(name="regret_interval", title="95 % interval", unit="bp"),
    Shown(name="regret_tie", title="Tie group", form=formats.count,
          hint="methods of one group cannot be told apart"),
    Shown(name="coverage", title="Covered", unit="%", form=formats.percent,
          hint="share of rows the method can state and is licensed for"),
    Shown(name="verified", title="Verified", unit="%", form=formats.percent,
          hint="share of covered rows with an answer the referee stands behind"),
    Shown(name="failed", title="Failed", form=formats.count),
    Shown(name="wall_p95_s", title="95th percentile", unit="s",
          form=formats.significant, hint="of verified solves"),
    Shown(name="gap", title="Certified gap", unit="%", form=formats.fine_percent,
          hint="median"),
)  # fmt: skip
BEST: Final = (
    Shown(name="family", title="Family"),
    Shown(name="method", title="Method", link="solver"),
    Shown(name="best", title="P(best)", unit="%", form=formats.percent,
          hint="share of the bootstrap draws in which no other method has a lesser mean"),
    Shown(name="group", title="Tie group", form=formats.count,
          hint="methods of one group cannot be told apart"),
    Shown(name="time_s", title="Time to target", unit="s", form=formats.significant,
          hint="shifted geometric mean, PAR2, over the common instances"),
    Shown(name="reached", title="Reached", unit="instances", form=formats.count),
    Shown(name="common", title="Common", unit="instances", form=formats.count,
          hint="those that every method in the race covers"),
)  # fmt: skip
OTHERS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="licence", title="Licence"),
    Shown(name="exactness", title="Formulation is",
          hint="exact, relaxation, restriction or surrogate"),
    Shown(name="solves", title="Solves", form=formats.count),
    Shown(name="te_bp", title="Tracking error", unit="bp", form=formats.bp,
          hint="median over verified solves"),
    Shown(name="regret", title="Objective above the best", unit="%",
          form=formats.fine_percent, hint="median, relative"),
    Shown(name="te_spread_bp", title="Range over seeds", unit="bp", form=formats.bp,
          hint="median over instances with several seeds"),
    Shown(name="wall_p50_s", title="Median time", unit="s", form=formats.significant),
    Shown(name="accounts_per_s", title="Accounts", unit="1/s",
          form=formats.significant, hint="median over books"),
    Shown(name="claim_mismatches", title="Claims that differ", form=formats.count,
          hint="objectives that are not as claimed"),
    Shown(name="peak_mb", title="Memory", unit="MB", form=formats.count),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:  # noqa: ARG001
    """The chooser and the table of all methods."""
    return Page(
        anchor="choose",
        title="Choose a solver",
        lead="Which method should build these accounts, under this licence, in this "
        "time, this close to the best?",
        parts=_parts(scores) if len(scores.runs) else
        [Note(text="This run holds no solves yet, so there is nothing to choose from.")],
    )  # fmt: skip


def _parts(scores: "Scores") -> list[Part]:
    methods = summary(scores)
    tone, text = standing(scores)
    return [
        Note(tone=tone, text=f"{text} See Failures." if tone == "bad" else text),
        Special(name="choose", values=_asked(scores)),
        table("Every method, best first", methods, COLUMNS),
        *_best(scores),
        table("Further figures", methods, OTHERS),
    ]


def _best(scores: "Scores") -> list[Part]:
    found = by_family(scores)
    return [table("The fastest of every family", found, BEST)] if len(found) else []


def _asked(scores: "Scores") -> dict[str, object]:
    """What the form offers."""
    runs = scores.runs
    judged = runs[runs["regret_bp"].notna()]
    licences = sorted({str(name) for name in runs["licence"].dropna()})
    walls = runs["wall_s"].dropna()
    return {
        "licences": licences,
        "families": sorted({str(name) for name in judged["family"]}),
        "time_s": f"{float(runs['time_limit_s'].max()):g}",
        "fewest": FEWEST,
        "fastest_s": float(walls.min()) if len(walls) else 0.0,
        "usable": bool(len(judged)),
    }


def summary(scores: "Scores") -> "pd.DataFrame":
    """`Scores.methods` with its intervals as text and its tie groups.

    Neither is there for a figure of fewer than `FEWEST` instances.
    """
    found = scores.methods.copy()
    counts = evidence(scores)
    for name, form in (("regret_bp", formats.bp), ("time_s", formats.significant)):
        ends = [f"{name}_low", f"{name}_high"]
        enough = found["method"].map(counts[name]).fillna(0) >= FEWEST
        found.loc[~enough, ends] = np.nan
        found[f"{name.rpartition('_')[0]}_interval"] = [
            formats.NONE
            if formats.number(low) is None
            else f"{form(low)} to {form(high)}"
            for low, high in zip(found[ends[0]], found[ends[1]], strict=True)
        ]
    found["regret_tie"] = _ties(found, "regret_bp", ROPE_BP)
    logs = found.assign(**{
        f"time{end}": np.log(found[f"time_s{end}"].clip(lower=1e-9))
        for end in ("", "_low", "_high")
    })  # fmt: skip
    found["time_tie"] = _ties(logs, "time", float(np.log1p(ROPE_TIME)))
    return found


def _ties(frame: "pd.DataFrame", name: str, rope: float) -> list[float | None]:
    """Number of each row's tie group, 1 the best; None without an interval."""
    known = frame[frame[f"{name}_low"].notna()]
    columns = (known[f"{name}{end}"] for end in ("", "_low", "_high"))
    estimates = [
        Estimate(value=float(value), low=float(low), high=float(high))
        for value, low, high in zip(*columns, strict=True)
    ]
    groups = tie_groups([str(m) for m in known["method"]], estimates, rope)
    place = {name: i + 1 for i, group in enumerate(groups) for name in group}
    return [place.get(str(name)) for name in frame["method"]]
