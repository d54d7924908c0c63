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
