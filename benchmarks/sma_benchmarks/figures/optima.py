"""Published optima: no bound above, no answer below, and how close the answers are."""

import os
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from sma_benchmarks.figures.figure import Figure, middle
from sma_benchmarks.published import (
    Comparison,
    cesarone,
    compare,
    minimum_buy_in,
    minlplib,
)

NAMES: Final = range(2, 11)
ROWS: Final = (0, 50, 100, 150, 199)
STRICT: Final = 1e-6  # relative


def data_folder() -> Path:
    """Where the published instances lie."""
    return Path(os.environ.get("SMA_DATA", "../shared/data"))


def optima() -> Sequence[Figure]:
    """Every family by Clarabel: perspective relaxation, rounding, polish."""
    folder = data_folder()
    if not folder.is_dir():
        return (_absent(folder),)
    frontier = (cesarone(folder, names, row) for names in NAMES for row in ROWS)
    cases = chain(frontier, minimum_buy_in(folder), minlplib(folder))
    return tuple(_families([compare(case) for case in cases]))


def _families(found: Sequence[Comparison]) -> Iterator[Figure]:
    for family in dict.fromkeys(c.family for c in found):
        own = [c for c in found if c.family == family]
        gaps = [c.gap for c in own if c.gap is not None]
        bound = max(c.bound_excess for c in own)
        answer = max(c.answer_excess for c in own)
        none = len(own) - len(gaps)
        yield Figure(
            name="optima",
            what=f"{family}: {len(own)} instances ({none} without an answer), median "
            f"gap {100 * middle(gaps):.3g} %: bound above, answer below the optimum",
            asked=f"<= {STRICT:g} relative",
            measured=f"{bound:.2g}, {answer:.2g}",
            met=bool(np.all([c.honest(STRICT) for c in own])),
        )


def _absent(folder: Path) -> Figure:
    return Figure(
        name="optima",
        what=f"no instances at {folder}; set SMA_DATA to their folder",
        asked=f"<= {STRICT:g} relative",
        measured="nothing",
        met=None,
    )
