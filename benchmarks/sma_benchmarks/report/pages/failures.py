"""What went wrong, by method and family, down to the message and the log."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sma_benchmarks.outcome import Group, Outcome
from sma_benchmarks.report import cases, formats
from sma_benchmarks.report.parts import Matrix, Note, Page, Part, Shown, Special, table
from sma_benchmarks.report.styles import Style

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

COUNTS: Final = (
    Shown(name="outcome", title="Outcome"),
    Shown(name="group", title="Scored as"),
    Shown(name="solves", title="Solves", form=formats.count),
    Shown(name="methods", title="Methods", form=formats.count),
)


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:  # noqa: ARG001
    """The matrix of outcomes, and a list that a click on it fills."""
    return Page(
        anchor="failures",
        title="Failures",
        lead="What became of every solve, and what did the ones that failed say?",
        parts=_parts(scores.runs) if len(scores.runs) else
        [Note(text="This run holds no solves yet, so none has failed.")],
    )  # fmt: skip


def _parts(runs: "pd.DataFrame") -> list[Part]:
    by = runs.groupby("outcome")
    counted = by.agg(solves=("row_id", "size"), methods=("method", "nunique"),
                     group=("group", "first")).reset_index()  # fmt: skip
    order = {str(outcome): i for i, outcome in enumerate(Outcome)}
    counted = counted.sort_values("outcome", key=lambda names: names.map(order))
    return [
        matrix(runs),
        Special(name="failures", values={}),
        table("Outcomes", counted, COUNTS),
    ]


def matrix(runs: "pd.DataFrame") -> Matrix:
    """Counts of every group of outcomes, methods by families."""
    families = cases.families(runs)
    counts = runs.groupby(["method", "family", "group"]).size().to_dict()
    rows = [
        (
            method,
            [
                {
                    str(group): int(counts[method, family, group])
                    for group in Group
                    if (method, family, group) in counts
                }
                for family in families
            ],
        )
        for method in sorted({str(name) for name in runs["method"]})
    ]
    return Matrix(columns=families, rows=rows)
