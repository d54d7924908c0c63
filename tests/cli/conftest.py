"""Running ``sma`` in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sma_research.cli import main


@dataclass(frozen=True)
class Run:
    """How a run of ``sma`` ended."""

    code: int
    out: str
    err: str


Sma = Callable[..., Run]

BOOK = """
[market]
synthetic = { n_assets = 60, n_factors = 4, n_etfs = 4, seed = 1 }

[defaults]
target = { large = 0.7, mid = 0.2, small = 0.1 }
kinds = ["stock"]

[[account]]
id = "smith"
cash = 25_000
lots = "lots.csv"
exclude = ["MSFT"]

[[account]]
id = "jones"
cash = 1_000_000
"""
LOTS = "asset,shares,cost_per_share,acquired\nAAPL,10,100,2024-01-02\n"


@pytest.fixture
def sma(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Sma:
    """Run the program with arguments; its code and what it printed."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*arguments: object) -> Run:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        code = end.value.code
        assert isinstance(code, int)
        return Run(code, printed.out, printed.err)

    return run


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small book of two accounts."""
    (tmp_path / "lots.csv").write_text(LOTS)
    path = tmp_path / "book.toml"
    path.write_text(BOOK)
    return path
