"""Which side of a trade to keep where a loss would be bought back the same day.

Selling a lot at a loss and buying the asset, or one substantially identical to it,
on the same day is a wash sale: the loss is disallowed. The program does not know
that, because "sell the loss or buy, not both" is no convex limit: it is a relaxation.
Where its answer does both, a side is chosen for each group of identical assets and
the program is solved again, until nothing meets. Two rules are tried, *sell every
loss* and *the side of the net trade*, then single groups change sides.

Each chosen answer is a portfolio; what the first program proves stays true of all.

Source of solving twice: Moehle, Kochenderfer, Boyd, Ang, "Tax-aware portfolio
construction via convex optimization", J. Optim. Theory Appl. 189 (2021).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from sma_research.arrays import Index, Mask, Vector
from sma_research.canonical.build import Program
from sma_research.canonical.layout import PERCENT
from sma_research.program.deadline import Deadline, TimedSession
from sma_research.program.form import Parameters
from sma_research.program.form import objective as value_at
from sma_research.program.solution import Solution, Termination

APART: Final = 1e-7  # of account value; smaller trades do not meet
CHANGES: Final = 4  # groups whose side is changed, one at a time

Rule = Callable[[Mask, Vector], Mask]  # groups that meet, point -> groups that sell


@dataclass(frozen=True, eq=False, kw_only=True)
class Meeting:
    """Columns in which purchases and sales of losses meet, by group."""

    buy: Index  # (b,) columns that buy
    buy_group: Index  # (b,)
    sell: Index  # (s,) columns that sell at a loss
    sell_group: Index  # (s,)
    groups: int

    def bought(self, x: Vector) -> Vector:
        """Purchases of every group ``(groups,)``, of account value."""
        return self._total(x, self.buy, self.buy_group)

    def lost(self, x: Vector) -> Vector:
        """Sales at a loss of every group ``(groups,)``, of account value."""
        return self._total(x, self.sell, self.sell_group)

    def both(self, x: Vector) -> Mask:
        """Groups that do both ``(groups,)``."""
        return np.minimum(self.bought(x), self.lost(x)) > APART

    def restricted(self, d: Parameters, *, selling: Mask, buying: Mask) -> Parameters:
        """No purchases of groups that sell, no sales at a loss of those that buy."""
        upper = d.upper.copy()
        upper[self.buy[selling[self.buy_group]]] = 0.0
        upper[self.sell[buying[self.sell_group]]] = 0.0
        return replace(d, upper=upper)

    def _total(self, x: Vector, column: Index, group: Index) -> Vector:
        total = np.bincount(group, weights=x[column], minlength=self.groups)
        return np.asarray(total / PERCENT, dtype=np.float64)


def meeting_of(program: Program) -> Meeting:
    """Where purchases and sales at a loss may meet in a program."""
    layout, problem = program.layout, program.problem
    group = problem.market.universe.identical_group
    columns, none = layout.columns, np.zeros(0, dtype=np.intp)
    # What is held of an asset without lots was bought.
    plain = np.flatnonzero(layout.plain)
    buy, asset = columns["hold"].start + plain, layout.tradable[plain]
    sell, sold = none, none
    if layout.slotted.size:
        slotted = layout.tradable[layout.slotted]
        buy = np.append(buy, columns["buy"].start + np.arange(slotted.size))
        asset = np.append(asset, slotted)
        lots = np.flatnonzero(problem.at_loss)
        sell = columns["sell"].start + program.slot[lots]
        sold = group[problem.lot_asset[lots]]
    meets = np.isin(group[asset], sold)
    return Meeting(
        buy=buy[meets],
        buy_group=group[asset][meets],
        sell=sell,
        sell_group=sold,
        groups=int(group.max(initial=-1)) + 1,
    )


def solve_sides(program: Program, session: TimedSession, limit_s: float) -> Solution:
    """Solve; where a loss is sold and bought back, choose sides and solve again.

    The multipliers and the bound returned are those of the program itself, so they
    hold for every choice of sides.
    """
    deadline = Deadline.after(limit_s)
    first = session.within(deadline).solve(program.parameters)
    if first.x is None or not program.problem.at_loss.any():
        return first
    meeting = meeting_of(program)
    if not meeting.both(first.x).any():
        return first
    choice = Choice(
        program=program, session=session, meeting=meeting, deadline=deadline
    )
    best = choice.best(first.x)
    counters = {**first.counters, "side_solves": float(len(choice.seconds))}
    seconds = first.solve_s + sum(choice.seconds)
    if best is None:
        return replace(
            first, x=None, objective=None, solve_s=seconds, counters=counters,
            termination=Termination.TIME_LIMIT if deadline.passed
            else Termination.ITERATION_LIMIT,
            native_status=f"{first.native_status}; no choice of sides could be held",
        )  # fmt: skip
    counters["sides_chosen"] = float(best.decided.sum())
    stopped = deadline.passed or first.termination is Termination.TIME_LIMIT
    return replace(
        best.solution, y=first.y, cap_y=first.cap_y, bound=first.bound,
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
    seconds: list[float] = field(default_factory=list)  # of every solve

    def best(self, x: Vector) -> Sided | None:
        """The best answer of the rules, then of single changes; None if none holds."""
        rules: tuple[Rule, ...] = (_every_loss, self._net, _no_loss)
        best: Sided | None = None
        for rule in rules:
            if rule is _no_loss and best is not None:
                continue
            best = _better(best, self._settled(x, rule))
        if best is None:
            return None
        size = np.minimum(self.meeting.bought(x), self.meeting.lost(x))
        for group in self._largest(best, size):
            selling = best.selling.copy()
            selling[group] = ~selling[group]
            changed = self._settled(x, self._net, (best.decided, selling))
            best = _better(best, changed) or best
        return best

    def _largest(self, best: Sided, size: Vector) -> Iterator[int]:
        """Groups with a side, largest meeting first, while there is time."""
        groups = np.flatnonzero(best.decided)
        order = groups[np.argsort(-size[groups], kind="stable")]
        for group in map(int, order[:CHANGES]):
            if self.deadline.passed:
                return
            yield group

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
