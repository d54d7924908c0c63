"""Answers on their way to a file: refused in part, and stored by several at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from sma_benchmarks.answer import Answer, from_bytes, store, to_bytes

from sma_research.errors import DataError


@pytest.mark.parametrize(
    ("name", "vector"),
    [
        ("x", np.array(["a", "b"])),
        ("buy", np.array([1.0 + 2.0j])),
        ("buy", np.array(["2024-01-02"], dtype="datetime64[D]")),
        ("account_id", np.array([1.0, 2.0])),
    ],
)
def test_vectors_of_another_kind_are_refused(
    name: str, vector: np.ndarray[tuple[int], np.dtype[np.generic]]
) -> None:
    content = to_bytes(Answer(status="x", vectors={name: vector}))
    with pytest.raises(DataError, match=f"{name} is .*expected"):
        from_bytes(content)


def test_real_vectors_and_names_of_accounts_come_back() -> None:
    vectors = {
        "account_id": np.array(["one", "two"]),
        "buy_row": np.array([0, 1]),
        "buy_value": np.array([1.5, 2.5]),
    }
    again = from_bytes(to_bytes(Answer(status="x", vectors=vectors)))
    assert {name: v.tolist() for name, v in again.vectors.items()} == {
        "account_id": ["one", "two"], "buy_row": [0, 1], "buy_value": [1.5, 2.5],
    }  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.99])
def test_bytes_cut_short_are_refused(share: float) -> None:
    whole = to_bytes(Answer(status="x", vectors={"x": np.linspace(0.0, 1.0, 500)}))
    with pytest.raises(DataError, match="cannot be read"):
        from_bytes(whole[: int(share * len(whole))])


def test_a_changed_bit_never_raises_anything_else() -> None:
    whole = to_bytes(Answer(status="x", vectors={"x": np.linspace(0.0, 1.0, 50)}))
    refused = 0
    for place in range(0, len(whole), 7):
        changed = bytes([*whole[:place], whole[place] ^ 0x55, *whole[place + 1 :]])
        try:
            from_bytes(changed)
        except DataError:
            refused += 1
    assert refused > 0.5 * len(whole) / 7


def test_equal_content_is_stored_at_once_by_several(tmp_path: Path) -> None:
    writers = 4
    barrier = Barrier(writers)

    def write(content: bytes) -> str:
        barrier.wait()
        return store(tmp_path, content, ".npz")

    with ThreadPoolExecutor(writers) as pool:
        for number in range(100):
            content = bytes([number]) * 100_000
            names = set(pool.map(write, [content] * writers))
            assert len(names) == 1
    files = sorted(path.name for path in tmp_path.iterdir())
    assert len(files) == 100
    assert all(name.endswith(".npz") for name in files)
