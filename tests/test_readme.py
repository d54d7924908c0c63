"""README is true: its table is the backends' own data, its examples run."""

import json
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from sma_benchmarks.publishing import published_table

from sma_research.cli.backends import backend_table, installed
from sma_research.cli.program import main
from sma_research.program.registry import GROUP
from sma_research.report import Report


@pytest.fixture(scope="module")
def readme() -> str:
    return (Path(__file__).resolve().parent.parent / "README.md").read_text()


def block(readme: str, heading: str, language: str) -> str:
    section = readme.split(f"## {heading}\n", 1)[1]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found is not None, f"no {language} under {heading!r}"
    return found.group(1)


def test_the_backend_table_is_the_backends_own(readme: str) -> None:
    found = re.search(r"<!-- backends -->\n(.*)\n<!-- /backends -->", readme, re.DOTALL)
    assert found is not None
    ours = [b for b in installed() if b.name in shipped()]
    assert found.group(1).strip() == backend_table(ours).strip()


def test_the_results_are_the_published_ones(readme: str) -> None:
    found = re.search(r"<!-- results -->\n(.*)\n<!-- /results -->", readme, re.DOTALL)
    assert found is not None
    folder = Path(__file__).resolve().parent.parent / "benchmarks" / "results"
    assert found.group(1).strip() == published_table(folder / "methods.csv")


def shipped() -> set[str]:
    """Backends of the package itself; those for benchmarks need more installed."""
    found = entry_points(group=GROUP)
    return {one.name for one in found if one.value.startswith("sma_solvers.")}


ACCOUNTS = (
    "One account", "Constraints in Pyomo's own words", "Taxes in the optimization",
)  # fmt: skip


@pytest.mark.parametrize("heading", ACCOUNTS)
def test_the_accounts_run(readme: str, heading: str) -> None:
    names: dict[str, object] = {}
    exec(block(readme, heading, "python"), names)
    report = names["report"]
    assert isinstance(report, Report)
    assert report.solved


def test_the_ledger_says_what_is_shown(readme: str, tmp_path: Path) -> None:
    trades, said = tmp_path / "trades.csv", tmp_path / "ledger.json"
    trades.write_text(block(readme, "The tax ledger", "csv"))
    with pytest.raises(SystemExit) as ended:
        main(["ledger", str(trades), "--json", str(said)])
    assert ended.value.code == 0
    found = json.loads(said.read_text())
    for name, rows in json.loads(block(readme, "The tax ledger", "json")).items():
        for row, shown in zip(found[name], rows, strict=True):
            assert shown.items() <= row.items()


def test_the_book_runs(readme: str, tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_text(block(readme, "A book of accounts", "toml"))
    (tmp_path / "never.txt").write_text("AAPL\nXOM\n")
    (tmp_path / "lots.csv").write_text(
        "asset,shares,cost_per_share,acquired\nAAPL,100,500,2024-03-15\n"
    )
    with pytest.raises(SystemExit) as ended:
        main(["build", str(tmp_path / "book.toml"), "--out", str(tmp_path / "out")])
    assert ended.value.code == 0
    assert "AAPL" in (tmp_path / "out" / "trades.csv").read_text()
