"""Methodology: every outcome, every aggregation and its formula."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from sma_benchmarks.judging.anytime import CAP_BP
from sma_benchmarks.outcome import GROUP
from sma_benchmarks.race import DRAWS
from sma_benchmarks.report import formats
from sma_benchmarks.report.enough import FEWEST
from sma_benchmarks.report.pages.choose import ROPE_BP
from sma_benchmarks.report.parts import Page, Special
from sma_benchmarks.report.racing import ENOUGH, ROPE_TIME
from sma_benchmarks.report.styles import Style
from sma_benchmarks.scores import LATE, LATE_S, TARGET, TARGET_BP
from sma_benchmarks.statistics import CONFIDENCE, FACTORS, WRONG_FACTOR, Penalty
from sma_research.judge import ROOM

if TYPE_CHECKING:
    from sma_benchmarks.scores import Scores

SCORED: Final[Mapping[str, str]] = {
    "verified": "a portfolio that holds every limit; ranked on quality and time",
    "failed": "no portfolio; charged by the named penalty in time",
    "coverage": "not for this method; counted apart, never as slow",
    "wrong": "claimed what is not so; worse than a timeout, never on quality",
    "broken": "the harness itself failed; nothing may be published",
}


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:  # noqa: ARG001
    """Formulas with the numbers that this report used."""
    groups = {
        name: (meaning, [str(o) for o, group in GROUP.items() if group == name])
        for name, meaning in SCORED.items()
    }
    return Page(
        anchor="methodology",
        title="Methodology",
        lead="What every figure means, and how it was computed.",
        parts=[
            Special(
                name="methodology",
                values={
                    "groups": groups,
                    "shift": formats.significant(scores.shift_s),
                    "target_bp": TARGET_BP,
                    "target": TARGET,
                    "room": ROOM,
                    "late": LATE,
                    "late_s": LATE_S,
                    "cap_bp": CAP_BP,
                    "rope_bp": ROPE_BP,
                    "rope_time": ROPE_TIME,
                    "wrong_factor": WRONG_FACTOR,
                    "draws": DRAWS,
                    "enough": round(100 * ENOUGH),
                    "fewest": FEWEST,
                    "confidence": round(100 * CONFIDENCE),
                    "penalties": [(p.name, p.value, FACTORS.get(p)) for p in Penalty],
                },
            )
        ],
    )
