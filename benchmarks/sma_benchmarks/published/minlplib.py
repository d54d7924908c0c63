"""Portfolio instances of MINLPLib, https://www.minlplib.org, as programs.

Instances are JSON: ``variables`` by number (number 0 is the objective), ``linear``,
``quadratic`` and ``sqrt_constraints``, each with ``sense`` and ``rhs``. Sources: Vielma,
Ahmed, Nemhauser, INFORMS J. Comput. 20 (2008); Bonami and Lejeune, Oper. Res. 57 (2009).
"""

import gzip
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sma_benchmarks.published.case import Published
from sma_benchmarks.published.reading import read

FOLDER: Final = "minlplib_portfolio"
DIGITS: Final = 7  # of the best known values
# The one continuous instance, absent from the list of best known values:
CONTINUOUS: Final = {"meanvar": {"primal": 5.243399, "dual": 5.243399}}


def minlplib(folder: Path) -> Iterator[Published]:
    """Every instance of the folder, by name."""
    base = folder / FOLDER
    known = json.loads((base / "best_known_bounds.json").read_text())
    for path in sorted(base.glob("*.json.gz")):
        name = path.name.removesuffix(".json.gz")
        with gzip.open(path, "rt") as file:
            instance = json.load(file)
        yield published(name, instance, {**CONTINUOUS, **known}[name])


def published(
    name: str, instance: Mapping[str, Any], known: Mapping[str, float]
) -> Published:
    """One instance, its objective scaled to be near one.

    Raises
    ------
    DataError
        A constraint that no convex program states.
    """
    size = 10.0 ** -math.floor(math.log10(abs(known["primal"])))
    structure, parameters = read(instance, size).program()
    half = 0.5 * 10.0 ** (1 - DIGITS)  # of a number between one and ten
    return Published(
        name=name,
        family="minlplib",
        structure=structure,
        parameters=parameters,
        lower=size * known["dual"] - half,
        upper=size * known["primal"] + half,
    )
