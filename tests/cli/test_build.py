"""Solving from the command line: what is shown, what is written, how it ends."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sma_research.io import ReportFile
from sma_research.report import Report, Status
from sma_research.run import solve_book

Sma = Callable[..., Any]
SMALL = ("--assets", 60, "--factors", 4, "--etfs", 4)


def test_the_demonstration_has_nine_rows(sma: Sma, tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    run = sma("demo", *SMALL, "--json", path)
    assert "The market is SYNTHETIC" in run.out
    file = ReportFile.model_validate_json(path.read_text(encoding="utf-8"))
    assert [report.account_id for report in file.reports] == [
        f"{client}-{kind}" for kind in ("stocks", "etfs", "both") for client in "ABC"
    ]
    assert file.market.synthetic
    assert file.complete
    for report in file.reports:
        assert any(
            report.account_id in line and report.status in line
            for line in run.out.splitlines()
        )
    solved = {"OPTIMAL", "FEASIBLE", "RELAXED"}
    assert run.code == (0 if {r.status for r in file.reports} <= solved else 1)


def test_a_book_is_solved_and_written(sma: Sma, book: Path, tmp_path: Path) -> None:
    out, path = tmp_path / "out", tmp_path / "report.json"
    run = sma("build", book, "--out", out, "--json", path)
    assert run.code == 0
    assert [line.split()[:3] for line in run.err.splitlines()] == [
        ["1/2", "smith", "OPTIMAL"],
        ["2/2", "jones", "OPTIMAL"],
    ]
    assert str(out) in run.out
    weights = pd.read_parquet(out / "weights.parquet")
    assert set(weights["account"]) == {"smith", "jones"}
    assert "MSFT" not in set(weights.loc[weights["account"] == "smith", "asset"])
    trades = pd.read_csv(out / "trades.csv", dtype=str, keep_default_na=False)
    sold = trades[(trades["account"] == "smith") & (trades["side"] == "sell")]
    assert set(sold["asset"]) <= {"AAPL"}
    assert (out / "report.json").read_text() == path.read_text()
    file = json.loads(path.read_text())
    assert file["schema"] == "sma.report/1"
    assert file["reports"][0]["metrics"]["names"] == sum(weights["account"] == "smith")
    assert file["versions"]["clarabel"]


def test_a_second_run_gives_the_same_trades(
    sma: Sma, book: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert sma("build", book, "--out", out).code == 0
    first = (out / "trades.csv").read_bytes()
    assert sma("build", book, "--out", out).code == 0
    assert (out / "trades.csv").read_bytes() == first


def test_accounts_that_are_not_solved(sma: Sma, book: Path, tmp_path: Path) -> None:
    text = book.read_text().replace('exclude = ["MSFT"]', "tracking_error_cap = 1e-9")
    book.write_text(text.replace("cash = 25_000", "max_weight = 0.001"))
    path = tmp_path / "report.json"
    run = sma("build", book, "--json", path)
    assert run.code == 1
    smith, jones = ReportFile.model_validate_json(path.read_text()).reports
    assert smith.status is not Status.OPTIMAL
    assert smith.account_id in run.out
    assert jones.status in {"OPTIMAL", "FEASIBLE"}


def test_what_was_finished_before_ctrl_c_is_written(
    sma: Sma, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any, **options: Any) -> Iterator[Report]:
        yield next(iter(solve_book(*arguments, **options)))
        raise KeyboardInterrupt

    monkeypatch.setattr("sma_research.cli.solving.solve_book", interrupted)
    out = tmp_path / "out"
    run = sma("build", book, "--out", out)
    assert run.code == 130
    assert run.err.splitlines()[-1] == "stopped by Ctrl-C"
    assert "1 of 2 accounts were finished" in run.out
    file = json.loads((out / "report.json").read_text())
    assert [report["account_id"] for report in file["reports"]] == ["smith"]
    assert file["complete"] is False
    assert set(pd.read_parquet(out / "weights.parquet")["account"]) == {"smith"}
