"""Instances and solvers one by one; their pages are made from the rows on a click."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sma_benchmarks.report import formats
from sma_benchmarks.report.parts import Note, Page, Part, Shown, Special, table
from sma_benchmarks.report.styles import Style

if TYPE_CHECKING:
    from sma_benchmarks.scores import Scores

EMPTY: Final = "This run holds no solves yet."
INSTANCES: Final = (
    Shown(name="instance", title="Instance", link="instance"),
    Shown(name="family", title="Family"),
    Shown(name="kind", title="Kind"),
    Shown(name="n_assets", title="Assets", form=formats.count),
    Shown(name="k_names", title="Names allowed", form=formats.count),
    Shown(name="n_lots", title="Lots", form=formats.count),
    Shown(name="n_factors", title="Factors", form=formats.count),
    Shown(name="solves", title="Solves", form=formats.count),
    Shown(name="verified", title="Verified", form=formats.count),
    Shown(name="best_te_bp", title="Best portfolio", unit="bp", form=formats.bp),
)  # fmt: skip
SOLVERS: Final = (
    Shown(name="method", title="Method", link="solver"),
    Shown(name="solver", title="Solver"),
    Shown(name="formulation", title="Formulation"),
    Shown(name="solver_version", title="Version"),
    Shown(name="licence", title="Licence"),
    Shown(name="solves", title="Solves", form=formats.count),
    Shown(name="verified", title="Verified", form=formats.count),
)  # fmt: skip


def instances(scores: "Scores", styles: Mapping[str, Style]) -> Page:  # noqa: ARG001
    """Every instance, with a link to its page."""
    by = scores.runs.groupby("instance", sort=True)
    found = by[["family", "kind", "n_assets", "k_names", "n_lots", "n_factors",
                "best_te_bp"]].first()  # fmt: skip
    found["solves"], found["verified"] = by.size(), by["verified"].sum()
    parts: list[Part] = [
        Special(name="detail", values={"of": "instance"}),
        table("All instances", found.reset_index(), INSTANCES),
    ]
    return Page(
        anchor="instances",
        title="Instances",
        lead="Every instance with all its solves; choose one to see them.",
        parts=parts if len(found) else [Note(text=EMPTY)],
    )


def solvers(scores: "Scores", styles: Mapping[str, Style]) -> Page:  # noqa: ARG001
    """Every method, with a link to its page."""
    by = scores.runs.groupby("method", sort=True)
    found = by[["solver", "formulation", "solver_version", "licence"]].first()
    found["solves"], found["verified"] = by.size(), by["verified"].sum()
    parts: list[Part] = [
        Special(name="detail", values={"of": "solver"}),
        table("All methods", found.reset_index(), SOLVERS),
    ]
    return Page(
        anchor="solvers",
        title="Solvers",
        lead="Every method with its settings, versions and solves; choose one to see "
        "them.",
        parts=parts if len(found) else [Note(text=EMPTY)],
    )
