"""A program as a Pyomo model that a person can read.

Every block of columns becomes one indexed ``Var`` (``m.hold["MSFT"]``), every
block of rows one indexed ``Constraint`` (``m.budget[0]``). What differs between
accounts stands in mutable ``Param`` objects beside them: ``m.hold_cost``,
``m.budget_lower``, ``m.budget_upper``. So an account is written in place, and
``m.names_upper[0] = 150`` is all that a person needs to change a limit.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression, SumExpression
from scipy.sparse import csr_array, triu

from sma_research.arrays import Matrix
from sma_research.errors import DataError
from sma_research.program.form import Cap, Structure
from sma_solvers.pyomo_names import (
    Labels,
    Pyomo,
    add_component,
    index_keys,
    named_blocks,
)


@dataclass(eq=False, kw_only=True)
class Statement:
    """What a model said when it was built, kept as ``model.sma_statement``.

    Expressions are compared by identity, which ``model.clone()`` keeps.
    """

    columns: list[Pyomo]  # (p,) variables
    cost: list[Pyomo]  # (p,) parameters
    rows: list[Pyomo] = field(default_factory=list)  # (r,) constraints
    bodies: list[Pyomo] = field(default_factory=list)  # (r,) expressions
    row_lower: list[Pyomo] = field(default_factory=list)  # (r,) parameters
    row_upper: list[Pyomo] = field(default_factory=list)  # (r,) parameters
    caps: list[Pyomo] = field(default_factory=list)  # (g,) constraints
    cap_squares: list[Pyomo] = field(default_factory=list)  # (g,) expressions
    cap_bodies: list[Pyomo] = field(default_factory=list)  # (g,) with linear parts
    cap_limit: list[Pyomo] = field(default_factory=list)  # (g,) parameters
    cones: list[Pyomo] = field(default_factory=list)  # (d,) constraints
    switches: list[Pyomo] = field(default_factory=list)  # (2c,) lower, then upper
    stated: list[Pyomo] = field(default_factory=list)  # (d + 2c,) their expressions
    objective: Pyomo = None  # its expression


def state(structure: Structure, labels: Labels) -> Pyomo:
    """State a program as a ``ConcreteModel``, for `write_parameters` to fill.

    Raises
    ------
    DataError
        Labels that fit no block, or repeat; blocks that overlap.
    """
    known = {*structure.columns, *structure.rows}
    if strange := sorted(set(labels) - known):
        raise DataError(
            f"labels for {strange[0]!r}, which is no block; expected {sorted(known)}"
        )
    model = pyo.ConcreteModel("program")
    _add_columns(model, structure, labels)
    _add_rows(model, structure, labels)
    _add_caps(model, structure.caps)
    _add_cones(model, structure)
    model.objective_constant = pyo.Param(initialize=0.0, mutable=True)
    model.objective = pyo.Objective(expr=_objective(model, structure))
    model.sma_statement.objective = model.objective.expr
    return model


def statement_of(model: Pyomo) -> Statement:
    """What a model said when it was built.

    Raises
    ------
    DataError
        The model was not built here.
    """
    said = getattr(model, "sma_statement", None)
    if not isinstance(said, Statement):
        raise DataError(
            "a Pyomo model without `sma_statement`, expected one of build_model"
        )
    return said


def relation(
    body: Pyomo, lower: Pyomo, upper: Pyomo, *, finite: tuple[bool, bool]
) -> Pyomo:
    """State a row by its finite sides alone: a solver drops the others for good."""
    if all(finite):
        return pyo.inequality(lower, body, upper)
    return lower <= body if finite[0] else body <= upper


def linear_rows(A: Matrix, columns: list[Pyomo]) -> list[Pyomo]:
    """One linear expression for each row of ``A`` ``(any, p)``."""
    rows = csr_array(A)
    starts, ends = rows.indptr[:-1].tolist(), rows.indptr[1:].tolist()
    index, value = rows.indices.tolist(), rows.data.tolist()
    # A row without terms would be the constant True or False, which Pyomo refuses.
    return [
        LinearExpression(
            linear_coefs=value[a:b] or [0.0],
            linear_vars=[columns[j] for j in index[a:b]] or columns[:1],
        )
        for a, b in zip(starts, ends, strict=True)
    ]


def _add_columns(model: Pyomo, s: Structure, labels: Labels) -> None:
    p = s.integer.size
    column: list[Pyomo] = [None] * p
    cost: list[Pyomo] = [None] * p
    for block, members in named_blocks(s.columns, p, "column"):
        keys = index_keys(block, len(members), labels)
        variable = pyo.Var(keys)
        price = pyo.Param(keys, initialize=0.0, mutable=True)
        name = add_component(model, block, variable)
        add_component(model, f"{name}_cost", price)
        for j, key in zip(members, keys, strict=True):
            column[j], cost[j] = variable[key], price[key]
    for j in np.flatnonzero(s.integer).tolist():
        column[j].domain = pyo.Integers
    model.sma_statement = Statement(columns=column, cost=cost)


def _add_rows(model: Pyomo, s: Structure, labels: Labels) -> None:
    said: Statement = model.sma_statement
    r = s.A.shape[0]
    said.bodies = linear_rows(s.A, said.columns)
    said.rows, said.row_lower, said.row_upper = ([None] * r for _ in range(3))
    for block, members in named_blocks(s.rows, r, "row"):
        keys = index_keys(block, len(members), {} if block in s.columns else labels)
        constraint = pyo.Constraint(keys)
        name = add_component(model, block, constraint)
        lower, upper = (
            pyo.Param(keys, initialize=infinite, mutable=True)
            for infinite in (-np.inf, np.inf)
        )
        add_component(model, f"{name}_lower", lower)
        add_component(model, f"{name}_upper", upper)
        for i, key in zip(members, keys, strict=True):
            constraint[key] = said.bodies[i] <= upper[key]
            said.rows[i] = constraint[key]
            said.row_lower[i], said.row_upper[i] = lower[key], upper[key]


def _add_caps(model: Pyomo, caps: tuple[Cap, ...]) -> None:
    said: Statement = model.sma_statement
    names = [cap.name for cap in caps]
    keys: list[Any] = names if len(set(names)) == len(names) else [*range(len(names))]
    constraint = pyo.Constraint(keys)
    limit = pyo.Param(keys, initialize=np.inf, mutable=True)
    name = add_component(model, "cap", constraint)
    add_component(model, f"{name}_limit", limit)
    for key, cap in zip(keys, caps, strict=True):
        body = _squares(cap.square.tolist(), said.columns)
        constraint[key] = body <= limit[key]
        said.caps.append(constraint[key])
        said.cap_squares.append(body)
        said.cap_bodies.append(body)
        said.cap_limit.append(limit[key])


def _add_cones(model: Pyomo, s: Structure) -> None:
    said: Statement = model.sma_statement
    x, cones = said.columns, s.cones
    constraint = pyo.Constraint(range(cones.size))
    add_component(model, "cone", constraint)
    triples = zip(cones.epigraph, cones.scale, cones.column, strict=True)
    for i, (epigraph, scale, column) in enumerate(triples):
        constraint[i] = x[column] ** 2 - x[epigraph] * x[scale] <= 0
    said.cones = list(constraint.values())
    said.stated = [c.expr for c in said.cones]


def _objective(model: Pyomo, s: Structure) -> Pyomo:
    said: Statement = model.sma_statement
    x = said.columns
    linear = LinearExpression(linear_coefs=said.cost, linear_vars=x)
    squares = _squares((0.5 * s.diagonal).tolist(), x)
    P = triu(s.P, k=1).tocoo()
    above = zip(P.row.tolist(), P.col.tolist(), P.data.tolist(), strict=True)
    products = [c * (x[i] * x[j]) for i, j, c in above if c]
    return SumExpression([linear, model.objective_constant, squares, *products])


def _squares(coefficients: list[float], columns: list[Pyomo]) -> Pyomo:
    pairs = zip(coefficients, columns, strict=True)
    return SumExpression([c * column**2 for c, column in pairs if c])
