"""The mathematics referee: recompute from the program what a solution claims."""

from dataclasses import dataclass

import numpy as np

from sma_research.arrays import Vector
from sma_research.program.form import Parameters, Structure, cap_values, objective
from sma_research.program.solution import Solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """Largest violations, absolute, in the units of the program."""

    primal: float  # rows, column bounds
    integrality: float
    on_off: float  # switched columns against their binaries
    caps: float
    cones: float
    objective: float  # |claimed - recomputed|, relative above one
    stationarity: float | None  # of the gradient off the bounds, None without duals

    def within(self, tolerance: float) -> bool:
        """Whether every residual that is known is at most the tolerance."""
        known = (
            self.primal, self.integrality, self.on_off, self.caps, self.cones,
            self.objective, self.stationarity,
        )  # fmt: skip
        return all(value <= tolerance for value in known if value is not None)

    @property
    def infeasibility(self) -> float:
        """Largest violation of what the program demands."""
        return max(self.primal, self.integrality, self.on_off, self.caps, self.cones)


def residuals(s: Structure, d: Parameters, solution: Solution) -> Residuals:
    """Residuals of a solution that has a point.

    Raises
    ------
    ValueError
        The solution has no point.
    """
    x = solution.x
    if x is None:
        raise ValueError("a solution without a point has no residuals")
    rows = s.A @ x
    value = objective(s, d, x)
    claimed = np.nan if solution.objective is None else solution.objective
    return Residuals(
        primal=_largest(
            d.row_lower - rows, rows - d.row_upper, d.lower - x, x - d.upper
        ),
        integrality=_largest(np.abs(x - np.round(x))[s.integer]),
        on_off=_on_off(s, d, x),
        caps=_largest(cap_values(s, d, x) - d.cap_limit),
        cones=_cones(s, x),
        objective=abs(value - claimed) / max(1.0, abs(value)),
        stationarity=_stationarity(s, d, x, solution),
    )


def _on_off(s: Structure, d: Parameters, x: Vector) -> float:
    on = x[s.on_off.binary] > 0.5
    column = x[s.on_off.column]
    outside = np.maximum(d.on_lower - column, column - d.on_upper)
    return _largest(np.where(on, outside, np.abs(column)))


def _cones(s: Structure, x: Vector) -> float:
    t, z, c = x[s.cones.epigraph], x[s.cones.scale], x[s.cones.column]
    # Distance of the norm form: |(2c, t - z)| <= t + z.
    return _largest(np.hypot(2 * c, t - z) - (t + z))


def _stationarity(
    s: Structure, d: Parameters, x: Vector, solution: Solution
) -> float | None:
    if solution.y is None or s.integer.any() or s.cones.size:
        return None
    gradient = s.P @ x + d.q + s.A.T @ solution.y
    if s.caps:
        if solution.cap_y is None:
            return None
        for i, cap in enumerate(s.caps):
            slope = 2 * cap.square * x + d.cap_linear[i]
            gradient = gradient + solution.cap_y[i] * slope
    at_lower = np.isclose(x, d.lower, atol=1e-5)
    at_upper = np.isclose(x, d.upper, atol=1e-5)
    gradient = np.where(at_lower, np.minimum(gradient, 0.0), gradient)
    gradient = np.where(at_upper, np.maximum(gradient, 0.0), gradient)
    return _largest(np.abs(gradient))


def _largest(*violations: Vector) -> float:
    worst = 0.0
    for violation in violations:
        if violation.size:
            # A comparison with NaN is false: a NaN must count as infinite.
            top = float(np.max(np.where(np.isnan(violation), np.inf, violation)))
            worst = max(worst, top)
    return worst
