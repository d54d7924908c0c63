"""What is proven: best portfolio and best bound of every instance, and claims that lie."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.report import formats
from sma_benchmarks.report.axes import Axis, logarithmic
from sma_benchmarks.report.drawing import Point, Series, draw
from sma_benchmarks.report.parts import Chart, Note, Page, Part, Shown, table
from sma_benchmarks.report.styles import Style
from sma_benchmarks.report.styles import styles as styled

if TYPE_CHECKING:
    import pandas as pd

    from sma_benchmarks.scores import Scores

SIZE: Final = 1e-10  # objectives smaller than this count as this in a gap
SMALLEST: Final = 1e-4  # per cent, a gap drawn at the left end
BOUNDS: Final = (
    Shown(name="instance", title="Instance", link="instance"),
    Shown(name="family", title="Family"),
    Shown(name="upper_bp", title="Best portfolio", unit="bp", form=formats.bp,
          hint="tracking error of the best verified objective"),
    Shown(name="lower_bp", title="Certified bound", unit="bp", form=formats.bp,
          hint="no portfolio with the tax and cost of the best tracks closer"),
    Shown(name="gap_bp", title="Gap", unit="bp", form=formats.bp),
    Shown(name="upper", title="Best portfolio", unit="objective",
          form=lambda v: formats.significant(v, 6)),
    Shown(name="lower", title="Certified bound", unit="objective",
          form=lambda v: formats.significant(v, 6)),
    Shown(name="gap", title="Gap", unit="%", form=formats.fine_percent),
    Shown(name="upper_by", title="Portfolio by"),
    Shown(name="lower_by", title="Bound by"),
)  # fmt: skip
CLAIMS: Final = (
    Shown(name="row_id", title="Solve", link="solve"),
    Shown(name="method", title="Method", link="solver"),
    Shown(name="instance", title="Instance", link="instance"),
    Shown(name="outcome", title="Outcome"),
    Shown(name="objective_claimed", title="Objective claimed",
          form=lambda v: formats.significant(v, 8)),
    Shown(name="objective", title="Recomputed",
          form=lambda v: formats.significant(v, 8)),
    Shown(name="bound_claimed", title="Bound claimed",
          form=lambda v: formats.significant(v, 8)),
    Shown(name="best_objective", title="Best verified",
          form=lambda v: formats.significant(v, 8)),
    Shown(name="message", title="Message"),
)  # fmt: skip


def page(scores: "Scores", styles: Mapping[str, Style]) -> Page:  # noqa: ARG001
    """Upper and lower values of every instance, and what was claimed falsely."""
    found = bounds(scores.runs)
    parts: list[Part] = []
    if found["gap"].notna().any():
        parts.append(_chart(found))
    if len(found):
        parts.append(table("Best portfolio and best certified bound", found, BOUNDS))
    else:
        parts.append(Note(text="No instance has a verified portfolio or a certified "
                               "bound in this run."))  # fmt: skip
    return Page(
        anchor="certificates",
        title="Certificates",
        lead="How far can the best portfolio be from the optimum, proven from "
        "multipliers that no solver is trusted for?",
        parts=[*parts, _claims(scores.runs)],
    )


def bounds(runs: "pd.DataFrame") -> "pd.DataFrame":
    """A row per instance that has a verified portfolio or a certified bound."""
    import pandas as pd

    rows = [_of(rows) for _, rows in runs.groupby("instance", sort=True)]
    found = pd.DataFrame(
        [row for row in rows if row["upper"] is not None or row["lower"] is not None],
        columns=[column.name for column in BOUNDS],
    )
    return found.sort_values("gap", ascending=False, na_position="last")


def _of(rows: "pd.DataFrame") -> dict[str, object]:
    first = rows.iloc[0]
    upper = formats.number(first["best_objective"])
    lower = formats.number(first["best_bound"])
    upper_bp = formats.number(first["best_te_bp"])
    lower_bp = formats.number(first["best_bound_te_bp"])
    size = max(abs(upper or 0.0), SIZE)
    room = _less(upper, lower)
    return {
        "instance": first["instance"],
        "family": first["family"],
        "upper_bp": upper_bp,
        "lower_bp": lower_bp,
        "gap_bp": _less(upper_bp, lower_bp),
        "upper": upper,
        "lower": lower,
        "gap": None if room is None else room / size,
        "upper_by": _by(rows[rows["verified"]], "objective", upper),
        "lower_by": _by(rows, "bound", lower),
    }


def _less(high: float | None, low: float | None) -> float | None:
    return None if high is None or low is None else high - low


def _by(rows: "pd.DataFrame", column: str, value: float | None) -> str | None:
    """Method that reached a value, or word that an earlier run did."""
    if value is None:
        return None
    near = rows[np.isclose(rows[column].astype(float), value, rtol=1e-12, atol=0.0)]
    return str(near["method"].iloc[0]) if len(near) else "best known before"


def _chart(found: "pd.DataFrame") -> Chart:
    looks = styled(str(name) for name in found["family"])
    series = []
    for family, rows in found.groupby("family", sort=True):
        gaps = np.sort(100 * rows["gap"].astype(float).clip(lower=0.0).to_numpy())
        gaps = np.maximum(gaps[np.isfinite(gaps)], SMALLEST)
        share = 100 * np.arange(1, len(gaps) + 1) / len(rows)
        series.append(Series(
            name=str(family), style=looks[str(family)], joined="step",
            points=[Point(x=float(g), y=float(s), tip=f"{family}: {s:.0f} % within "
                          f"{formats.significant(g)} %")
                    for g, s in zip(gaps, share, strict=True)],
        ))  # fmt: skip
    reach = [point.x for one in series for point in one.points]
    return Chart(
        title="Instances by certified gap",
        reading="Each curve is a family of instances: the share of them whose best "
        "portfolio is proven to be within that gap of the optimum; the further left "
        f"the better. Gaps below {SMALLEST:g} % are drawn there.",
        drawing=draw(
            "Instances by certified gap",
            series,
            logarithmic("certified gap, % of the objective", reach, floor=SMALLEST),
            Axis(label="instances, %", low=0.0, high=104.0),
        ),
    )


def _claims(runs: "pd.DataFrame") -> Part:
    mismatch = runs["claim_mismatch"].fillna(value=False).astype(bool)
    false = runs[mismatch | runs["outcome"].isin(["wrong_bound", "harness_error"])]
    if not len(false):
        return Note(text="Every claimed objective agrees with the recomputed one, and no "
                         "bound is above a verified portfolio.", tone="good")  # fmt: skip
    return table("Claims that differ from the facts", false, CLAIMS)
