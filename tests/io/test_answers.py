"""Answers as files: full precision, whole or absent, and safe in spreadsheets."""

import csv
import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sma_research.errors import DataError
from sma_research.io import (
    ReportFile,
    answer,
    prepare_file,
    prepare_folder,
    write_answers,
)
from sma_research.io.records import MarketRecord, library_versions, report_json
from sma_research.io.write import write_csv, write_text
from sma_research.portfolio.metrics import linear_tax
from sma_research.report import Report, Status

MARKET = MarketRecord(
    as_of=date(2025, 6, 30), source="test", synthetic=True, n_assets=5, n_factors=1
)


def written(folder: Path, *reports: Report) -> Path:
    answers = [answer(report) for report in reports]
    records = [found.record for found in answers]
    text = report_json(MARKET, records, versions=library_versions(), complete=True)
    write_answers(folder, answers, text)
    return folder


def test_parquet_gives_back_the_report(tmp_path: Path, report: Report) -> None:
    folder = written(tmp_path, report)
    weights = pd.read_parquet(folder / "weights.parquet")
    assert weights["asset"].tolist() == report.weights.index.tolist()
    assert weights["weight"].tolist() == report.weights.tolist()
    assert set(weights["account"]) == {"@home"}
    trades = pd.read_parquet(folder / "trades.parquet")
    assert trades.columns.tolist() == [
        "account", "asset", "lot", "side", "shares", "value", "reason", "price",
        "cost_per_share", "acquired", "term", "gain", "tax",
    ]  # fmt: skip
    assert trades["shares"].tolist() == report.trades["shares"].tolist()
    assert trades["lot"].tolist() == [0, *[pd.NA] * 5]


def test_trades_carry_their_tax(tmp_path: Path, report: Report) -> None:
    """The rate of the term times the gain: what netting makes of all is the report's."""
    assert report.problem is not None
    assert report.rebalance is not None
    problem = report.problem
    trades = pd.read_parquet(written(tmp_path, report) / "trades.parquet")
    sold = trades[trades["side"] == "sell"]
    lots = problem.account.lots
    gain = sold["shares"] * (sold["price"] - sold["cost_per_share"])
    np.testing.assert_allclose(sold["gain"], gain)
    assert sold["acquired"].tolist() == [lots.acquired[0].isoformat()]
    by_lot = linear_tax(problem, report.rebalance) * problem.value
    assert sold["tax"].sum() == pytest.approx(by_lot)
    assert trades[trades["side"] == "buy"]["tax"].isna().all()


def test_csv_has_full_precision(tmp_path: Path, report: Report) -> None:
    folder = written(tmp_path, report)
    with (folder / "weights.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["weight"]) for row in rows] == report.weights.tolist()
    assert {"NA", "ON", "TRUE", "nan"} < {row["asset"] for row in rows}


def test_csv_text_is_safe_in_spreadsheets_and_numbers_are_untouched(
    tmp_path: Path,
) -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain", "a=b"]
    table = pd.DataFrame({"text": cells, "number": -np.arange(8.0)})
    write_csv(tmp_path / "t.csv", table.astype({"text": "string"}))
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", " x", "plain", "a=b",
    ]  # fmt: skip
    assert rows[3]["number"] == "-3.0"


def test_what_is_no_number_is_null(tmp_path: Path, report: Report) -> None:
    folder = written(tmp_path, report)
    text = (folder / "report.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "Infinity" not in text
    file = json.loads(text)
    assert file["schema"] == "sma.report/1"
    (found,) = file["reports"]
    assert found["bound"] is None
    assert found["gap"] is None
    assert found["metrics"]["tracking_error"] == report.metrics.tracking_error  # type: ignore[union-attr]
    assert found["status"] == "FEASIBLE"
    assert {"python", "sma-research", "numpy"} <= set(file["versions"])


def test_the_report_file_can_be_read_back(tmp_path: Path, report: Report) -> None:
    text = (written(tmp_path, report) / "report.json").read_text(encoding="utf-8")
    file = ReportFile.model_validate_json(text)
    assert file.reports[0].account_id == "@home"
    assert file.reports[0].metrics == report.metrics
    assert file.market == MARKET


def test_the_schema_of_reports_names_every_field(report: Report) -> None:
    from sma_research.io import report_schema

    schema = json.loads(json.dumps(report_schema()))
    fields = schema["$defs"]["ReportRecord"]["properties"]
    record = json.loads(answer(report).record.model_dump_json())
    assert set(fields) == set(record)
    assert schema["properties"]["schema"]["const"] == "sma.report/1"


@pytest.mark.parametrize("status", [Status.CHECK_FAILED, Status.NUMERICAL])
def test_what_failed_leaves_no_trades(
    tmp_path: Path, report: Report, status: Status
) -> None:
    failed = replace(report, account_id="bad", status=status)
    folder = written(tmp_path, failed, report)
    for name in ("weights", "trades"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        assert set(table["account"]) == {"@home"}
    file = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert [found["account_id"] for found in file["reports"]] == ["bad", "@home"]


def test_no_answer_still_writes_typed_tables(tmp_path: Path) -> None:
    refused = Report(
        account_id="x", solver="toy", formulation="direct",
        status=Status.BAD_INPUT, message="no cash",
    )  # fmt: skip
    folder = written(tmp_path, refused)
    trades = pd.read_parquet(folder / "trades.parquet")
    assert trades.empty
    assert str(trades["lot"].dtype) == "Int64"
    assert (folder / "weights.csv").read_text() == "account,asset,weight\n"


def test_a_second_run_overwrites_and_leaves_nothing_beside(
    tmp_path: Path, report: Report
) -> None:
    written(tmp_path, report, replace(report, account_id="other"))
    before = {path.name for path in tmp_path.iterdir()}
    written(tmp_path, report)
    after = {path.name for path in tmp_path.iterdir()}
    assert before == after == {
        "weights.csv", "weights.parquet", "trades.csv", "trades.parquet", "report.json",
    }  # fmt: skip
    weights = pd.read_parquet(tmp_path / "weights.parquet")
    assert set(weights["account"]) == {"@home"}


def test_a_write_that_fails_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    write_text(path, "before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sma_research.io.write.fsync", full)
    with pytest.raises(DataError, match="cannot be written: No space left on device"):
        write_text(path, "after")
    assert path.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir()] == ["report.json"]


def test_files_can_be_read_by_others(tmp_path: Path) -> None:
    write_text(tmp_path / "x", "x")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o644


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        prepare_folder(tmp_path / "file" / "out")
    with pytest.raises(DataError, match="is a folder"):
        prepare_file(tmp_path)
    with pytest.raises(DataError, match="there is no folder"):
        prepare_file(tmp_path / "reslts" / "answer.json")
    assert not (tmp_path / "reslts").exists()


def test_a_report_prints_as_one_line(report: Report) -> None:
    assert repr(replace(report, gap=0.001)) == (
        "<Report of '@home', FEASIBLE, tracking error 0.00 bp, gap 0.100 %, 5 names, "
        "tax -7.40 %>"
    )
    refused = Report(account_id="a", solver="s", formulation="f",
                     status=Status.BAD_INPUT, message="cash is nan")  # fmt: skip
    assert repr(refused) == "<Report of 'a', BAD_INPUT: cash is nan>"
