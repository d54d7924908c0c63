"""Where a search by tangents begins: at a relaxation's optimum and its rounding.

Linear programs close in on a curved optimum slowly. A continuous backend names it at
once, and tangents there hold a linear program up to almost the same value, so that
what is left to linear programs is the proof. Of a program with on/off pairs it is the
relaxation; its point is rounded (`rounding`), so that a limit of time that comes first
finds a portfolio.
"""

from typing import Final

from sma_research.formulations.big_m import BigM
from sma_research.formulations.cutting_search import Cutting, Search
from sma_research.formulations.perspective import Perspective
from sma_research.formulations.relax import Relax
from sma_research.formulations.rounding import Rounding
from sma_research.program.backend import Backend, Service
from sma_research.program.certificate import certify
from sma_research.program.deadline import Deadline
from sma_research.program.form import ProblemClass, Structure
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution, Termination

SHARE: Final = 0.3  # of the time, for all that comes before the first linear program


def begin(cutting: Cutting, search: Search) -> None:
    """First tangents, a first bound and a first point, where there is a way to them."""
    s, d = cutting.structure, cutting.parameters
    backend = continuous(s, cutting.polish)
    if backend is None:
        return
    deadline = Deadline.after(SHARE * search.left_s)
    answer = backend.compile(s, deadline.within(search.settings)).solve(d)
    x = answer.x
    if x is None:
        return
    search.helper = backend.info.name
    lifted = cutting.around.full(x)
    cutting.tangents(lifted, near=False)
    proof = certify(s, d, answer.y, cap_y=answer.cap_y, point=x)
    search.prove(proof.bound, proof.y, proof.cap_y)
    if answer.termination is Termination.OPTIMAL and cutting.holds(x):
        search.centre, search.level = lifted, cutting.value(lifted)
        if not s.integer.any():
            search.offer(x, value_at(s, d, x))
    if roundable(s):
        _round(cutting, search, answer, deadline)


def continuous(s: Structure, polish: Backend | None) -> Backend | None:
    """A backend for the relaxation, as tight as the one to polish with allows."""
    if polish is None:
        return None
    conic = {ProblemClass.QCP} <= polish.info.solves and (
        Service.CONES in polish.info.services
    )
    if s.cones.size and not conic:
        return None
    if (ProblemClass.QCP if s.caps else ProblemClass.QP) not in polish.info.solves:
        return None
    if not s.integer.any():
        return polish
    relaxed = Relax(polish)
    if not s.on_off.size:
        return relaxed
    return Perspective(relaxed) if conic else BigM(relaxed)


def roundable(s: Structure) -> bool:
    """Whether every integer column belongs to an on/off pair, and there are some."""
    return s.on_off.size > 0 and int(s.integer.sum()) == s.on_off.size


def _round(
    cutting: Cutting, search: Search, relaxation: Solution, deadline: Deadline
) -> None:
    """Ever better portfolios, each with a bound; tangents where the best one is."""
    if cutting.polish is None:
        return
    rounding = Rounding(
        structure=cutting.structure,
        parameters=cutting.parameters,
        polish=cutting.polish,
        settings=search.settings,
        deadline=deadline,
    )
    for found in rounding.answers(relaxation):
        proof = found.certificate
        search.prove(proof.bound, proof.y, proof.cap_y)
        search.offer(found.x, found.objective)
        if search.over() or search.gap <= search.settings.relative_gap:
            break
    if search.x is not None:
        cutting.tangents(cutting.around.full(search.x), near=False)
