"""The program that a Pyomo model states now, after a person worked on it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyomo.environ as pyo
from scipy.sparse import block_diag, coo_array, csc_array

from sma_research.arrays import Index, Mask, Matrix, Vector, sparse
from sma_research.errors import DataError
from sma_research.program.form import Cones, OnOff, Parameters, Structure
from sma_solvers.pyomo_account import user_columns
from sma_solvers.pyomo_model import Statement, statement_of
from sma_solvers.pyomo_names import Pyomo
from sma_solvers.pyomo_parts import (
    pairs_kept,
    read_bounds,
    read_caps,
    read_integer,
    read_sides,
    read_terms,
    refuse_restated,
    refuse_unread,
)

USER: Final = "user"  # the block of added columns, and of added rows


@dataclass(frozen=True, eq=False, kw_only=True)
class Now:
    """What stands in a model now, beside the structure it was built from."""

    columns: list[Pyomo]  # (p + v,) the model's own variables, then a person's
    live: Mapping[int, Pyomo]  # active constraints by identity
    pairs: Mask  # (c,) on/off pairs that still stand
    edited: Index  # (e,) own rows whose body is another one now
    fresh: Matrix  # (e + u, p + v) edited rows, then added ones
    sides: Vector  # (e + u, 2) of the fresh rows


def read_model(
    model: Pyomo, structure: Structure, parameters: Parameters
) -> tuple[Structure, Parameters]:
    """Return the program that a model built by `build_model` states now.

    The original columns come first, in their order; added variables follow as
    columns ``user``, added constraints as rows ``user``. Fixed variables,
    changed bounds, domains and parameters are picked up; a constraint that was
    deactivated or deleted has infinite sides. Only constraints that are new,
    or whose body changed, are read term by term. An untouched structure comes
    back as the same object.

    Raises
    ------
    UnsupportedProgram
        A replaced objective, a constraint that is not linear, or a component
        of a kind that the program form does not have; named in one line.
    DataError
        A model of another structure; a variable that was deleted, or fixed
        without a value; a limit given to a side that its row does not have.
    """
    said = statement_of(model)
    if (len(said.rows), len(said.columns)) != structure.A.shape:
        raise DataError(
            f"a model of {len(said.rows)} rows and {len(said.columns)} columns for a "
            f"structure of {structure.A.shape}; pass the one it was built from"
        )
    refuse_unread(model, said)
    now = _look(model, said)
    return _read_structure(now, said, structure), _read_parameters(
        now, model, parameters
    )


def _look(model: Pyomo, said: Statement) -> Now:
    live = {id(c): c for c in model.component_data_objects(pyo.Constraint, active=True)}
    refuse_restated(said, live)
    columns = _columns(model, said)
    rows = list(enumerate(said.rows))
    edited = [i for i, c in rows if id(c) in live and c.body is not said.bodies[i]]
    known = {id(c) for c in (*said.rows, *said.caps, *said.cones, *said.switches)}
    added = [constraint for key, constraint in live.items() if key not in known]
    position = {id(column): j for j, column in enumerate(columns)}
    read = [read_terms(c, position) for c in (*(said.rows[i] for i in edited), *added)]
    entries = [(i, j, c) for i, (terms, _) in enumerate(read) for j, c in terms.items()]
    row, column, value = np.array(entries).reshape(-1, 3).T
    place = row.astype(np.intp), column.astype(np.intp)
    return Now(
        columns=columns,
        live=live,
        pairs=pairs_kept(said, live),
        edited=np.array(edited, dtype=np.intp),
        fresh=sparse(coo_array((value, place), shape=(len(read), len(columns)))),
        sides=np.array([sides for _, sides in read]).reshape(-1, 2),
    )


def _columns(model: Pyomo, said: Statement) -> list[Pyomo]:
    present = {id(v) for v in model.component_data_objects(pyo.Var)}
    gone = next((v for v in said.columns if id(v) not in present), None)
    if gone is not None:
        raise DataError(
            f"variable {gone.name!r} was deleted, expected all to stay; "
            "fix it instead: variable.fix(0)"
        )
    return [*said.columns, *user_columns(model)]


def _read_structure(now: Now, said: Statement, s: Structure) -> Structure:
    p, r = s.integer.size, s.A.shape[0]
    v, u = len(now.columns) - p, now.fresh.shape[0] - now.edited.size
    integer = np.array([read_integer(column) for column in now.columns], dtype=np.bool_)
    cones = np.array([id(c) in now.live for c in said.cones], dtype=np.bool_)
    same = not (v or now.fresh.shape[0]) and (integer == s.integer).all()
    if same and now.pairs.all() and cones.all():
        return s
    pad = (0, v)
    return replace(
        s,
        P=sparse(block_diag([s.P, csc_array((v, v))])),
        A=_with_rows(s.A, now),
        integer=integer,
        columns={**s.columns, **({USER: slice(p, p + v)} if v else {})},
        rows={**s.rows, **({USER: slice(r, r + u)} if u else {})},
        owner=None if s.owner is None else np.pad(s.owner, pad, constant_values=-1),
        on_off=OnOff(
            binary=s.on_off.binary[now.pairs], column=s.on_off.column[now.pairs]
        ),
        caps=tuple(replace(cap, square=np.pad(cap.square, pad)) for cap in s.caps),
        cones=Cones(
            epigraph=s.cones.epigraph[cones],
            scale=s.cones.scale[cones],
            column=s.cones.column[cones],
        ),
    )


def _with_rows(A: Matrix, now: Now) -> Matrix:
    """Put edited rows in their places, and added rows below."""
    old, new = A.tocoo(), now.fresh.tocoo()
    kept = ~np.isin(old.row, now.edited)
    added = np.arange(now.fresh.shape[0] - now.edited.size)
    place = np.concatenate([now.edited, A.shape[0] + added]).astype(np.intp)
    value = np.concatenate([old.data[kept], new.data])
    row = np.concatenate([old.row[kept], place[new.row]])
    column = np.concatenate([old.col[kept], new.col])
    shape = A.shape[0] + added.size, len(now.columns)
    return sparse(coo_array((value, (row, column)), shape=shape))


def _read_parameters(now: Now, model: Pyomo, d: Parameters) -> Parameters:
    said: Statement = model.sma_statement
    pad = (0, len(now.columns) - len(said.columns))
    own = [read_sides(i, said, d, now.live) for i in range(len(said.rows))]
    sides = np.array(own, dtype=np.float64).reshape(-1, 2)
    sides[now.edited] = now.sides[: now.edited.size]
    sides = np.vstack([sides, now.sides[now.edited.size :]])
    bounds = np.array([read_bounds(column) for column in now.columns]).reshape(-1, 2)
    cost = np.array([pyo.value(cost) for cost in said.cost], dtype=np.float64)
    return replace(
        d,
        q=np.pad(cost, pad),
        r=float(pyo.value(model.objective_constant)),
        lower=bounds[:, 0].copy(),
        upper=bounds[:, 1].copy(),
        row_lower=sides[:, 0].copy(),
        row_upper=sides[:, 1].copy(),
        on_lower=d.on_lower[now.pairs],
        on_upper=d.on_upper[now.pairs],
        cap_linear=np.pad(d.cap_linear, ((0, 0), pad)) if said.caps else d.cap_linear,
        cap_limit=np.array(read_caps(said, now.live), dtype=np.float64),
    )
