"""The report as one HTML file, as Markdown for a pull request, as CSV and as Parquet.

The HTML file holds its data, its script and its style, loads nothing, and forbids
itself to: it opens the same on a machine without a network.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sma_benchmarks.report import formats
from sma_benchmarks.report.drawing import mark
from sma_benchmarks.report.evidence import packed
from sma_benchmarks.report.markdown import markdown
from sma_benchmarks.report.pages import PAGES
from sma_benchmarks.report.parts import Facts, Page
from sma_benchmarks.report.styles import styles
from sma_benchmarks.store import MANIFEST
from sma_research.io.write import write_text

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from sma_benchmarks.scores import Scores

__all__ = ["html", "markdown", "tables"]

PACKAGE: Final = "sma_benchmarks.report"
SCRIPTS: Final = (
    "evidence.js", "page.js", "details.js", "race.js", "pairs.js", "choose.js",
)  # fmt: skip
TABLES: Final = ("runs", "methods", "events", "periods", "machines")
BREAKS: Final = re.compile(r"(?=[\[+])|(?<=,)|(?<=formulation=)")
KEY_SIZE: Final = 6.0  # of a mark in a legend


def html(scores: "Scores", destination: Path, logs: Sequence[Path] = ()) -> None:
    """Write the report to a file; ``logs`` are the runs' folders of logs.

    Raises
    ------
    DataError
        The destination cannot be written to.
    """
    looks = styles(str(name) for name in scores.runs["method"])
    pages = [_with_manifest(make(scores, looks), logs) for make in PAGES.values()]
    text = _environment().get_template("report.html.j2").render(
        pages=pages,
        looks=looks,
        title=_title(scores),
        facts=_facts(scores),
        evidence=packed(scores, looks, logs),
        style=_asset("report.css"),
        script="\n".join(_asset(name) for name in SCRIPTS),
    )  # fmt: skip
    write_text(destination, text)


def tables(scores: "Scores", folder: Path) -> None:
    """Write every table as CSV and as Parquet with page check sums."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        frame = getattr(scores, name)
        frame.to_csv(folder / f"{name}.csv", index=False)
        frame.to_parquet(
            folder / f"{name}.parquet", index=False, write_page_checksum=True
        )


def _with_manifest(page: Page, logs: Sequence[Path]) -> Page:
    """The page of the environment with the check sums of the runs' manifests."""
    paths = [folder.parent / MANIFEST for folder in logs]
    there = [path for path in paths if path.is_file()]
    if page.anchor != "noise" or not there:
        return page
    items = [
        (f"Manifest of {path.parent.name}", f"sha256 {_digest(path)}") for path in there
    ]
    return replace(page, parts=[*page.parts, Facts(items=items)])


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _title(scores: "Scores") -> str:
    suites = sorted({str(name) for name in scores.runs["suite"]})
    return ", ".join(suites) if suites else "no solves"


def _facts(scores: "Scores") -> list[tuple[str, str]]:
    runs = scores.runs
    last = runs["finished_utc"].dropna()
    return [
        (formats.count(len(runs)), "solves"),
        (formats.count(runs["instance"].nunique()), "instances"),
        (formats.count(runs["method"].nunique()), "methods"),
        (formats.count(runs["verified"].sum()), "verified"),
        (formats.count((runs["group"] == "wrong").sum()), "wrong"),
        (str(last.max())[:10] if len(last) else formats.NONE, "last solve"),
    ]


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader(PACKAGE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["soft"] = _soft
    found.globals["key"] = lambda shape: mark(shape, 14.0, 8.0, KEY_SIZE - 1.0)
    return found


def _soft(name: str) -> "Markup":
    """A name that may be broken where its parts begin."""
    from markupsafe import Markup, escape

    return Markup(BREAKS.sub("<wbr>", str(escape(name))))


def _asset(name: str) -> str:
    return (files(PACKAGE) / "templates" / name).read_text(encoding="utf-8")
