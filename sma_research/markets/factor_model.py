r"""A statistical factor model of daily returns, with what it was made from.

.. math:: r_{ti} = \beta_i^T f_t + e_{ti}

Factors *f* are principal components (or maximum-likelihood factors) of the
standardized returns of all assets with a full history, found from the ``(T, n)`` panel
itself: no n-by-n matrix is formed. Exposures :math:`\beta_i` come from regressions on
each asset's own days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sma_research.arrays import Vector
from sma_research.markets.factor_returns import (
    EstimationSettings,
    factor_returns,
    shrunk_covariance,
)
from sma_research.markets.return_panel import (
    FULL_HISTORY,
    checked_panel,
    full_panel,
    observed_factors,
)
from sma_research.portfolio.checks import require_unique
from sma_research.portfolio.risk import RiskModel

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EstimationSettings",
    "FactorModelEstimate",
    "FactorModelReport",
    "estimate_factor_model",
]

UPPER_QUANTILE = 0.75  # specific risk of an asset without history, in its group


@dataclass(frozen=True, eq=False, kw_only=True)
class FactorModelReport:
    """What a factor model was made from."""

    periods: int  # T
    full_history: int  # assets that the factors were found from
    explained: Vector  # (k,) share of their standardized variance
    shrinkage: float  # of factor correlations towards none, 0 to 1
    observations: "pd.Series"  # (n,) returns of each asset
    regressed: tuple[str, ...]  # history not full, regressed on their own days
    filled: "pd.DataFrame"  # asset, observations, group, members: no usable history
    median_specific_risk: float  # per square root year, before shrinkage


@dataclass(frozen=True, eq=False, kw_only=True)
class FactorModelEstimate:
    """A risk model, its assets in order, and the report."""

    asset: tuple[str, ...]  # (n,)
    risk_model: RiskModel
    factor_returns: "pd.DataFrame"  # (T, k) per period, demeaned
    report: FactorModelReport


def estimate_factor_model(
    returns: "pd.DataFrame",
    *,
    assets: Sequence[str] | None = None,
    groups: Mapping[str, str] | None = None,
    observed: "pd.DataFrame | None" = None,
    settings: EstimationSettings | None = None,
) -> FactorModelEstimate:
    r"""Estimate exposures, factor covariance and specific risk.

    Specific risk is the residual volatility with :math:`T_i - k - 1` degrees of
    freedom, shrunk to the cross-sectional median with the weight of
    ``prior_periods`` days, and floored. An asset with fewer than ``min_history``
    returns, or none, gets the mean exposure of its group and the upper quartile of its
    specific risks, and is listed in the report.

    Parameters
    ----------
    returns
        Periods by assets, simple returns, NaN where there is none.
    assets
        Rows of the model in this order; they may be absent from ``returns``. All
        columns when omitted.
    groups
        Asset to group, such as its sector; whoever has none shares one group.
    observed
        Periods by factors known from outside, such as an index. They come first in
        the model, and ``settings.factors`` more are found beside them.

    Raises
    ------
    DataError
        Too few periods or full histories for the factors, infinite returns, or an
        asset named twice.
    """
    import pandas as pd

    settings = settings or EstimationSettings()
    wanted = tuple(str(a) for a in (returns.columns if assets is None else assets))
    require_unique("assets", wanted)
    panel = checked_panel(returns, settings)
    known = observed_factors(observed, panel, settings)
    found = factor_returns(full_panel(panel, settings), known, settings)
    factors = found.returns
    estimated, count, median = _own_rows(panel, factors, settings)
    rows, filled = _fill(estimated, wanted, groups or {})
    observations = count.reindex(wanted, fill_value=0)
    filled.insert(1, "observations", observations[filled["asset"]].to_numpy())
    model, shrinkage = _risk_model(rows, factors, settings)
    full = count.index[count >= FULL_HISTORY * len(panel)]
    return FactorModelEstimate(
        asset=wanted,
        risk_model=model,
        factor_returns=pd.DataFrame(factors, index=panel.index),
        report=FactorModelReport(
            periods=len(panel),
            full_history=len(full),
            explained=found.explained,
            shrinkage=shrinkage,
            observations=observations,
            regressed=tuple(estimated.index.difference(full)),
            filled=filled,
            median_specific_risk=median,
        ),
    )


def _risk_model(
    rows: Vector, factors: Vector, settings: EstimationSettings
) -> tuple[RiskModel, float]:
    """Risk model of rows ``(n, k + 1)``, and the shrinkage of its correlations."""
    covariance, shrinkage = shrunk_covariance(factors, settings.shrinkage)
    model = RiskModel(
        factor_exposure=rows[:, :-1],
        factor_covariance=covariance * settings.periods_per_year,
        specific_risk=rows[:, -1],
    )
    return model, shrinkage


def _own_rows(
    panel: "pd.DataFrame", factors: Vector, settings: EstimationSettings
) -> tuple["pd.DataFrame", "pd.Series", float]:
    """Exposures and specific risk of assets with enough history, as rows.

    Also the observations of every asset and the median specific risk, to which each
    is shrunk: ``T / (T + prior) s + prior / (T + prior) median``, then floored.
    """
    import pandas as pd

    beta, residual, count = _regress(panel, factors, settings.min_history)
    own = residual * np.sqrt(settings.periods_per_year)
    usable = count >= settings.min_history
    median = float(np.median(own[usable]))
    trust = count / (count + settings.prior_periods)
    risk = np.maximum(trust * own + (1.0 - trust) * median, settings.specific_floor)
    rows = pd.DataFrame(
        np.column_stack([beta, risk])[usable], index=panel.columns[usable]
    )
    return rows, pd.Series(count, index=panel.columns), median


def _regress(
    panel: "pd.DataFrame", factors: Vector, least: int
) -> tuple[Vector, Vector, Vector]:
    """Exposures ``(n, k)``, residual volatility ``(n,)`` per period, observations.

    Least squares with an intercept; assets observed on the same days share one
    factorization.
    """
    values = panel.to_numpy()
    seen = np.isfinite(values)
    count = seen.sum(axis=0)
    n, k = values.shape[1], factors.shape[1]
    beta, residual = np.zeros((n, k)), np.zeros(n)
    design = np.column_stack([np.ones(len(factors)), factors])
    patterns, which = np.unique(seen, axis=1, return_inverse=True)
    which = which.ravel()
    for p in range(patterns.shape[1]):
        days, columns = patterns[:, p], np.flatnonzero(which == p)
        if days.sum() < least:
            continue
        own = values[np.ix_(days, columns)]
        coefficient, *_ = np.linalg.lstsq(design[days], own, rcond=None)
        error = own - design[days] @ coefficient
        beta[columns] = coefficient[1:].T
        freedom = days.sum() - k - 1
        residual[columns] = np.sqrt((error**2).sum(axis=0) / freedom)
    return beta, residual, count.astype(np.float64)


def _fill(
    estimated: "pd.DataFrame", wanted: Sequence[str], groups: Mapping[str, str]
) -> tuple[Vector, "pd.DataFrame"]:
    """Rows ``(n, k + 1)`` in the order wanted, and a list of those filled by group."""
    import pandas as pd

    group = pd.Series([groups.get(a, "") for a in estimated.index], estimated.index)
    rows = estimated.reindex(list(wanted)).to_numpy(copy=True)
    listed = []
    stand_in: dict[str, tuple[Vector, int]] = {}
    for i in np.flatnonzero(np.isnan(rows[:, -1])).tolist():
        name = groups.get(wanted[i], "")
        if name not in stand_in:
            members = estimated[group == name]
            source = members if len(members) else estimated
            typical = source.mean().to_numpy(copy=True)
            typical[-1] = source.iloc[:, -1].quantile(UPPER_QUANTILE)
            stand_in[name] = typical, len(members)
        rows[i], size = stand_in[name]
        listed.append((wanted[i], name, size))
    return rows, pd.DataFrame(listed, columns=["asset", "group", "members"])
