"""The report as a file: whole, safe, small, and the same figures in every form."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from sma_benchmarks.report import render
from sma_benchmarks.report.pages import PAGES
from sma_benchmarks.scores import Scores
from sma_benchmarks.store import LOGS

LARGEST = 5_000_000
LOADS = frozenset({"src", "href", "action", "data", "srcset", "poster", "xlink:href"})
VOID = frozenset({"meta", "wbr", "link", "input", "br", "img", "hr", "path"})


class Reader(HTMLParser):
    """Collects what a page would load, its sections, and whether its tags match."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.sections: list[str] = []
        self.open: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [value or "" for name, value in attrs if name in LOADS]
        self.scripts += tag == "script"
        if tag == "section":
            self.sections.append(dict(attrs)["id"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def written(scores: Scores, folder: Path, logs: Path | None = None) -> str:
    destination = folder / "report.html"
    render.html(scores, destination, [] if logs is None else [logs])
    return destination.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(golden: Scores, run: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(golden, tmp_path_factory.mktemp("html"), run / LOGS)


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert {load.partition(":")[0] for load in reader.loads if load[0] != "#"} == {
        "data"
    }
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"@import|url\(", style)
    assert "default-src 'none'" in page
    assert len(page.encode()) < LARGEST


def test_every_page_is_there_once_and_every_tag_is_closed(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert reader.sections == [*PAGES, "made"]
    assert reader.open == []


def test_what_a_solver_printed_stays_text(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert reader.scripts == 2
    assert "<b>bold" not in page
    assert "alert(" in page  # it is shown, not dropped
    assert "an &lt;ordinary&gt; one" in page


def test_a_run_without_solves_says_so(empty: Scores, tmp_path: Path) -> None:
    page = written(empty, tmp_path)
    for part in page.split('<section class="page"')[1:]:
        assert '<p class="note' in part or 'class="facts"' in part or "<article" in part
    assert "<svg" not in page.partition("<script")[0]
    assert "no solves yet" in render.markdown(empty)


def test_a_run_of_one_kind_has_every_page(bare: Scores, tmp_path: Path) -> None:
    page = written(bare, tmp_path)
    reader = Reader()
    reader.feed(page)
    assert reader.sections == [*PAGES, "made"]
    for part in page.split('<section class="page"')[1:]:
        assert len(re.findall(r'class="(?:note|chart|table|facts|method)', part)) > 0
    assert render.markdown(bare).startswith("### Benchmark")


def test_the_same_scores_make_the_same_file(
    golden: Scores, tmp_path: Path, page: str, run: Path
) -> None:
    assert written(golden, tmp_path, run / LOGS) == page


def test_markdown_has_the_figures_of_the_summary(golden: Scores) -> None:
    text = render.markdown(golden)
    lines = [line for line in text.splitlines() if line.startswith("| fast ")]
    fast = golden.methods.set_index("method").loc["fast"]
    assert f"| {fast['regret_bp']:.2f} |" in lines[0]
    assert len(re.findall(r"(?<!\\)\|", lines[0])) == 10
    assert "Not publishable" in text
    assert "<script" not in text


def test_tables_come_back_as_they_were(golden: Scores, tmp_path: Path) -> None:
    render.tables(golden, tmp_path / "tables")
    for name in ("runs", "methods", "events", "periods", "machines"):
        frame = getattr(golden, name)
        again = pd.read_parquet(tmp_path / "tables" / f"{name}.parquet")
        assert list(again.columns) == list(frame.columns)
        assert len(again) == len(frame)
        words = pd.read_csv(tmp_path / "tables" / f"{name}.csv")
        assert list(words.columns) == list(frame.columns)
        assert len(words) == len(frame)
    values = pd.read_csv(tmp_path / "tables" / "runs.csv")["te_bp"]
    assert values.equals(golden.runs["te_bp"].reset_index(drop=True))
