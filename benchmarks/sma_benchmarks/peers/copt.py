r"""COPT, https://www.shanshu.ai/copt, in its edition without a licence.

It is given our own program, on/off pairs as rows :math:`l z \le x \le u z`, through its
Python library: Pyomo has no interface to it. Without a licence it takes up to 2,000
columns; more is refused by its licence.
"""

from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, csc_matrix, diags_array

from sma_benchmarks.peers.peer import PeerAnswer, absent, version_of
from sma_benchmarks.task import Budget
from sma_research.arrays import Vector, sparse
from sma_research.canonical.build import build
from sma_research.canonical.layout import Layout, shape_of
from sma_research.canonical.recover import recover
from sma_research.errors import BackendError, LicenceError
from sma_research.formulations import big_m
from sma_research.formulations.switches import limits_of
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Availability, Licence
from sma_research.program.form import Parameters, Structure
from sma_research.program.licences import says_unlicensed

SMALL, LARGE = 2, 5000  # columns; without a licence there may be 2,000


@dataclass(frozen=True)
class Copt:
    """The peer ``copt``."""

    name: str = "copt"
    seeded: bool = False  # its library takes no seed

    def probe(self) -> Availability:
        """Two columns, then more than a small edition takes."""
        missing = absent(self.name, "coptpy", "coptpy")
        if missing:
            return missing
        failure = _failure(SMALL)
        limited = Licence.SIZE_LIMITED if _failure(LARGE) else Licence.LICENSED
        return Availability(
            engine="peer:copt",
            version=version_of("coptpy"),
            usable=not failure,
            licence=Licence.MISSING if failure else limited,
            missing=failure,
        )

    def weights(self, problem: Problem, budget: Budget, seed: int) -> PeerAnswer:  # noqa: ARG002 - it takes none
        """Its answer to an account of any kind."""
        shape = shape_of(problem, switched=True)
        layout = Layout(market=problem.market, shape=shape)
        program = build(problem, layout)
        s, d = program.structure, program.parameters
        if s.on_off.size:
            rewritten = big_m.rewrite(s, limits_of(s, d))
            s, d = rewritten.structure, rewritten.forward(d)
        found = _solved(s, d, budget)
        weight = None
        if found.x is not None:
            weight = recover(program, found.x).weight(problem)
        return PeerAnswer(
            weight=weight,
            message=f"COPT status {found.status}",
            version=version_of("coptpy"),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Found:
    """What COPT ended with."""

    status: int
    x: Vector | None
    value: float


def _solved(s: Structure, d: Parameters, budget: Budget) -> _Found:
    """State the program, solve it, and read what there is.

    Raises
    ------
    LicenceError
        COPT says that its licence is missing or too small.
    BackendError
        COPT failed.
    """
    import coptpy

    try:
        with redirect_stdout(StringIO()):
            model = _stated(s, d)
            model.setParam("TimeLimit", budget.time_limit_s)
            model.setParam("RelGap", budget.target_gap)
            model.setParam("Threads", budget.threads)
            model.solve()
    except coptpy.CoptError as error:
        if says_unlicensed(str(error)):
            what = "its licence does not cover this program"
            raise LicenceError(f"peer:copt: {what}: {error}") from error
        raise BackendError(f"peer:copt: it failed: {error}") from error
    return _Found(
        status=int(model.status),
        x=np.array(model.getValues()) if model.hassol else None,
        value=float(model.objval),
    )


def _stated(s: Structure, d: Parameters) -> Any:
    import coptpy

    COPT = coptpy.COPT
    model = coptpy.Envr().createModel("account")
    model.setParam("Logging", 0)
    sides = [
        np.clip(side, -COPT.INFINITY, COPT.INFINITY)
        for side in (d.row_lower, d.row_upper, d.lower, d.upper)
    ]
    kinds = [COPT.INTEGER if whole else COPT.CONTINUOUS for whole in s.integer]
    model.loadMatrix(d.q, csc_matrix(s.A), *sides, kinds)
    model.setObjConst(d.r)
    if s.P.nnz:
        model.loadQ(coo_matrix(0.5 * s.P))
    x = model.getVars()
    for i, cap in enumerate(s.caps):
        left = coptpy.QuadExpr()
        for j in np.flatnonzero(cap.square):
            left += float(cap.square[j]) * x[int(j)] * x[int(j)]
        for j in np.flatnonzero(d.cap_linear[i]):
            left += float(d.cap_linear[i, j]) * x[int(j)]
        model.addQConstr(left <= float(d.cap_limit[i]))
    return model


def _failure(columns: int) -> str:
    r"""What is wrong with :math:`\min \sum x_i^2, \sum x_i = 1`, x whole; or nothing."""
    structure = Structure(
        P=sparse(diags_array(np.full(columns, 2.0))),
        A=sparse(np.ones((1, columns))),
        integer=np.ones(columns, dtype=np.bool_),
        columns={"x": slice(0, columns)},
        rows={"sum": slice(0, 1)},
    )
    one = np.ones(1)
    account = Parameters(
        q=np.zeros(columns),
        row_lower=one,
        row_upper=one,
        lower=np.zeros(columns),
        upper=np.ones(columns),
    )
    try:
        found = _solved(structure, account, Budget(time_limit_s=5.0))
    except BackendError as error:
        return str(error)
    return "" if abs(found.value - 1.0) < 1e-4 else f"{columns} columns end wrong"
