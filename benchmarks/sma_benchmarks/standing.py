r"""The best portfolio and the best bound of every instance, and what contradicts them.

An objective *v* of an account is worth, by the ruler of the best portfolio (objective
:math:`v^*`, tracking error :math:`t^*`, risk aversion :math:`\lambda`), the tracking
error

.. math::

    t(v) = \sqrt{\max(t^{*2} + (v - v^*)/\lambda,\ 0)}

that it would mean with the best portfolio's tax and cost. So a method that tracks closer
by paying more tax than that is worth has a regret, and bounds found beside other
portfolios are compared by one ruler.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from sma_benchmarks.best_known import Known
from sma_benchmarks.judging.room import rooms
from sma_benchmarks.outcome import GROUP, Group, Outcome
from sma_research.arrays import Vector

if TYPE_CHECKING:
    import pandas as pd

PROVES: Final = ("exact", "relaxation")  # formulations whose claimed bounds are bounds
BELOW: Final = "a verified portfolio stands below this bound"


def told_apart(runs: "pd.DataFrame") -> "pd.Series[str]":
    """Names of instances; the suite and the hash are added where one name is not one."""
    name, suite = runs["instance"].astype(str), runs["suite"].fillna("").astype(str)
    many = suite.groupby(name).transform("nunique") > 1
    named = name.where(~many, suite + ": " + name)
    content = runs["instance_hash"].fillna("").astype(str)
    differing = content.groupby(named).transform("nunique") > 1
    return named.where(~differing, named + " #" + content.str[:8])


def stand(
    runs: "pd.DataFrame", reference: "pd.Series[str]", known: Mapping[str, Known]
) -> None:
    """Add ``best_objective``, ``best_te_bp``, ``best_bound`` and ``best_bound_te_bp``.

    Rows whose bound a verified portfolio contradicts become ``wrong_bound`` where it was
    claimed, ``harness_error`` where it is an own certificate.
    """
    by = runs["instance"]
    good = verified(runs)
    value = runs["objective"].where(good)
    runs["best_objective"] = value.groupby(by).transform("min")
    # A path has no objective: there the closest tracking is the best.
    alone = runs["best_objective"].isna() & good
    at_best = runs["te_bp"].where((value <= runs["best_objective"]) | alone)
    runs["best_te_bp"] = at_best.groupby(by).transform("min")
    runs["risk_aversion"] = runs["risk_aversion"].groupby(by).transform("first")
    for name, entry in known.items():
        mine = (reference == name) & (runs["instance_hash"] == entry.instance_hash)
        if entry.incumbent is not None:
            worse = mine & ~(runs["best_objective"] <= entry.incumbent.value)
            runs.loc[worse, "best_objective"] = entry.incumbent.value
            if entry.incumbent.te_bp is not None:
                runs.loc[worse, "best_te_bp"] = entry.incumbent.te_bp
    slack = _bounded(runs, reference, known)
    lies = runs["exactness"].isin(PROVES) & (runs["bound_claimed"] > limit(runs, slack))
    runs.loc[lies, "outcome"] = str(Outcome.WRONG_BOUND)
    broken = runs["bound"] > limit(runs, runs["bound_room"])
    runs.loc[broken, "outcome"] = str(Outcome.HARNESS_ERROR)
    runs.loc[lies | broken, "message"] = BELOW
    runs["best_bound_te_bp"] = in_bp(runs, runs["best_bound"])


def _bounded(
    runs: "pd.DataFrame", reference: "pd.Series[str]", known: Mapping[str, Known]
) -> "pd.Series[float]":
    """Add the best bound that no portfolio contradicts; return its slack."""
    by = runs["instance"]
    beyond = runs["bound"] > limit(runs, runs["bound_room"])
    sound = runs["bound"].where(~beyond)
    runs["best_bound"] = sound.groupby(by).transform("max")
    slack = runs["bound_room"].where(sound >= runs["best_bound"])
    slack = slack.groupby(by).transform("max")
    for name, entry in known.items():
        if entry.bound is None:
            continue
        mine = (reference == name) & (runs["instance_hash"] == entry.instance_hash)
        near = ~(entry.bound.value > limit(runs, slack * 0.0 + entry.bound.room))
        higher = mine & near & ~(runs["best_bound"] >= entry.bound.value)
        runs.loc[higher, "best_bound"] = entry.bound.value
        slack = slack.mask(higher, entry.bound.room)
    return slack


def limit(runs: "pd.DataFrame", slack: "pd.Series[float]") -> "pd.Series[float]":
    """The most that a bound may be: the best objective and the room above it."""
    best = runs["best_objective"]
    room = rooms(_floats(best), _floats(runs["risk_aversion"]), _floats(slack))
    return best + room


def in_bp(runs: "pd.DataFrame", value: "pd.Series[float]") -> "pd.Series[float]":
    """Objectives as tracking error in bp, by the ruler of each row's best portfolio."""
    more = (value - runs["best_objective"]) / runs["risk_aversion"]
    square = (runs["best_te_bp"] / 1e4) ** 2 + more
    return 1e4 * square.clip(lower=0.0) ** 0.5


def regret_bp(runs: "pd.DataFrame") -> "pd.Series[float]":
    """Objective above the best in bp of tracking error; of a path, its tracking error."""
    good = verified(runs)
    by_objective = in_bp(runs, runs["objective"]) - runs["best_te_bp"]
    by_tracking = runs["te_bp"] - runs["best_te_bp"]
    path = runs["objective"].isna() & runs["best_objective"].isna()
    return by_objective.where(~path, by_tracking).where(good)


def verified(runs: "pd.DataFrame") -> "pd.Series[bool]":
    """Rows with an answer that the referee stands behind."""
    good = runs["outcome"].map(lambda name: GROUP[Outcome(name)] is Group.VERIFIED)
    return good.astype(bool)


def _floats(values: "pd.Series[float]") -> Vector:
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), np.float64)
