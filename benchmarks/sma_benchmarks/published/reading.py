"""Instances of MINLPLib, constraint by constraint, into the program form.

A constraint is a mapping: ``coef`` of variables by number, ``quad`` triples
``(i, j, c)`` of terms ``c x_i x_j``, ``sqrt_terms`` of roots of such sums, ``sense``
and ``rhs``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sma_benchmarks.published.assembly import Assembly, Terms, root_of
from sma_research.arrays import Vector
from sma_research.errors import DataError

OBJECTIVE: Final = "0"  # number of the variable that is minimized
BELOW, ABOVE, EQUAL = "<=", ">=", "=="
INTEGRAL: Final = ("B", "I")

Constraint = Mapping[str, Any]
Positions = Mapping[str, int]  # variable number -> column


def read(instance: Mapping[str, Any], size: float) -> Assembly:
    """All constraints of an instance, its objective times `size`.

    Raises
    ------
    DataError
        A constraint that no convex program states, or no single objective.
    """
    variables = instance["variables"]
    numbers = [number for number in variables if number != OBJECTIVE]
    at = {number: j for j, number in enumerate(numbers)}
    ends = [(variables[number]["lb"], variables[number]["ub"]) for number in numbers]
    build = Assembly(
        lower=[-np.inf if low is None else low for low, _ in ends],
        upper=[np.inf if high is None else high for _, high in ends],
        integer=[variables[number]["type"] in INTEGRAL for number in numbers],
    )
    linear = [c for c in instance["linear"] if OBJECTIVE not in c["coef"]]
    for constraint in _without_pairs(build, linear, at):
        low = -np.inf if constraint["sense"] == BELOW else constraint["rhs"]
        high = np.inf if constraint["sense"] == ABOVE else constraint["rhs"]
        build.row(_terms(constraint["coef"], at), low, high)
    _tighten(build)
    curved = [c for c in instance["quadratic"] if OBJECTIVE not in c["coef"]]
    for constraint in curved:
        _square(build, constraint, at)
    for constraint in instance["sqrt_constraints"]:
        _root(build, constraint, at)
    _objective(build, instance, at, size)
    return build


def _terms(coefficients: Mapping[str, float], at: Positions) -> Terms:
    return {at[n]: float(a) for n, a in coefficients.items() if n != OBJECTIVE}


def _without_pairs(
    build: Assembly, linear: Sequence[Constraint], at: Positions
) -> list[Constraint]:
    """Read ``x <= u z`` and ``l z <= x`` as on/off pairs; return the other rows."""
    rest, lows = [], []
    for constraint in linear:
        found = _switch(build, constraint, at)
        if found is None:
            rest.append(constraint)
        elif found[2] > 0:
            lows.append((constraint, *found))
        else:
            x, z, slope = found
            build.pairs[z] = (x, 0.0, -slope)
            build.upper[x] = min(build.upper[x], -slope)
    for constraint, x, z, slope in lows:
        if build.pairs.get(z, (-1,))[0] == x:
            build.pairs[z] = (x, slope, build.pairs[z][2])
        else:
            rest.append(constraint)
    return rest


def _switch(
    build: Assembly, constraint: Constraint, at: Positions
) -> tuple[int, int, float] | None:
    """Column, binary, and b/|a| of a row ``a x + b z <= 0``, b and a of two signs."""
    terms = _terms(constraint["coef"], at)
    if constraint["sense"] != BELOW or constraint["rhs"] != 0 or len(terms) != 2:
        return None
    x, z = sorted(terms, key=lambda j: build.integer[j])
    binary = build.integer[z] and (build.lower[z], build.upper[z]) == (0.0, 1.0)
    plain = not build.integer[x] and build.lower[x] == 0.0
    if not (binary and plain) or terms[x] * terms[z] >= 0:
        return None
    return x, z, terms[z] / abs(terms[x])


def _tighten(build: Assembly) -> None:
    """Bound the free column of every equation whose other columns are bounded."""
    for terms, low, high in zip(
        build.rows, build.row_lower, build.row_upper, strict=True
    ):
        free = [j for j in terms if np.isinf([build.lower[j], build.upper[j]]).any()]
        if low != high or len(free) != 1:
            continue
        j = free[0]
        rest = {i: -a / terms[j] for i, a in terms.items() if i != j}
        least, most = build.range(rest)
        shift = low / terms[j]
        build.lower[j] = max(build.lower[j], least + shift)
        build.upper[j] = min(build.upper[j], most + shift)


def _quadratic(build: Assembly, quad: Sequence[Any], at: Positions) -> Vector:
    """Symmetric matrix of a sum of products ``(columns, columns)``."""
    Q = np.zeros((len(build.lower), len(build.lower)))
    for i, j, c in quad:
        Q[at[str(i)], at[str(j)]] += 0.5 * c
        Q[at[str(j)], at[str(i)]] += 0.5 * c
    return Q


def _square(build: Assembly, constraint: Constraint, at: Positions) -> None:
    """A sum of products below a constant, or below the square of one column."""
    name, sense = constraint["name"], constraint["sense"]
    if sense == EQUAL:
        raise DataError(f"{name} is a quadratic equation, expected <= or >=")
    sign = 1.0 if sense == BELOW else -1.0
    Q = sign * _quadratic(build, constraint["quad"], at)
    h, limit = _terms(constraint["coef"], at), sign * constraint["rhs"]
    falling = np.flatnonzero(Q.diagonal() < 0)
    if falling.size == 1 and not h and limit == 0:
        _cone(build, Q, int(falling[0]), name)
        return
    root = root_of(Q, name)
    factors = build.factors(root)
    square = np.zeros(len(build.lower))
    square[factors] = 1.0 / abs(limit or 1.0)
    linear = {j: sign * a / abs(limit or 1.0) for j, a in h.items()}
    build.caps.append((square, linear, limit / abs(limit or 1.0)))


def _cone(build: Assembly, Q: Vector, t: int, name: str) -> None:
    """``x'Rx <= c t^2`` as a norm, where t is at least zero and stands alone."""
    alone = np.count_nonzero(Q[t]) == 1
    if not alone or build.lower[t] < 0:
        raise DataError(
            f"{name} is not convex: it needs a column of at least 0 with no product"
        )
    rest = Q.copy()
    rest[t, t] = 0.0
    root = root_of(rest, name)
    build.norm(root, {t: float(np.sqrt(-Q[t, t]))}, 0.0)


