"""One account in a Pyomo model: its numbers in, its answer out."""

import math

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from sma_research.arrays import Mask, Vector
from sma_research.errors import DataError
from sma_research.program.form import Parameters, Structure, check_shapes
from sma_solvers.pyomo_model import Statement, relation, state, statement_of
from sma_solvers.pyomo_names import Labels, Pyomo, add_component


def build_model(
    structure: Structure, parameters: Parameters, labels: Labels | None = None
) -> Pyomo:
    """State one account's program as a ``ConcreteModel``.

    Parameters
    ----------
    structure, parameters
        The program, of any class. On/off pairs appear as the big-M rows
        ``pair_lower`` and ``pair_upper``, so that the model is complete.
    labels
        Index names by block, such as the tickers of ``hold``; blocks without
        labels count from 0.

    Raises
    ------
    DataError
        Parameters that do not fit; labels that fit no block, or repeat.
    """
    check_shapes(structure, parameters)
    model = state(structure, labels or {})
    _add_switches(model, structure, parameters)
    write_parameters(model, structure, parameters)
    return model


def write_parameters(
    model: Pyomo, structure: Structure, new: Parameters, old: Parameters | None = None
) -> bool:
    """Write an account into a model, touching only what differs from ``old``.

    Expressions stay the objects they are, so that a persistent solver re-reads
    numbers and not terms. A row is restated, around the same body, only when
    one of its sides becomes finite or infinite; return whether one was.
    """
    said: Statement = model.sma_statement
    model.objective_constant.set_value(float(new.r))
    for j in _changed("q", new, old):
        said.cost[j].set_value(float(new.q[j]))
    for j in _changed("lower", new, old):
        said.columns[j].setlb(_finite(new.lower[j]))
    for j in _changed("upper", new, old):
        said.columns[j].setub(_finite(new.upper[j]))
    # A cone promises that its two factors are at least zero.
    for j in (*structure.cones.epigraph, *structure.cones.scale):
        said.columns[j].setlb(max(0.0, float(new.lower[j])))
    _write_domains(said, structure, new)
    _write_caps(said, new, old)
    return _write_rows(said, new, old)


def load_point(model: Pyomo, structure: Structure, x: Vector) -> None:
    """Show a point ``(p,)`` in the model: ``m.hold["MSFT"].value``.

    Raises
    ------
    DataError
        The point does not have one value for each of the model's variables.
    """
    columns = [*statement_of(model).columns, *user_columns(model)]
    if not x.size == structure.integer.size == len(columns):
        raise DataError(
            f"{x.size} values for {structure.integer.size} columns and "
            f"{len(columns)} variables, expected as many; read the model again"
        )
    for column, value in zip(columns, x.tolist(), strict=True):
        column.set_value(value, skip_validation=True)


def user_columns(model: Pyomo) -> list[Pyomo]:
    """Variables that stand in the model beside its own, in the order found."""
    known = {id(column) for column in model.sma_statement.columns}
    found = {id(v): v for v in model.component_data_objects(pyo.Var)}
    return [variable for key, variable in found.items() if key not in known]


def _add_switches(model: Pyomo, s: Structure, d: Parameters) -> None:
    said: Statement = model.sma_statement
    x, pairs = said.columns, s.on_off
    lower, upper = (pyo.Constraint(range(pairs.size)) for _ in range(2))
    add_component(model, "pair_lower", lower)
    add_component(model, "pair_upper", upper)
    for i, (binary, column) in enumerate(zip(pairs.binary, pairs.column, strict=True)):
        lower[i] = float(d.on_lower[i]) * x[binary] <= x[column]
        upper[i] = x[column] <= float(d.on_upper[i]) * x[binary]
    said.switches = [*lower.values(), *upper.values()]
    said.stated += [c.expr for c in said.switches]


def _write_domains(said: Statement, s: Structure, d: Parameters) -> None:
    binary = (d.lower >= 0.0) & (d.upper <= 1.0)
    for j in np.flatnonzero(s.integer):
        domain = pyo.Binary if binary[j] else pyo.Integers
        if said.columns[j].domain is not domain:
            said.columns[j].domain = domain


def _write_rows(said: Statement, new: Parameters, old: Parameters | None) -> bool:
    for i in _changed("row_lower", new, old):
        said.row_lower[i].set_value(float(new.row_lower[i]))
    for i in _changed("row_upper", new, old):
        said.row_upper[i].set_value(float(new.row_upper[i]))
    sides = _finite_sides(new)
    restated = np.ones(sides.shape[0], dtype=np.bool_)
    if old is not None:
        restated = (sides != _finite_sides(old)).any(axis=1)
    for i in np.flatnonzero(restated).tolist():
        row, finite = said.rows[i], (bool(sides[i, 0]), bool(sides[i, 1]))
        limits = said.row_lower[i], said.row_upper[i]
        row.set_value(relation(said.bodies[i], *limits, finite=finite))
        (row.activate if any(finite) else row.deactivate)()
    return bool(restated.any())


def _write_caps(said: Statement, new: Parameters, old: Parameters | None) -> None:
    for i, cap in enumerate(said.caps):
        if old is None or (new.cap_linear[i] != old.cap_linear[i]).any():
            index = np.flatnonzero(new.cap_linear[i])
            linear = LinearExpression(
                linear_coefs=new.cap_linear[i, index].tolist(),
                linear_vars=[said.columns[j] for j in index],
            )
            said.cap_bodies[i] = said.cap_squares[i] + linear
            cap.set_value(said.cap_bodies[i] <= said.cap_limit[i])
        said.cap_limit[i].set_value(float(new.cap_limit[i]))
        (cap.activate if np.isfinite(new.cap_limit[i]) else cap.deactivate)()


def _finite_sides(d: Parameters) -> Mask:
    """Which sides of the rows are limits, ``(r, 2)``."""
    return np.isfinite(np.column_stack([d.row_lower, d.row_upper]))


def _changed(name: str, new: Parameters, old: Parameters | None) -> list[int]:
    after: Vector = getattr(new, name)
    if old is None:
        return list(range(after.size))
    return np.flatnonzero(after != getattr(old, name)).tolist()


def _finite(bound: float) -> float | None:
    return float(bound) if math.isfinite(bound) else None
