"""The best of many proofs, and of those between them."""

from collections.abc import Callable

import numpy as np
import pytest

import sma_research as sma
from sma_research.arrays import Vector
from sma_research.canonical.trades_apart import trades_apart
from sma_research.program.certificate import certify
from sma_research.program.proofs import Proofs
from sma_research.program.solution import Solution, Termination
from tests.tax.enumeration import TAXES, best_sides, drawn, multipliers, program_of

Told = Callable[..., sma.Problem]


def answer(y: Vector | None) -> Solution:
    """An answer of nothing but multipliers."""
    return Solution(
        termination=Termination.UNKNOWN, native_status="", x=None, y=y,
        objective=None, bound=None, solve_s=0.0,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_proofs_only_get_better_and_stay_true(told: Told, seed: int) -> None:
    program = program_of(drawn(told, seed, **TAXES[0]))
    s, d, apart = program.structure, program.parameters, trades_apart(program)
    best = best_sides(program)
    proofs = Proofs(structure=s, parameters=d, apart=apart)
    proofs.add(answer(None))
    assert proofs.best is None
    for y in reversed(multipliers(program, seed)):
        proofs.add(answer(y))
        assert proofs.best is not None
        assert certify(s, d, y, apart=apart).bound <= proofs.best.bound
        assert proofs.best.bound <= best + 1e-6 * max(abs(best), 1.0)
    bounds = [proof.bound for proof in proofs.found]
    assert bounds == sorted(bounds)


def test_between_two_proofs_is_a_better_one(told: Told) -> None:
    program = program_of(drawn(told, 3, **TAXES[0]))
    s, d, apart = program.structure, program.parameters, trades_apart(program)
    y = multipliers(program, 3)[0]
    away = np.random.default_rng(0).normal(size=y.size)
    proofs = Proofs(structure=s, parameters=d, apart=apart)
    ends = [certify(s, d, y + step * away, apart=apart).bound for step in (-1.0, 1.0)]
    for step in (-1.0, 1.0):
        proofs.add(answer(y + step * away))
    assert proofs.best is not None
    assert proofs.best.bound > max(ends) + 1.0