def _root(build: Assembly, constraint: Constraint, at: Positions) -> None:
    """``coef'x - m sqrt(x'Qx) >= rhs`` as a norm."""
    name, terms = constraint["name"], constraint["sqrt_terms"]
    sign = -1.0 if constraint["sense"] == BELOW else 1.0
    term, *others = terms
    multiple = -sign * term["mult"]
    if others or multiple < 0 or term["coef"] or term["const"]:
        raise DataError(
            f"{name} is not convex as written, expected one root of a sum of products, "
            "below a linear expression"
        )
    if constraint["sense"] == EQUAL:
        raise DataError(f"{name} is an equation with a root, expected <= or >=")
    Q = _quadratic(build, term["quad"], at)
    most = {j: sign * a for j, a in _terms(constraint["coef"], at).items()}
    build.norm(multiple * root_of(Q, name), most, -sign * constraint["rhs"])


def _objective(
    build: Assembly, instance: Mapping[str, Any], at: Positions, size: float
) -> None:
    """The equation that defines the objective's variable, solved for it."""
    uses = [
        c
        for kind in ("linear", "quadratic", "sqrt_constraints")
        for c in instance[kind]
        if OBJECTIVE in c["coef"]
    ]
    if len(uses) != 1 or uses[0]["sense"] != EQUAL:
        raise DataError(
            f"{len(uses)} constraints use the objective's variable, expected one equation"
        )
    (constraint,) = uses
    scale = -size / constraint["coef"][OBJECTIVE]
    terms = _terms(constraint["coef"], at)
    build.linear = {j: scale * a for j, a in terms.items()}
    build.constant = -scale * constraint["rhs"]
    if "quad" in constraint:
        Q = scale * _quadratic(build, constraint["quad"], at)
        build.squares = build.factors(root_of(Q, constraint["name"]))
