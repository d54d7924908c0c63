"""Whether there is evidence enough for an interval, and for a comparison at all."""

from typing import TYPE_CHECKING, Final

from sma_benchmarks.outcome import Group
from sma_benchmarks.report.cases import cold, covered

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

FEWEST: Final = 5  # instances: a bootstrap of fewer only repeats them


def evidence(scores: "Scores") -> "dict[str, pd.Series[int]]":
    """Instances behind each method's mean regret and mean time, by figure."""
    runs = scores.runs
    judged = runs[runs["verified"] & runs["regret_bp"].notna()]
    timed = covered(cold(scores))
    return {
        name: rows.groupby("method")["instance"].nunique()
        for name, rows in (("regret_bp", judged), ("time_s", timed))
    }


def few(scores: "Scores") -> int | None:
    """How many instances there are, where they are too few to compare methods by."""
    found = int(scores.runs["instance"].nunique())
    return found if found < FEWEST else None


def standing(scores: "Scores") -> tuple[str, str]:
    """A tone and a sentence: may these results be published?"""
    if not scores.publishable:
        broken = int((scores.runs["group"] == Group.BROKEN).sum())
        fault = (
            f"{broken} solves ended in an error of the harness"
            if broken
            else "a method that covers instances has no verified answer"
        )
        return "bad", f"Not publishable: {fault}."
    found = few(scores)
    if found is not None:
        noun = "instance" if found == 1 else "instances"
        return "", (
            f"Too few instances: {found} {noun} can show that methods work, not which is "
            f"better; that takes {FEWEST} or more."
        )
    return "good", (
        "Publishable: no harness error stands and every covered method has a verified "
        "answer."
    )
