"""A compiled structure behind Pyomo, ready for one account after another."""

from collections.abc import Mapping
from dataclasses import fields, replace
from math import isfinite
from typing import Any, Final, final

import numpy as np
import pyomo.environ as pyo

from sma_research.arrays import Matrix, Vector
from sma_research.errors import BackendError, DataError
from sma_research.program.adapter import check_account, crossed_bounds
from sma_research.program.backend import (
    BackendInfo,
    Observer,
    Service,
    Settings,
    refuse,
)
from sma_research.program.form import Parameters, ProblemClass, Structure, objective
from sma_research.program.solution import Solution, Termination
from sma_solvers.pyomo_account import build_model, write_parameters
from sma_solvers.pyomo_engines import drive, make_solver
from sma_solvers.pyomo_model import linear_rows, relation, state
from sma_solvers.pyomo_names import Labels, Pyomo
from sma_solvers.pyomo_runs import STATUS, Answer, Question

NO_POINT: Final = {
    Termination.INFEASIBLE, Termination.UNBOUNDED,
    Termination.INFEASIBLE_OR_UNBOUNDED, Termination.NUMERICAL_ERROR,
}  # fmt: skip
UNCLEAR: Final = {Termination.UNKNOWN, Termination.FEASIBLE}

NODES: Final = ("mip_node_count", "NNodes")
ITERATIONS: Final = (
    "simplex_iteration_count", "ipm_iteration_count", "qp_iteration_count",
)  # fmt: skip


@final
class PyomoSession:
    """One Pyomo model; each account overwrites its numbers in place.

    HiGHS keeps the rows it has read. It starts cold with every account, so that
    no answer depends on the accounts before; with rows added to an LP the last
    basis is kept.
    """

    def __init__(self, info: BackendInfo, s: Structure, settings: Settings) -> None:
        self._info = info
        self._engine = info.name.partition(":")[2]
        self._structure = s
        is_mip = bool(s.integer.any())
        gap = settings.relative_gap if is_mip else 0.0
        self._settings = replace(settings, relative_gap=gap)
        self._solver: Pyomo = make_solver(self._engine, self._settings)
        self._model: Pyomo = state(s, {})
        self._model.added_rows = pyo.ConstraintList()
        self._written: Parameters | None = None
        self._keeps_basis = False
        self._has_duals = Service.DUALS in info.services and not is_mip

    def model(self, parameters: Parameters, labels: Labels | None = None) -> Pyomo:
        """Return a model of its own for a person to read and change."""
        return build_model(self._structure, parameters, labels)

    def add_rows(self, A: Matrix, row_lower: Vector, row_upper: Vector) -> None:
        """Add rows, ``A`` is (any, p).

        Raises
        ------
        DataError
            Shapes that do not fit, or NaN.
        """
        sides = np.column_stack([row_lower, row_upper])
        if A.shape != (sides.shape[0], self._structure.integer.size):
            raise DataError(
                f"rows are {A.shape}, expected {sides.shape[0]} by "
                f"{self._structure.integer.size}"
            )
        if not np.isfinite(A.data).all() or np.isnan(sides).any():
            raise DataError("an added row holds NaN or an infinite coefficient")
        bodies = linear_rows(A, self._model.sma_statement.columns)
        for body, (low, high) in zip(bodies, sides.tolist(), strict=True):
            finite = isfinite(low), isfinite(high)
            self._model.added_rows.add(relation(body, low, high, finite=finite))
        self._keeps_basis = self._structure.problem_class is ProblemClass.LP

    def clear_rows(self) -> None:
        """Forget all added rows."""
        # HiGHS still has to forget them: a list that were merely emptied would
        # give their places to other rows first.
        self._model.del_component("added_rows")
        self._model.added_rows = pyo.ConstraintList()
        self._keeps_basis = False

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve for one account.

        Raises
        ------
        DataError
            Shapes that do not fit, or NaN.
        UnsupportedService
            A start or an observer that the engine cannot take.
        BackendError
            The engine raised; a licence that is missing or too small is named.
        """
        refuse(self._info, Service.INCUMBENTS, observe)
        refuse(self._info, Service.PRIMAL_START, start)
        point = check_account(self._structure, parameters, start)
        crossed = crossed_bounds(parameters)
        if crossed:
            return crossed
        is_same = self._write(parameters)
        question = Question(
            model=self._model,
            columns=self._model.sma_statement.columns,
            settings=self._settings,
            start=point,
            is_cold=not (self._keeps_basis and is_same),
            has_duals=self._has_duals,
        )
        self._keeps_basis = False
        try:
            answer = drive(self._engine, self._solver, question)
        except BackendError:
            self._solver = make_solver(self._engine, self._settings)
            raise
        return self._claim(answer, parameters)

    def _write(self, d: Parameters) -> bool:
        """Write an account into the model; return whether it is the last one."""
        last = self._written
        if write_parameters(self._model, self._structure, d, last) and last:
            # A restated row moves to the end of the native model, where the
            # answer could differ in its last bits from a fresh session's.
            self._solver = make_solver(self._engine, self._settings)
        copies: dict[str, Any] = {name: v.copy() for name, v in _arrays(d).items()}
        self._written = replace(d, **copies)
        return last is not None and all(
            np.array_equal(v, getattr(last, name)) for name, v in _arrays(d).items()
        )

    def _claim(self, answer: Answer, d: Parameters) -> Solution:
        termination = STATUS.get(answer.condition, Termination.UNKNOWN)
        if termination in UNCLEAR and answer.solve_s >= self._settings.time_limit_s:
            termination = Termination.TIME_LIMIT
        if termination is Termination.OPTIMAL and answer.point is None:
            termination = Termination.NUMERICAL_ERROR
        x = None
        if answer.point is not None and termination not in NO_POINT:
            x = np.array(answer.point, dtype=np.float64)
        value = None if x is None else objective(self._structure, d, x)
        rows = [*self._model.sma_statement.rows, *self._model.added_rows.values()]
        # HiGHS duals are the negative of ours; a row without sides has none.
        duals = answer.duals or {}
        y = 0.0 - np.array([duals.get(row, 0.0) for row in rows], dtype=np.float64)
        nodes = max((answer.counts.get(name, -1) for name in NODES), default=-1)
        return Solution(
            termination=termination,
            native_status=answer.message,
            x=x,
            y=y if x is not None and answer.duals is not None else None,
            objective=value,
            bound=_bound(answer, value),
            solve_s=answer.solve_s,
            iterations=sum(max(answer.counts.get(k, 0), 0) for k in ITERATIONS),
            nodes=nodes if nodes >= 0 else None,
        )


def _arrays(d: Parameters) -> Mapping[str, Vector]:
    return {f.name: getattr(d, f.name) for f in fields(d) if f.name != "r"}


def _bound(answer: Answer, value: float | None) -> float | None:
    """Claim of the engine, never above the value of the point that it comes with.

    SCIP's points break the row that carries the objective by its tolerance: their
    true value can be lower than its bound.
    """
    if answer.bound is None or not isfinite(answer.bound):
        return None
    return answer.bound if value is None else min(answer.bound, value)
