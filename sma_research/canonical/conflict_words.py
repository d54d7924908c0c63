"""Broken limits in the client's words: how much in all, and what it is about.

Of what a limit is about, the largest parts are named; windows say until when.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np

from sma_research.arrays import Index, Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.portfolio.windows import barred_purchase, barred_sale

LEAST: Final = 1e-6  # percent of account value, or names
NAMED: Final = 3  # parts of one broken limit
USER: Final = "user"  # rows that a person added to the account's model
WINDOWS: Final = ("sales", "purchases")  # they come first: why others cannot hold
WORDS: Final[Mapping[str, str]] = {
    "sales": "lots that may not be sold would be, {:.4g} % of the account in all",
    "purchases": "what was lately sold at a loss would be bought, {:.4g} % of the account",
    "weights": "weights would pass their limits by {:.4g} % of the account in all",
    "floors": "weights would miss their lower bounds by {:.4g} % of the account in all",
    "max_cash": "cash would pass max_cash by {:.4g} % of the account",
    "min_cash": "cash would miss min_cash by {:.4g} % of the account",
    "look_through_limit": "restricted names inside funds would pass their limit by {:.4g} %",
    "names": "the number of names would miss its limits by {:.4g}",
    "turnover": "one-way turnover would pass max_turnover by {:.4g} % of the account",
    "sector_bands": "sector bands would be missed by {:.4g} % of the account in all",
    "factor_bands": "factor bands would be missed by {:.4g} in all",
    "gain_limits": "gains and losses would miss their limits by {:.4g} % in all",
    "tax_budget": "tax would pass tax_budget by {:.4g} % of the account",
    "equivalents": "equivalents would miss their weights by {:.4g} % of the account",
    USER: "the constraints added to the model would be missed by {:.4g} in all",
}
UNITLESS: Final = "factor_bands"


def in_words(program: Program, name: str, item: Index, amount: Vector) -> str:
    """One sentence about a limit that is broken by an amount ``(j,)`` for each item.

    Items are lots of sales, assets of weights, floors and purchases; of rows, their
    numbers where the lower side is missed, then those where the upper side is passed.
    """
    total = float(amount.sum())
    sentence = WORDS[name].format(0.5 * total if name == "turnover" else total)
    label = LABELS.get(name)
    if label is None:
        return sentence
    largest = np.argsort(-amount, kind="stable")
    broken = [int(k) for k in largest if amount[k] > LEAST]
    found = [(label(program, int(item[k])), float(amount[k])) for k in broken]
    parts = [f"{words} {size:.4g}{_unit(name)}" for words, size in found if words]
    if not parts:
        return sentence
    if len(parts) > NAMED:
        parts[NAMED:] = [f"and {len(parts) - NAMED} more"]
    return f"{sentence}: {', '.join(parts)}"


def _asset(program: Program, asset: int) -> str:
    return program.problem.market.universe.asset[asset]


def _held(program: Program, asset: int) -> str:
    """An asset whose holding passes its limit; of the others no choice means anything."""
    problem = program.problem
    passes = problem.held[asset] > problem.weight_upper[asset]
    return _asset(program, asset) if passes else ""


def _row_side(name: str, program: Program, item: int) -> str:
    """The side of a row that is broken, with the number it asks for."""
    rows, d = program.structure.rows[name], program.parameters
    count = rows.stop - rows.start
    missed, k = item < count, item % count
    bound = (d.row_lower if missed else d.row_upper)[rows.start + k]
    what = NAMES[name](program)[k]
    harvest = PERCENT * program.problem.account.mandate.min_harvest
    if missed and what == "total_loss" and bound == harvest:
        what = "min_harvest"
    asked = f"{bound:.4g}{_unit(name)}"
    return f"{what} would {'miss' if missed else 'pass'} {asked} by"


def _unit(name: str) -> str:
    return "" if name == UNITLESS else " %"


def _equivalents(program: Program) -> list[str]:
    chosen = program.layout.shape.equivalents
    asset = program.problem.market.universe.asset
    return [" + ".join(asset[i] for i in group) for group in chosen]


NAMES: Final[Mapping[str, Callable[[Program], Sequence[str]]]] = {
    "gain_limits": lambda program: program.layout.shape.gains,
    "sector_bands": lambda program: program.layout.shape.sectors,
    "factor_bands": lambda program: [
        f"factor {k}" for k in program.layout.shape.factors
    ],
    "equivalents": _equivalents,
}
LABELS: Final[Mapping[str, Callable[[Program, int], str]]] = {
    "sales": lambda program, lot: barred_sale(program.problem, lot),
    "purchases": lambda program, asset: barred_purchase(program.problem, asset),
    "weights": _held,
    "floors": _asset,
    **{name: partial(_row_side, name) for name in NAMES},
}
