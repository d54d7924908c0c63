"""Measure the figures, one thread: ``python -m sma_benchmarks.figures``.

``--only NAME`` measures one of gap, agreement, second-account, memory, exact, optima,
tax-aware, taxrebalance, sides; ``--json FILE`` writes them down too.
"""

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from sma_benchmarks.figures.figure import Figure

MEASURES: Final[Mapping[str, tuple[str, str]]] = {  # name -> module, function
    "gap": ("accounts", "gap"),
    "agreement": ("accounts", "agreement"),
    "second-account": ("accounts", "second_account"),
    "memory": ("accounts", "memory"),
    "exact": ("exact", "exact"),
    "optima": ("optima", "optima"),
    "tax-aware": ("taxes", "tax_aware"),
    "taxrebalance": ("taxes", "tax_rebalance"),
    "sides": ("sides", "sides"),
}
# Libraries read their number of threads when they are loaded.
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
VERDICT: Final = {True: "yes", False: "NO", None: "-"}


def main() -> int:
    """Measure, print, and return 1 if a figure is not met."""
    parser = argparse.ArgumentParser(prog="python -m sma_benchmarks.figures")
    parser.add_argument("--only", choices=tuple(MEASURES), help="measure one figure")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write them here too")
    asked = parser.parse_args()
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    names = [asked.only] if asked.only else list(MEASURES)
    found = [figure for name in names for figure in measure(name)]
    Console().print(table(found))
    if asked.json:
        asked.json.write_text(json.dumps([asdict(f) for f in found], indent=1) + "\n")
    return int(any(figure.met is False for figure in found))


def measure(name: str) -> "Sequence[Figure]":
    """The figures of one name."""
    module, function = MEASURES[name]
    home = import_module(f"sma_benchmarks.figures.{module}")
    return cast("Callable[[], Sequence[Figure]]", getattr(home, function))()


def table(figures: "Sequence[Figure]") -> Table:
    """Asked beside measured."""
    out = Table(title="Figures, one thread")
    for column in ("figure", "what", "asked", "measured", "met"):
        out.add_column(column)
    for f in figures:
        cells = (f.name, f.what, f.asked, f.measured, VERDICT[f.met])
        out.add_row(*map(escape, cells))
    return out


if __name__ == "__main__":
    raise SystemExit(main())
