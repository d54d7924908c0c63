"""The summary as Markdown, short enough for a comment on a pull request."""

from typing import TYPE_CHECKING, Final

from sma_benchmarks.outcome import Group
from sma_benchmarks.report import formats
from sma_benchmarks.report.enough import FEWEST, standing
from sma_benchmarks.report.pages.choose import summary
from sma_benchmarks.report.parts import Shown

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

COLUMNS: Final = (
    Shown(name="method", title="Method"),
    Shown(name="coverage", title="Covered %", form=formats.percent),
    Shown(name="verified", title="Verified %", form=formats.percent),
    Shown(name="wrong", title="Wrong", form=formats.count),
    Shown(name="regret_bp", title="Regret bp", form=formats.bp),
    Shown(name="regret_interval", title="95 % interval bp"),
    Shown(name="time_s", title="Time to target s", form=formats.significant),
    Shown(name="time_interval", title="95 % interval s"),
    Shown(name="gap", title="Certified gap %", form=formats.fine_percent),
)
MOST: Final = 10  # solves listed that went wrong


def markdown(scores: "Scores") -> str:
    """Headline, the table of methods, and what went wrong."""
    runs = scores.runs
    if not len(runs):
        return "### Benchmark\n\nThis run holds no solves yet.\n"
    suites = ", ".join(sorted({str(name) for name in runs["suite"]}))
    lines = [
        f"### Benchmark {_plain(suites)}",
        "",
        f"{len(runs)} solves of {runs['instance'].nunique()} instances by "
        f"{runs['method'].nunique()} methods, {int(runs['verified'].sum())} verified.",
        "",
        f"**{standing(scores)[1]}**",
        "",
        *_table(summary(scores), COLUMNS),
        "",
        "Regret is the mean tracking error above the best verified portfolio; time is "
        f"the shifted geometric mean to the target (shift "
        f"{formats.significant(scores.shift_s)} s, PAR2). Intervals draw whole families, "
        f"and need {FEWEST} instances.",
        *_wrong(runs),
    ]
    return "\n".join(lines) + "\n"


def _table(frame: "pd.DataFrame", columns: tuple[Shown, ...]) -> list[str]:
    rows = [
        "| " + " | ".join(_plain(c.form(row[c.name])) for c in columns) + " |"
        for row in frame.to_dict("records")
    ]
    sides = ["--:" if column.numeric else ":--" for column in columns]
    return [
        "| " + " | ".join(column.title for column in columns) + " |",
        "| " + " | ".join(sides) + " |",
        *rows,
    ]


def _wrong(runs: "pd.DataFrame") -> list[str]:
    bad = runs[runs["group"].isin([Group.WRONG, Group.BROKEN])]
    if not len(bad):
        return []
    shown = [
        f"- `{row['method']}` on `{row['instance']}`: {row['outcome']}, "
        f"{_plain(formats.text(row['message']))[:200]}"
        for row in bad.head(MOST).to_dict("records")
    ]
    left = len(bad) - len(shown)
    return [
        "",
        "**Wrong answers**",
        "",
        *shown,
        *([f"- and {left} more"] if left else []),
    ]


def _plain(words: str) -> str:
    """Words that break neither a table nor the page around it."""
    safe = words.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return " ".join(safe.split())
