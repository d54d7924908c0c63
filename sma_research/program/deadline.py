"""One limit of time for all the solves that one account takes."""

from dataclasses import dataclass, replace
from time import perf_counter

from sma_research.program.backend import Backend, Session, Settings
from sma_research.program.form import Structure

SHORTEST = 0.01  # seconds that a solve gets, however late it is
FRESH = 0.9  # of its limit: a session with less time left is compiled again


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When the time of an account is over."""

    at_s: float  # on the clock of `time.perf_counter`

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The deadline that many seconds from now."""
        return cls(at_s=perf_counter() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds left; negative when it has passed."""
        return self.at_s - perf_counter()

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.left_s <= 0.0

    def within(self, settings: Settings) -> Settings:
        """Settings that keep to the deadline."""
        left = max(self.left_s, SHORTEST)
        return replace(settings, time_limit_s=min(settings.time_limit_s, left))


class TimedSession:
    """A compiled structure whose solves keep to a deadline.

    A session has the time limit it was compiled with. Where clearly less is left,
    the structure is compiled again with what is left.
    """

    def __init__(
        self, backend: Backend, structure: Structure, settings: Settings
    ) -> None:
        self._backend = backend
        self._structure = structure
        self._settings = settings
        self._whole = backend.compile(structure, settings)
        self._short: tuple[float, Session] | None = None

    def within(self, deadline: Deadline) -> Session:
        """A session that ends by the deadline, or hardly after it."""
        settings = deadline.within(self._settings)
        left = settings.time_limit_s
        if left >= FRESH * self._settings.time_limit_s:
            return self._whole
        if self._short is None or not FRESH * self._short[0] <= left <= self._short[0]:
            self._short = left, self._backend.compile(self._structure, settings)
        return self._short[1]
