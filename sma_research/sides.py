"""Which side of a trade to keep where a loss would be bought back the same day.

Selling a lot at a loss and buying the asset, or one substantially identical to it,
on the same day is a wash sale: the loss is disallowed. The program does not know
that, because "sell the loss or buy, not both" is no convex limit: it is a relaxation.
Where its answer does both, a side is chosen for each group of identical assets and
the program is solved again, until nothing meets. Two rules are tried, *sell every
loss* and *the side of the net trade*. Then, at the multipliers of the best answer, the
certificate says what each side of each group costs (`program.apart`): groups on the
dearer side change it, all of them and then one by one.

All multipliers found on the way prove bounds of every choice (`program.proofs`). The
search ends when the best of these bounds says that no choice is better.

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
from sma_research.program.certificate import side_costs
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.form import Parameters
from sma_research.program.form import objective as value_at
from sma_research.program.proofs import Proofs
from sma_research.program.solution import Solution, Termination

ROUNDS: Final = 5  # of choosing all sides by prices
CHANGES: Final = 6  # groups whose side is changed, one at a time
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
        proofs=Proofs(
            structure=program.structure, parameters=program.parameters,
            apart=trades_apart(program),
        ),
    )  # fmt: skip
    choice.proofs.add(first)
    best = choice.best(first.x)
    counters = {**first.counters, "side_solves": float(len(choice.seconds))}
    seconds, y, cap_y = first.solve_s + sum(choice.seconds), first.y, first.cap_y
    if choice.proofs.best is not None:
        y, cap_y = choice.proofs.best.y, choice.proofs.best.cap_y
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
    proofs: Proofs
    seconds: list[float] = field(default_factory=list)  # of every solve
    tried: set[tuple[bytes, bytes]] = field(default_factory=set)  # decided, selling

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
        return self._singly(self._repriced(best, size), size)

    def _repriced(self, best: Sided, size: Vector) -> Sided:
        """Give every group the side that costs less, while prices choose new ones."""
        for _ in range(ROUNDS):
            selling = best.selling ^ (self._excess(best, size) > 0.0)
            if self._ended(best) or self._known(best, selling):
                break
            best = _better(best, self._with(best, selling)) or best
        return best

    def _singly(self, best: Sided, size: Vector) -> Sided:
        """Change single groups, those first whose other side costs least more."""
        for _ in range(CHANGES):
            selling = self._changed(best, self._excess(best, size))
            if selling is None or self._ended(best):
                break
            best = _better(best, self._with(best, selling)) or best
        return best

    def _changed(self, best: Sided, excess: Vector) -> Mask | None:
        """Sides with one group changed that were not tried and may be better.

        A side that costs more than the other by the whole gap cannot be: its bound is
        higher by that. With pairs this is a rule, as sides are priced without them.
        """
        proof = self.proofs.best
        gap = np.inf if proof is None else best.value - proof.bound
        for group in np.argsort(-excess, kind="stable"):
            if excess[group] <= -gap:
                break
            selling = best.selling.copy()
            selling[group] = ~selling[group]
            if not self._known(best, selling):
                return selling
        return None

    def _known(self, best: Sided, selling: Mask) -> bool:
        """Whether such sides were tried."""
        return (best.decided.tobytes(), selling.tobytes()) in self.tried

    def _excess(self, best: Sided, size: Vector) -> Vector:
        """How much more than the other the side of each group costs ``(groups,)``.

        At the multipliers that prove most; without any, less the less that met.
        """
        proofs, proof = self.proofs, self.proofs.best
        excess = size - 1.0
        if proofs.apart is not None and proof is not None:
            excess = side_costs(
                proofs.structure, proofs.parameters, proof.y, proofs.apart,
                cap_y=proof.cap_y,
            ).excess(best.selling)  # fmt: skip
        return np.where(best.decided, excess, -np.inf)

    def _with(self, best: Sided, selling: Mask) -> Sided | None:
        """The answer with other sides of the groups that have one."""
        return self._settled(np.zeros(0), self._net, (best.decided, selling))

    def _ended(self, best: Sided | None) -> bool:
        """Whether time is up, or no choice of sides could be better."""
        if best is None or self.proofs.best is None:
            return self.deadline.passed
        near = best.value - PROVEN * abs(best.value)
        return self.deadline.passed or self.proofs.best.bound >= near

    def _settled(
        self, x: Vector, rule: Rule, start: tuple[Mask, Mask] | None = None
    ) -> Sided | None:
        """Decide what meets and solve, until nothing undecided meets."""
        if start is None:
            decided = self.meeting.both(x)
            start = decided, rule(decided, x)
        decided, selling = start
        self.tried.add((decided.tobytes(), selling.tobytes()))
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
                self.proofs.add(answer)
                self.tried.add((decided.tobytes(), selling.tobytes()))
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
