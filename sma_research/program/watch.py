"""Incumbents on their way from a native callback to the caller."""

from typing import final

from sma_research.program.backend import Observer
from sma_research.program.solution import Incumbent


@final
class Watch:
    """Collects incumbents, asks the observer, and holds what it raises.

    An exception must not travel through native code: it ends the search like a
    stop, and `close` lets it out when the library has returned.
    """

    def __init__(self, observe: Observer | None) -> None:
        self._observe = observe
        self._error: BaseException | None = None
        self.stop = False  # whether the search should end
        self.seen: list[Incumbent] = []

    def note(self, incumbent: Incumbent) -> None:
        """Keep an incumbent, and ask the observer whether to go on."""
        self.seen.append(incumbent)
        if self._observe is None or self.stop:
            return
        try:
            self.stop = not self._observe(incumbent)
        except BaseException as error:  # raised again by `close`
            self._error, self.stop = error, True

    def close(self) -> tuple[Incumbent, ...]:
        """Return the incumbents seen, or raise what the observer raised."""
        if self._error is not None:
            raise self._error
        return tuple(self.seen)
