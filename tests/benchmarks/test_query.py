"""SQL reads the checked tables of runs, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from sma_benchmarks import extras
from sma_benchmarks.records import Value
from sma_benchmarks.store import write_tables

from sma_research.cli import main
from tests.benchmarks.tables import run_row

Query = Callable[..., tuple[int, str, str]]
ROWS: dict[str, list[dict[str, Value]]] = {
    "first": [
        run_row("clarabel[tolerance=1e-7]", "a:n=1", objective=1.0),
        run_row("osqp", "a:n=1", objective=1.5, iterations=40, te_bp=123.456789),
    ],
    "second": [
        run_row("osqp", "b:n=1", suite="other", objective=None, message="=out, of\nink")
    ],
}


@pytest.fixture
def query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Query:
    for name, rows in ROWS.items():
        write_tables(
            tmp_path / name,
            {"runs": rows, "events": [], "periods": [], "machines": []},
        )
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["bench", "query", *arguments])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def lines(said: str) -> list[list[str]]:
    """Cells of a printed table, without its ruler."""
    rows = [line.split() for line in said.splitlines() if line.strip()]
    return [row for row in rows if "─" not in row[0]]


def test_rows_of_several_folders_are_one_table(query: Query) -> None:
    sql = "select method, count(*) n, max(te_bp) te from runs group by 1 order by 1"
    code, said, _ = query("first", "second", sql)
    assert code == 0
    assert lines(said) == [
        ["method", "n", "te"],
        ["clarabel[tolerance=1e-7]", "1", "100"],
        ["osqp", "2", "123.457"],
    ]


def test_missing_is_null_and_types_are_the_tables_own(query: Query) -> None:
    sql = "select count(objective), count(iterations), count(*) from runs"
    assert lines(query("first", "second", sql)[1])[1] == ["2", "1", "3"]
    sql = "select typeof(iterations), typeof(te_bp), typeof(claim_mismatch) from runs"
    found = lines(query("second", sql)[1])
    assert found[1] == ["BIGINT", "DOUBLE", "BOOLEAN"]
    for table in ("events", "periods", "machines"):
        assert lines(query("first", f"select count(*) from {table}")[1])[1] == ["0"]


def test_scores_are_judged_over_all_rows(query: Query) -> None:
    sql = "select method, regret from scores order by regret desc limit 1"
    assert lines(query("first", sql)[1])[1] == ["osqp", "0.5"]


def test_a_wide_table_loses_nothing(query: Query) -> None:
    code, said, _ = query("first", "select * from runs")
    assert code == 0
    assert "…" not in said
    assert len(lines(said)[0]) == 90
    assert "clarabel[tolerance=1e-7]|a:n=1|0|0" in said
    assert [line for line in said.splitlines() if line != line.rstrip()] == []
    assert len(said.splitlines()) == 4  # names, ruler, two rows


def test_in_a_pipe_a_row_is_a_line(query: Query) -> None:
    _, said, _ = query("second", "select message, method from runs")
    assert said.splitlines()[2] == "=out, of ink  osqp"


def test_a_narrow_terminal_shows_a_value_per_line(
    query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "60")
    _, narrow, _ = query("first", "select method, te_bp from runs order by 1")
    assert "row 1 of 2" not in narrow
    _, said, hint = query("first", "select * from runs order by method")
    shown = said.splitlines()
    assert max(map(len, shown)) <= 60
    assert shown[0] == "row 1 of 2"
    assert sum(line.split()[:1] == ["iterations"] for line in shown) == 2
    assert "…" not in said
    assert "--csv" in hint


def test_a_file_has_all_digits(query: Query, tmp_path: Path) -> None:
    sql = (
        "select method, te_bp, iterations, message from runs order by instance, method"
    )
    code, said, _ = query("first", "second", sql, "--csv", "found.csv")
    assert (code, said) == (0, "written: found.csv (3 rows)\n")
    found = pd.read_csv(tmp_path / "found.csv")
    assert found["te_bp"].tolist() == [100.0, 123.456789, 100.0]
    assert found["message"].tolist()[2] == "'=out, of\nink"
    assert "osqp,123.456789,40,\n" in (tmp_path / "found.csv").read_text()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("selec 1", "the SQL is refused: Parser Error"),
        ("select nothing from runs", '"nothing" not found'),
        ("select * from nowhere", "runs, events, periods, machines, scores"),
        ("", "the SQL is empty, expected one SELECT"),
        ("select 1; select 2", "the SQL is SELECT and SELECT"),
        ("copy runs to 'stolen.csv'", "the SQL is COPY"),
        ("export database 'stolen'", "the SQL is EXPORT"),
        ("attach 'stolen.db'", "the SQL is ATTACH"),
        ("install httpfs", "expected one SELECT"),
        ("set enable_external_access = true", "the SQL is SET"),
        ("delete from runs", "the SQL is DELETE"),
        ("select * from read_csv('/etc/hostname')", "are disabled"),
        ("select * from read_parquet('first/runs-0001.parquet')", "are disabled"),
        ("select * from read_csv('https://example.com/x.csv')", "refused: "),
        ("select * from glob('/*')", "are disabled"),
        ("select * from 'first/runs-0001.parquet'", "refused: "),
        ("select '\udcff'", "the SQL is refused: "),
        ("select * from connection", "does not exist"),  # no variables of the process
    ],
)
def test_sql_can_only_read(
    query: Query, tmp_path: Path, sql: str, said: str
) -> None:  # fmt: skip
    code, out, error = query("first", sql)
    assert (code, out, error.count("\n")) == (2, "", 1), error
    assert said in error
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "select 1"), "holds no run"),
        (("first", "first", "select 1"), "a row is in two of the runs"),
        (("first",), "Missing argument"),
        (("first", "select 1 a, 2 a", "--csv", "x.csv"), "two columns are called a"),
        (("nowhere", "select 1", "--csv", "none/x.csv"), "there is no folder none"),
        (("nowhere", "select 1", "--csv", "first"), "is a folder"),
    ],
)
def test_mistakes_are_one_line(
    query: Query, arguments: tuple[str, ...], said: str
) -> None:
    code, out, error = query(*arguments)
    assert (code, out, error.count("\n")) == (2, "", 1), error
    assert said in error


def test_damaged_tables_are_not_asked(query: Query, tmp_path: Path) -> None:
    path = tmp_path / "first" / "runs-0001.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    code, _, error = query("first", "select 1")
    assert code == 2
    assert "is damaged or missing" in error


def test_a_missing_duckdb_is_named(
    query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    code, _, error = query("first", "select 1")
    assert code == 2
    assert "duckdb cannot be found" in error
    assert "pip install 'sma-research[bench]'" in error
