"""The panel of returns that a factor model is estimated from, checked and completed."""

from typing import TYPE_CHECKING

import numpy as np

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.factor_returns import EstimationSettings
from sma_research.portfolio.checks import require_unique

if TYPE_CHECKING:
    import pandas as pd

FULL_HISTORY = 0.98  # share of days that makes a history full


def checked_panel(
    returns: "pd.DataFrame", settings: EstimationSettings
) -> "pd.DataFrame":
    """Checked copy of the panel with text labels, columns sorted."""
    panel = returns.astype(np.float64)
    panel.columns = panel.columns.astype(str)
    require_unique("asset of the returns", list(panel.columns))
    if np.isinf(panel.to_numpy()).any():
        raise DataError("returns hold an infinite value, expected numbers or NaN")
    if len(panel) < settings.min_history:
        raise DataError(
            f"returns of {len(panel)} periods, expected at least "
            f"{settings.min_history} (min_history)"
        )
    # sorted, so that the order of the file does not reach the arithmetic
    return panel.sort_index(axis=1)


def observed_factors(
    observed: "pd.DataFrame | None",
    panel: "pd.DataFrame",
    settings: EstimationSettings,
) -> Vector:
    """Observed factor returns ``(T, j)`` on the days of the panel."""
    if observed is None:
        return np.zeros((len(panel), 0))
    if settings.min_history < settings.factors + observed.shape[1] + 3:
        raise DataError(
            f"min_history is {settings.min_history}, expected at least "
            f"{settings.factors + observed.shape[1] + 3}, more than all factors"
        )
    known = observed.reindex(panel.index).to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(known).all(axis=1))
    if bad.size:
        raise DataError(
            f"observed factors have no number on {str(panel.index[int(bad[0])])[:10]}, "
            "expected one each on every day of the returns"
        )
    return known


def full_panel(panel: "pd.DataFrame", settings: EstimationSettings) -> Vector:
    """Returns ``(T, f)`` of full histories; a missing one is the day's mean."""
    values = panel.to_numpy()
    full = values[:, np.isfinite(values).sum(axis=0) >= FULL_HISTORY * len(panel)]
    full = full[:, np.nanstd(full, axis=0) > 0] if full.size else full
    most = min(full.shape[0] - 1, full.shape[1])
    if settings.factors > most:
        raise DataError(
            f"{settings.factors} factors from {len(panel)} periods and {full.shape[1]} "
            f"assets with full history, expected at most {most}; ask for fewer, or "
            "cut the panel to a period that more assets cover"
        )
    missing = np.isnan(full)
    day = np.where(missing, 0.0, full).sum(axis=1) / np.maximum(
        (~missing).sum(axis=1), 1
    )
    filled: Vector = np.where(missing, day[:, None], full)
    return filled
