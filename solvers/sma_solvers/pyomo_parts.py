"""Single parts of a Pyomo model: read as numbers, or refused in one line."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyomo.environ as pyo
from pyomo.repn import generate_standard_repn

from sma_research.arrays import Mask
from sma_research.errors import DataError, UnsupportedProgram
from sma_research.program.form import Parameters
from sma_solvers.pyomo_model import Statement
from sma_solvers.pyomo_names import Pyomo

KINDS: Final = frozenset(
    {
        pyo.Var, pyo.Constraint, pyo.Objective, pyo.Block, pyo.Expression,
        pyo.Param, pyo.Set, pyo.RangeSet, pyo.Suffix,
    }
)  # fmt: skip
STEPS: Final = {0: False, 1: True}  # step of a Pyomo domain -> integral


def read_bounds(variable: Pyomo) -> tuple[float, float]:
    """Bounds of a variable, narrowed by its domain; its value where it is fixed."""
    if variable.fixed and variable.value is None:
        raise DataError(
            f"variable {variable.name!r} is fixed without a value; "
            "give one: variable.fix(0)"
        )
    if variable.fixed:
        return float(variable.value), float(variable.value)
    return _sides(variable)


def read_integer(variable: Pyomo) -> bool:
    """Whether a variable is integral."""
    interval = variable.domain.get_interval()
    if interval is None or interval[2] not in STEPS:
        raise UnsupportedProgram(
            f"variable {variable.name!r} has domain {variable.domain.name}, "
            "expected Reals, Integers or Binary"
        )
    return STEPS[interval[2]]


def read_terms(
    constraint: Pyomo, position: Mapping[int, int]
) -> tuple[dict[int, float], tuple[float, float]]:
    """Coefficients by column, and sides, of one linear constraint."""
    body = generate_standard_repn(constraint.body, quadratic=False)
    if not body.is_linear():
        raise UnsupportedProgram(
            f"constraint {constraint.name!r} is not linear, expected a linear one; "
            "restate it, or fix the variables it multiplies"
        )
    strange = next((v for v in body.linear_vars if id(v) not in position), None)
    if strange is not None:
        raise DataError(
            f"constraint {constraint.name!r} uses {strange.name!r}, which is no "
            "variable of the model; add it to the model"
        )
    index = [position[id(v)] for v in body.linear_vars]
    values = [float(pyo.value(c)) for c in body.linear_coefs]
    lower, upper = _sides(constraint)
    constant = float(pyo.value(body.constant))
    terms = dict(zip(index, values, strict=True))
    return terms, (lower - constant, upper - constant)


def read_sides(
    i: int, said: Statement, d: Parameters, live: Mapping[int, Pyomo]
) -> tuple[float, float]:
    """Sides of the model's own row ``i``; infinite where it is switched off."""
    row = said.rows[i]
    is_live = id(row) in live
    sides = _sides(row) if is_live else (-np.inf, np.inf)
    was = float(d.row_lower[i]), float(d.row_upper[i])
    free = not np.isfinite(was).any()
    for side, limit, old in zip(
        sides, (said.row_lower[i], said.row_upper[i]), was, strict=True
    ):
        if limit.value not in (old, side) and (is_live or free):
            raise DataError(
                f"{limit.name} is {limit.value}, but {row.name} has no such side; "
                f"restate it: constraint.set_value((lower, constraint.body, upper))"
            )
    return sides


def read_caps(said: Statement, live: Mapping[int, Pyomo]) -> list[float]:
    """Limits of the model's caps; infinite where one is switched off."""
    return [_sides(c)[1] if id(c) in live else np.inf for c in said.caps]


def pairs_kept(said: Statement, live: Mapping[int, Pyomo]) -> Mask:
    """On/off pairs that still stand ``(c,)``."""
    on = np.array([id(c) in live for c in said.switches], dtype=np.bool_)
    lower, upper = on.reshape(2, -1)
    if (lower != upper).any():
        i = int((lower != upper).argmax())
        raise UnsupportedProgram(
            f"one half of on/off pair {i} is deactivated, expected both or none; "
            f"deactivate {said.switches[i].name} and its other half"
        )
    return lower


def refuse_unread(model: Pyomo, said: Statement) -> None:
    """Refuse another objective, and components the program form has no place for."""
    for kind in model.collect_ctypes(active=True) - KINDS:
        part = next(iter(model.component_objects(kind, active=True)))
        raise UnsupportedProgram(
            f"{part.name!r} is a {kind.__name__}, expected variables and linear "
            "constraints; restate it with those"
        )
    goals = list(model.component_data_objects(pyo.Objective, active=True))
    kept = [g for g in goals if g.expr is said.objective and g.is_minimizing()]
    if len(goals) != 1 or not kept:
        raise UnsupportedProgram(
            f"the model has {len(goals)} active objectives, {len(kept)} of them its "
            "own; expected its own alone: keep `objective` and change its costs"
        )


def refuse_restated(said: Statement, live: Mapping[int, Pyomo]) -> None:
    """Refuse changes inside caps, cones and on/off pairs."""
    fixed = [
        *((c, c.expr, e) for c, e in zip(_stated(said), said.stated, strict=True)),
        *((c, c.body, e) for c, e in zip(said.caps, said.cap_bodies, strict=True)),
    ]
    for constraint, now, was in fixed:
        if id(constraint) in live and now is not was:
            raise UnsupportedProgram(
                f"{constraint.name!r} was restated, expected it as it was built; "
                "deactivate it, and add linear constraints beside it"
            )
    below = next((c for c in said.caps if id(c) in live and c.has_lb()), None)
    if below is not None:
        raise UnsupportedProgram(
            f"{below.name!r} has a lower side, expected an upper one alone"
        )


def _stated(said: Statement) -> list[Pyomo]:
    return [*said.cones, *said.switches]


def _sides(part: Pyomo) -> tuple[float, float]:
    lower, upper = part.lb, part.ub
    return (
        -np.inf if lower is None else float(lower),
        np.inf if upper is None else float(upper),
    )
