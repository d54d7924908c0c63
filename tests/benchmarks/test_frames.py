"""Messages survive whatever else is written to their pipe."""

import os

from hypothesis import given
from hypothesis import strategies as st
from sma_benchmarks.frames import TAG_BYTES, Kind, Message, Scanner, frame

TAG = bytes(range(TAG_BYTES))
NOISE = st.binary(max_size=40).filter(lambda noise: TAG not in noise)
MESSAGES = st.lists(
    st.tuples(st.sampled_from(Kind), st.binary(max_size=200), NOISE), max_size=6
)


def fed(content: bytes, size: int) -> list[Message]:
    scanner = Scanner(TAG)
    return [
        message
        for start in range(0, len(content), size)
        for message in scanner.feed(content[start : start + size])
    ]


@given(sent=MESSAGES, size=st.integers(1, 300))
def test_noise_between_messages_is_skipped(
    sent: list[tuple[Kind, bytes, bytes]], size: int
) -> None:
    stream = b"".join(noise + frame(TAG, kind, text) for kind, text, noise in sent)
    expected = [Message(kind, text) for kind, text, _ in sent]
    assert fed(stream, size) == expected


@given(at=st.integers(0, 60), noise=st.binary(min_size=1, max_size=9))
def test_a_message_that_was_written_into_does_not_count(at: int, noise: bytes) -> None:
    whole = frame(TAG, Kind.ANSWER, os.urandom(32))
    place = min(at, len(whole) - 1)
    spoilt = whole[:place] + noise + whole[place:]
    after = frame(TAG, Kind.ENDED, b"end")
    found = fed(spoilt + after, 7)
    assert found[-1] == Message(Kind.ENDED, b"end")
    # Noise that repeats what stood there anyway spoils nothing.
    assert len(found) == 1 or whole.startswith(whole[:place] + noise) or place == 0


def test_a_message_cut_short_by_a_death_gives_way_to_the_next() -> None:
    cut = frame(TAG, Kind.ANSWER, b"x" * 100_000)[:50_000]
    ended = frame(TAG, Kind.ENDED, b"{}")
    assert fed(cut + ended, 4096) == [Message(Kind.ENDED, b"{}")]


def test_a_large_message_arrives_in_pieces() -> None:
    content = os.urandom(5_000_000)
    assert fed(frame(TAG, Kind.ANSWER, content), 65_536) == [
        Message(Kind.ANSWER, content)
    ]
