"""Tags of a universe, from a table or from its sectors."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from sma_research.arrays import Mask
from sma_research.errors import DataError
from sma_research.markets.tables import labels, read_table, require_column
from sma_research.portfolio.universe import Universe


def with_tags(universe: Universe, path: Path | None) -> tuple[Universe, str]:
    """Universe with tags of a table (asset, tag), or of its sectors; and a note."""
    if path is None:
        names = {sector: _as_tag(sector) for sector in dict.fromkeys(universe.sector)}
        tags = {tag: universe.in_sector(sector) for sector, tag in names.items()}
        return _tagged(universe, tags), "tags are the sectors, no table of tags given"
    frame = read_table(path)
    asset = labels(
        frame[require_column(frame, ("asset", "ticker", "symbol"), path)], path
    )
    tag = labels(frame[require_column(frame, ("tag",), path)], path)
    known = asset.isin(list(universe.position))
    if not known.any():
        raise DataError(f"{path} tags no asset of the market, expected its identifiers")
    held = np.array(universe.asset, dtype=object)
    tags = {
        name: np.isin(held, asset[tag == name].to_numpy(dtype=object))
        for name in sorted(set(tag))
    }
    said = f"tags from {Path(path).name}, {int((~known).sum())} rows of other assets"
    return _tagged(universe, tags), said


def _tagged(universe: Universe, tags: Mapping[str, Mask]) -> Universe:
    return replace(universe, tags=tags)


def _as_tag(sector: str) -> str:
    return "_".join(sector.lower().replace("&", "and").split())
