"""A backend that lies in one way: what a contract, a referee or a report must catch."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sma_research.arrays import Vector
from sma_research.program.backend import (
    Availability,
    Backend,
    BackendInfo,
    Observer,
    Session,
    Settings,
)
from sma_research.program.form import Parameters, Structure
from sma_research.program.solution import Solution


@dataclass(frozen=True)
class Lie:
    """What happens to each thing on its way; by default nothing."""

    structure: Callable[[Structure], Structure] = lambda s: s
    settings: Callable[[Settings], Settings] = lambda s: s
    account: Callable[[Parameters], Parameters] = lambda d: d
    answer: Callable[[Parameters, Solution], Solution] = lambda _, a: a
    info: Callable[[BackendInfo], BackendInfo] = lambda i: i
    observer: Callable[[Observer], Observer | None] = lambda o: o
    engines: tuple[Availability, ...] | None = None
    stale: tuple[str, ...] = ()  # parameters kept from a session's first account


@dataclass
class LyingSession:
    """A session between the truth and the caller."""

    lie: Lie
    inner: Session
    first: Parameters | None = None

    def solve(
        self,
        parameters: Parameters,
        *,
        start: Vector | None = None,
        observe: Observer | None = None,
    ) -> Solution:
        """Solve what the lie makes of it."""
        heard = None if observe is None else self.lie.observer(observe)
        self.first = self.first or parameters
        old = {name: getattr(self.first, name) for name in self.lie.stale}
        account = self.lie.account(replace(parameters, **old))
        answer = self.inner.solve(account, start=start, observe=heard)
        return self.lie.answer(parameters, answer)


@dataclass
class Liar:
    """A backend between the truth and the caller."""

    lie: Lie
    inner: Backend

    @property
    def info(self) -> BackendInfo:
        """Capabilities, perhaps more than there are."""
        return self.lie.info(self.inner.info)

    def probe(self) -> tuple[Availability, ...]:
        """Engines, perhaps some that are not there."""
        return self.inner.probe() if self.lie.engines is None else self.lie.engines

    def compile(self, structure: Structure, settings: Settings) -> Session:
        """Compile what the lie makes of it."""
        told = self.lie.structure(structure), self.lie.settings(settings)
        return LyingSession(self.lie, self.inner.compile(*told))
