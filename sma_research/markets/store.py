"""A market as a folder: Parquet tables and one ``market.toml`` that a person can read.

``market.toml`` names every table with its SHA-256. Tables carry a part of that hash in
their name, so a new market can be written beside the old one; the folder changes in
the one instant in which ``market.toml`` is replaced, and what it no longer names is
removed. A table that was cut, edited or swapped is refused when read.
"""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sma_research.arrays import Vector
from sma_research.errors import DataError
from sma_research.markets.frames import (
    RISK_TABLES,
    benchmark_frame,
    benchmarks_from,
    look_through_frames,
    look_through_from,
    risk_frames,
    risk_from,
    universe_frames,
    universe_from,
)
from sma_research.markets.toml import dump
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.look_through import LookThrough
from sma_research.portfolio.universe import Universe

if TYPE_CHECKING:
    import pandas as pd

MANIFEST: Final = "market.toml"
FORMAT: Final = 1


@dataclass(frozen=True, eq=False, kw_only=True)
class PartialMarket:
    """A market whose risk is not known yet: all else of one date."""

    as_of: date
    universe: Universe
    benchmarks: Mapping[str, Vector]  # name -> (n,) weights, sum to one
    look_through: LookThrough | None = None
    notes: tuple[str, ...] = ()  # where it comes from, what was dropped


def save_market(market: Market, folder: Path, *, notes: tuple[str, ...] = ()) -> None:
    """Write a market; what was in the folder before stays until all is written.

    Raises
    ------
    DataError
        A folder that holds other files but no market, or that cannot be written.
    """
    tables = _tables(market) | risk_frames(market.risk_model)
    _write(Path(folder), _facts(market.as_of, market.universe, notes), tables)


def save_partial(partial: PartialMarket, folder: Path) -> None:
    """Write a market without its risk model; refusals as in `save_market`."""
    facts = _facts(partial.as_of, partial.universe, partial.notes)
    _write(Path(folder), facts, _tables(partial))


def load_market(folder: Path) -> Market:
    """Read a market, exactly as it was saved.

    Raises
    ------
    DataError
        A folder without ``market.toml``, a table that is missing or is not the one
        that was written, or a market that has no risk model yet.
    """
    folder = Path(folder)
    facts = _read_manifest(folder)
    missing = [name for name in RISK_TABLES if name not in facts["tables"]]
    if missing:
        raise DataError(
            f"{folder} has no risk model yet; import prices or factors into it first"
        )
    partial = _partial(folder, facts)
    tables = {name: _read_table(folder, facts, name) for name in RISK_TABLES}
    return Market(
        as_of=partial.as_of,
        universe=partial.universe,
        risk_model=risk_from(tables),
        benchmarks=partial.benchmarks,
        look_through=partial.look_through,
    )


def load_partial(folder: Path) -> PartialMarket:
    """Read universe and benchmarks of a folder, with or without a risk model."""
    folder = Path(folder)
    return _partial(folder, _read_manifest(folder))


def _partial(folder: Path, facts: dict[str, Any]) -> PartialMarket:
    frame = _read_table(folder, facts, "universe")
    tags = _read_table(folder, facts, "tags")
    universe = universe_from(frame, tags, facts["tag_names"])
    funds = None
    if "funds" in facts["tables"]:
        listed = _read_table(folder, facts, "funds")
        baskets = _read_table(folder, facts, "constituents")
        funds = look_through_from(listed, baskets, universe)
    return PartialMarket(
        as_of=facts["as_of"],
        universe=universe,
        benchmarks=benchmarks_from(_read_table(folder, facts, "benchmarks")),
        look_through=funds,
        notes=tuple(facts["notes"]),
    )


def _tables(market: Market | PartialMarket) -> dict[str, "pd.DataFrame"]:
    return {
        **universe_frames(market.universe),
        "benchmarks": benchmark_frame(market.benchmarks),
        **look_through_frames(market.look_through, market.universe),
    }


def _facts(as_of: date, universe: Universe, notes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "as_of": as_of,
        "assets": universe.size,
        "tag_names": list(universe.tags),
        "notes": list(notes),
    }


def _write(
    folder: Path, facts: dict[str, Any], tables: Mapping[str, "pd.DataFrame"]
) -> None:
    """Write tables first, the manifest last, then remove what it replaced."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = _named(folder)
        named = {}
        for name, frame in tables.items():
            buffer = BytesIO()
            frame.to_parquet(buffer, index=False, compression="zstd")
            content = buffer.getvalue()
            digest = hashlib.sha256(content).hexdigest()
            file = f"{name}-{digest[:8]}.parquet"
            _replace(folder / file, content)
            named[name] = {"file": file, "rows": len(frame), "sha256": digest}
        _replace(folder / MANIFEST, dump({**facts, "tables": named}).encode())
        for stale in before - {entry["file"] for entry in named.values()}:
            (folder / stale).unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{folder} cannot be written: {error}") from error


def _named(folder: Path) -> set[str]:
    """Tables of the market that stands in a folder, refusing a folder of other use."""
    if (folder / MANIFEST).is_file():
        tables = _read_manifest(folder)["tables"]
        return {_file(folder, tables, name).name for name in tables}
    others = sorted(path.name for path in folder.iterdir())
    if [name for name in others if not name.endswith((".parquet", ".partial"))]:
        raise DataError(
            f"{folder} holds {others[0]} and no {MANIFEST}, expected an empty folder "
            "or a market"
        )
    return set()


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(path.name + ".partial")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError(f"{folder} has no {MANIFEST}, expected the folder of a market")
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is damaged: {error}") from error
    if facts.get("format") != FORMAT:
        raise DataError(f"{path}: format is {facts.get('format')!r}, expected {FORMAT}")
    expected = {"as_of": date, "tag_names": list, "notes": list, "tables": dict}
    for name, kind in expected.items():
        if not isinstance(facts.get(name), kind):
            raise DataError(
                f"{path}: {name} is {facts.get(name)!r}, expected a {kind.__name__}"
            )
    return facts


def _file(folder: Path, tables: dict[str, Any], name: str) -> Path:
    """Path of a table that the manifest names, always inside the folder."""
    entry = tables.get(name)
    if not isinstance(entry, dict) or not {"file", "sha256"} <= set(entry):
        raise DataError(
            f"{folder / MANIFEST} names no table {name!r} with file, sha256"
        )
    return folder / Path(str(entry["file"])).name


def _read_table(folder: Path, facts: dict[str, Any], name: str) -> "pd.DataFrame":
    """Read a table whose bytes are those that were written."""
    import pandas as pd

    entry = facts["tables"].get(name)
    if not isinstance(entry, dict) or not {"file", "sha256"} <= set(entry):
        raise DataError(
            f"{folder / MANIFEST} names no table {name!r} with file, sha256"
        )
    path = folder / Path(str(entry["file"])).name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} is not there, though {MANIFEST} names it") from error
    if hashlib.sha256(content).hexdigest() != facts["tables"][name]["sha256"]:
        raise DataError(
            f"{path} is {len(content)} bytes that are not the ones written (SHA-256 "
            f"differs from {MANIFEST}); import the market again"
        )
    return pd.read_parquet(BytesIO(content))
