"""Which side of a trade to keep where a loss would be bought back the same day.

Selling a lot at a loss and buying the asset, or one substantially identical to it,
on the same day is a wash sale: the loss is disallowed. The program does not know
that, because "sell the loss or buy, not both" is no convex limit: it is a relaxation.
Where its answer does both, a side is chosen for each group of identical assets and
the program is solved again, until nothing meets. Two rules are tried, *sell every
loss* and *the side of the net trade*. Then, at the multipliers of the best answer, the
certificate says what each side of each group costs (`program.apart`): groups on the
dearer side change it, all of them and then one by one.

Every multiplier found on the way proves a bound of all choices. The search ends when
the best of these bounds says that no choice is better.

Source of solving twice: Moehle, Kochenderfer, Boyd, Ang, "Tax-aware portfolio
construction via convex optimization", J. Optim. Theory Appl. 189 (2021).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from sma_research.arrays import Mask, Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.canonical.meeting import Meeting, meeting_of
from sma_research.canonical.trades_apart import trades_apart
from sma_research.program.apart import Apart
from sma_research.program.certificate import Certificate, certify, side_costs
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.form import Parameters
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution, Termination

ROUNDS: Final = 3  # of changing all sides that cost more
CHANGES: Final = 4  # groups whose side is changed, one at a time
PROVEN: Final = 1e-5  # relative, to its bound, of an answer that no choice improves

Rule = Callable[[Mask, Vector], Mask]  # groups that meet, point -> groups that sell


def solve_sides(program: Program, session: TimedSession, limit_s: float) -> Solution:
    """Solve; where a loss is sold and bought back, choose sides and solve again.

    The multipliers returned are those that prove most. The bound is that of the
    program itself; both hold for every choice of sides.
    """
    deadline = Deadline.after(limit_s)
    first = session.within(deadline).solve(program.parameters)
    if first.x is None or not program.problem.at_loss.any():
        return first
    meeting = meeting_of(program)
    if not meeting.both(first.x).any():
        return first
    choice = Choice(
        program=program, session=session, meeting=meeting, deadline=deadline,
        apart=trades_apart(program),
    )  # fmt: skip
    choice.prove(first)
    best = choice.best(first.x)
    counters = {**first.counters, "side_solves": float(len(choice.seconds))}
    seconds, y, cap_y = first.solve_s + sum(choice.seconds), first.y, first.cap_y
    if choice.proofs:
        proof = choice.strongest
        y, cap_y = proof.y, proof.cap_y
    if best is None:
        return replace(
            first, x=None, objective=None, solve_s=seconds, counters=counters,
            y=y, cap_y=cap_y,
            termination=Termination.TIME_LIMIT if deadline.passed
            else Termination.ITERATION_LIMIT,
            native_status=f"{first.native_status}; no choice of sides could be held",
        )  # fmt: skip
    counters["sides_chosen"] = float(best.decided.sum())
    stopped = deadline.passed or first.termination is Termination.TIME_LIMIT
    return replace(
        best.solution, y=y, cap_y=cap_y, bound=first.bound,
        termination=Termination.TIME_LIMIT if stopped else Termination.FEASIBLE,
        solve_s=seconds, counters={**best.solution.counters, **counters},
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Sided:
    """An answer in which nothing meets."""

    solution: Solution
    value: float  # of the program's objective
    decided: Mask  # (groups,) with a side
    selling: Mask  # (groups,) of these, those that sell


@dataclass(frozen=True, eq=False, kw_only=True)
class Choice:
    """The search for sides of one account."""

    program: Program
    session: TimedSession
    meeting: Meeting
    deadline: Deadline
    apart: Apart | None
    seconds: list[float] = field(default_factory=list)  # of every solve
    proofs: list[Certificate] = field(default_factory=list)

    @property
    def strongest(self) -> Certificate:
        """The proof of the highest bound."""
        return max(self.proofs, key=lambda proof: proof.bound)

    def prove(self, answer: Solution) -> None:
        """Keep what the multipliers of an answer prove."""
        if answer.y is None:
            return
        s, d = self.program.structure, self.program.parameters
        proof = certify(s, d, answer.y, cap_y=answer.cap_y, apart=self.apart)
        self.proofs.append(proof)

    def best(self, x: Vector) -> Sided | None:
        """The best answer of the rules, then of changed sides; None if none holds."""
        rules: tuple[Rule, ...] = (_every_loss, self._net, _no_loss)
        best: Sided | None = None
        for rule in rules:
            if self._ended(best) or (rule is _no_loss and best is not None):
                continue
            best = _better(best, self._settled(x, rule))
        if best is None:
            return None
        size = np.minimum(self.meeting.bought(x), self.meeting.lost(x))
        return self._changed(best, size)

    def _changed(self, best: Sided, size: Vector) -> Sided:
        """Change sides that cost more: all together while that helps, then singly."""
        dearer = self._dearer(best, size)
        for _ in range(ROUNDS):
            if self._ended(best) or not (dearer > 0.0).any():
                return best
            changed = self._flipped(best, dearer > 0.0)
            if changed is None or not changed.value < best.value:
                break
            best, dearer = changed, self._dearer(changed, size)
        for group in np.argsort(-dearer, kind="stable")[:CHANGES]:
            if self._ended(best) or not dearer[group] > 0.0:
                return best
            only = np.arange(dearer.size) == group
            best = _better(best, self._flipped(best, only)) or best
        return best

    def _dearer(self, best: Sided, size: Vector) -> Vector:
        """By how much the side of each group costs more than the other ``(groups,)``.

        By multipliers of the answer; by what met where there are none.
        """
        s, d = self.program.structure, self.program.parameters
        answer, least = best.solution, PROVEN * abs(best.value) / size.size
        if self.apart is None or answer.y is None:
            return np.where(best.decided, size, 0.0)
        costs = side_costs(s, d, answer.y, self.apart, cap_y=answer.cap_y)
        chosen = np.where(best.selling, costs.selling.value, costs.buying.value)
        more = chosen - costs.best
        return np.where(best.decided & (more > least), more, 0.0)

    def _flipped(self, best: Sided, groups: Mask) -> Sided | None:
        """The answer with other sides of some groups."""
        start = best.decided, best.selling ^ groups
        return self._settled(np.zeros(0), self._net, start)

    def _ended(self, best: Sided | None) -> bool:
        """Whether time is up, or no choice of sides could be better."""
        if best is None or not self.proofs:
            return self.deadline.passed
        near = best.value - PROVEN * abs(best.value)
        return self.deadline.passed or self.strongest.bound >= near

    def _settled(
        self, x: Vector, rule: Rule, start: tuple[Mask, Mask] | None = None
    ) -> Sided | None:
        """Decide what meets and solve, until nothing undecided meets."""
        if start is None:
            decided = self.meeting.both(x)
            start = decided, rule(decided, x)
        decided, selling = start
        s, d = self.program.structure, self.program.parameters
        while True:
            answer = self._solved(
                self.meeting.restricted(
                    d, selling=decided & selling, buying=decided & ~selling
                )
            )
            if answer is None or answer.x is None:
                return None
            new = self.meeting.both(answer.x) & ~decided
            if not new.any():
                self.prove(answer)
                return Sided(
                    solution=answer, value=value_at(s, d, answer.x),
                    decided=decided, selling=selling,
                )  # fmt: skip
            selling = np.where(new, rule(new, answer.x), selling)
            decided = decided | new

    def _solved(self, d: Parameters) -> Solution | None:
        if self.deadline.passed or (d.lower > d.upper).any():
            return None
        answer = self.session.within(self.deadline).solve(d)
        self.seconds.append(answer.solve_s)
        return answer

    def _net(self, groups: Mask, x: Vector) -> Mask:
        """Groups that sell more than they buy, gains included."""
        layout, m = self.program.layout, self.meeting
        group = self.program.problem.market.universe.identical_group
        owner = group[layout.tradable[layout.slotted]][layout.slot_owner]
        sold = x[layout.columns["sell"]]
        total = np.bincount(owner, weights=sold, minlength=m.groups) / PERCENT
        return np.asarray(groups & (m.bought(x) <= total), dtype=np.bool_)


def _every_loss(groups: Mask, x: Vector) -> Mask:
    del x
    return groups


def _no_loss(groups: Mask, x: Vector) -> Mask:
    del x
    return np.zeros_like(groups)


def _better(best: Sided | None, other: Sided | None) -> Sided | None:
    if best is None or other is None:
        return best or other
    return other if other.value < best.value else best
