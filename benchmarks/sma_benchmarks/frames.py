"""Messages on a pipe that anybody in the process may scribble on.

A frame is a tag of 16 random bytes that only its two ends know, a kind, a length, a
check sum and the content. What stands between frames is skipped, and a frame that
somebody wrote into does not count.
"""

import hashlib
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TAG_BYTES: Final = 16
_HEAD: Final = struct.Struct(">1sQ8s")
_CONTENT: Final = TAG_BYTES + _HEAD.size


class Kind(StrEnum):
    """What a message says."""

    FORKED = "F"  # the process of the solve exists; its number
    READY = "R"  # all is imported and loaded; processor seconds so far
    DONE = "D"  # the solve returned; processor seconds of the solve
    ANSWER = "A"  # the answer
    FAILED = "X"  # outcome and message instead
    ENDED = "E"  # the process is gone: status and resources


@dataclass(frozen=True, slots=True)
class Message:
    """One whole frame."""

    kind: Kind
    content: bytes


def frame(tag: bytes, kind: Kind, content: bytes = b"") -> bytes:
    """The bytes of a message."""
    head = _HEAD.pack(kind.encode(), len(content), _check(kind.encode(), content))
    return tag + head + content


class Scanner:
    """Finds the frames of one tag in a stream of bytes."""

    def __init__(self, tag: bytes) -> None:
        self._tag = tag
        self._held = bytearray()
        self._looked = 0  # bytes of an unfinished frame that hold no other tag

    def feed(self, content: bytes) -> list[Message]:
        """Messages that are complete now."""
        self._held += content
        found: list[Message] = []
        while self._next(found):
            continue
        return found

    def _next(self, found: list[Message]) -> bool:
        """Take the first frame, or drop what is none; whether to look again."""
        start = self._held.find(self._tag)
        del self._held[: start if start >= 0 else 1 - TAG_BYTES]
        if start < 0 or len(self._held) < _CONTENT:
            return False
        kind, length, check = _HEAD.unpack_from(self._held, TAG_BYTES)
        end = _CONTENT + length
        if len(self._held) >= end:
            content = bytes(self._held[_CONTENT:end])
            whole = _check(kind, content) == check
            if whole:
                found.append(Message(Kind(kind.decode()), content))
            self._drop(end if whole else TAG_BYTES)
            return True
        # Cut short by the death of its writer? Then another frame follows within.
        other = self._held.find(self._tag, max(TAG_BYTES, self._looked - TAG_BYTES))
        if other < 0:
            self._looked = len(self._held)
            return False
        self._drop(other)
        return True

    def _drop(self, count: int) -> None:
        del self._held[:count]
        self._looked = 0


def _check(kind: bytes, content: bytes) -> bytes:
    return hashlib.sha256(kind + content).digest()[:8]
