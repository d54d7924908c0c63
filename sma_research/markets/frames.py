"""The parts of a market as frames and back, nothing lost."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import coo_array

from sma_research.arrays import Vector, frozen_vector
from sma_research.errors import DataError
from sma_research.portfolio.look_through import LookThrough
from sma_research.portfolio.risk import RiskModel
from sma_research.portfolio.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

RISK_TABLES: Final = ("factor_exposure", "factor_covariance", "specific_risk")
OPTIONAL: Final = ("identical", "adv", "spread")


def universe_frames(universe: Universe) -> dict[str, "pd.DataFrame"]:
    """Frames ``universe`` (one row per asset) and ``tags`` (one per asset and tag)."""
    import pandas as pd

    columns = ["asset", "price", "sector", "industry", "kind"]
    columns += [name for name in OPTIONAL if getattr(universe, name) is not None]
    asset = np.array(universe.asset, dtype=object)
    pairs = [
        (name, tag)
        for tag, mask in universe.tags.items()
        for name in asset[np.asarray(mask)]
    ]
    return {
        "universe": pd.DataFrame({c: list(getattr(universe, c)) for c in columns}),
        "tags": pd.DataFrame(pairs, columns=["asset", "tag"], dtype=str),
    }


def universe_from(
    frame: "pd.DataFrame", tags: "pd.DataFrame", tag_names: Sequence[str]
) -> Universe:
    """Rebuild the universe from its frames; a tag may have no asset."""
    assets = frame["asset"].tolist()
    given = {tag: set(part["asset"]) for tag, part in tags.groupby("tag")}
    return Universe(
        asset=assets,
        price=frame["price"].to_numpy(),
        sector=frame["sector"].tolist(),
        industry=frame["industry"].tolist(),
        kind=frame["kind"].tolist(),
        identical=frame["identical"].tolist() if "identical" in frame else None,
        tags={
            tag: np.array([asset in given.get(tag, ()) for asset in assets])
            for tag in tag_names
        },
        adv=frame["adv"].to_numpy() if "adv" in frame else None,
        spread=frame["spread"].to_numpy() if "spread" in frame else None,
    )


def benchmark_frame(benchmarks: Mapping[str, ArrayLike]) -> "pd.DataFrame":
    """One column of weights per benchmark, rows in the order of the universe."""
    import pandas as pd

    return pd.DataFrame({name: np.asarray(b) for name, b in benchmarks.items()})


def benchmarks_from(frame: "pd.DataFrame") -> dict[str, Vector]:
    """Rebuild the benchmarks from their frame."""
    return {str(name): frozen_vector(frame[name].to_numpy()) for name in frame.columns}


def risk_frames(model: RiskModel) -> dict[str, "pd.DataFrame"]:
    """Frames of the factor model, rows in the order of the universe."""
    import pandas as pd

    factors = [f"factor_{j + 1}" for j in range(model.factors)]
    return {
        "factor_exposure": pd.DataFrame(model.X, columns=factors),
        "factor_covariance": pd.DataFrame(model.F, columns=factors),
        "specific_risk": pd.DataFrame({"specific_risk": model.s}),
    }


def risk_from(tables: Mapping[str, "pd.DataFrame"]) -> RiskModel:
    """Rebuild the factor model from its frames."""
    return RiskModel(
        factor_exposure=tables["factor_exposure"].to_numpy(),
        factor_covariance=tables["factor_covariance"].to_numpy(),
        specific_risk=tables["specific_risk"]["specific_risk"].to_numpy(),
    )


def look_through_frames(
    look_through: LookThrough | None, universe: Universe
) -> dict[str, "pd.DataFrame"]:
    """Frames ``funds`` and ``constituents`` (fund, asset, weight), or none."""
    import pandas as pd

    if look_through is None:
        return {}
    basket = look_through.baskets.tocoo()
    fund = np.array(look_through.fund, dtype=object)
    asset = np.array(universe.asset, dtype=object)
    return {
        "funds": pd.DataFrame(
            {
                "fund": fund.astype(str),
                "residual_risk": np.asarray(look_through.residual_risk),
            }
        ),
        "constituents": pd.DataFrame(
            {
                "fund": pd.Series(fund[basket.row], dtype=str),
                "asset": pd.Series(asset[basket.col], dtype=str),
                "weight": basket.data,
            }
        ),
    }


def look_through_from(
    funds: "pd.DataFrame", constituents: "pd.DataFrame", universe: Universe
) -> LookThrough:
    """Rebuild the baskets from their frames, refusing a fund that is not listed."""
    names = [str(name) for name in funds["fund"]]
    row = {name: i for i, name in enumerate(names)}
    stray = set(constituents["fund"]) - set(row)
    if stray:
        raise DataError(
            f"constituents name the fund {min(stray)!r}, which is not listed"
        )
    i = constituents["fund"].map(row).to_numpy(dtype=np.intp)
    j = universe.positions("constituents", constituents["asset"].tolist())
    shape = (len(names), universe.size)
    return LookThrough(
        fund=names,
        constituents=coo_array(
            (constituents["weight"].to_numpy(), (i, j)), shape=shape
        ),
        residual_risk=funds["residual_risk"].to_numpy(),
    )
