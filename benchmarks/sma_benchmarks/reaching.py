"""When a solve came near the best bound of its instance, by anybody.

Claims on the way count as the referee left them (see `judging.anytime`), unless the
comparison of all rows contradicts one: an incumbent below the best certified bound was
never there, and the solve's claims no longer count; a bound above the best verified
portfolio is a wrong bound.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.judging.anytime import TARGETS
from sma_benchmarks.judging.room import rooms
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.standing import BELOW, in_bp, limit, verified

if TYPE_CHECKING:
    import pandas as pd

ABOVE: Final = "above_bound_bp"
VOID: Final = "an incumbent on the way is below a certified bound: none of them counts"


def heard(runs: "pd.DataFrame", events: "pd.DataFrame") -> "pd.DataFrame":
    """The events that nobody's facts contradict, with `ABOVE`; rows are flagged.

    `ABOVE` is how far an objective is above the best bound, in bp of tracking error by
    the ruler of the best portfolio.
    """
    row = runs.drop_duplicates("row_id").set_index("row_id")
    of = row.reindex(events["row_id"]).set_axis(events.index)
    claimed = ~events["verified"].fillna(value=False).astype(bool)
    value, incumbent = events["value"], events["kind"] == "incumbent"
    lies = claimed & ~incumbent & (value > limit(of, of["bound_room"]))
    room = rooms(*(
        of[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("best_bound", "risk_aversion", "bound_room")
    ))  # fmt: skip
    never = claimed & incumbent & (value < of["best_bound"] - room)
    lied = runs["row_id"].isin(events["row_id"][lies])
    void = runs["row_id"].isin(events["row_id"][never])
    runs.loc[lied, "outcome"] = str(Outcome.WRONG_BOUND)
    runs.loc[lied, "message"] = BELOW
    runs.loc[void & ~lied, "message"] = VOID
    gone = claimed & events["row_id"].isin(runs["row_id"][lied | void])
    above = in_bp(of, value) - of["best_bound_te_bp"]
    return events.assign(**{ABOVE: above.where(incumbent)})[~gone]


def timed(runs: "pd.DataFrame", events: "pd.DataFrame") -> None:
    """Set the seconds until each of `TARGETS`; null where it was not reached."""
    import pandas as pd

    ends = runs[verified(runs)]
    last = pd.DataFrame({
        "row_id": ends["row_id"], "elapsed_s": ends["wall_s"],
        ABOVE: in_bp(ends, ends["objective"]) - ends["best_bound_te_bp"],
    })  # fmt: skip
    way = events[events["row_id"].isin(ends["row_id"])][list(last.columns)]
    path = pd.concat([part for part in (way, last) if len(part)] or [last])
    for name, distance in TARGETS.items():
        near = path[path[ABOVE] <= distance]
        first = near.groupby("row_id")["elapsed_s"].min()
        runs[name] = runs["row_id"].map(first).astype(float)
