"""What a page is made of, as data; `templates/parts.html.j2` shows each of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias

from sma_benchmarks.report import formats
from sma_benchmarks.report.drawing import Drawing

if TYPE_CHECKING:
    import pandas as pd

Form: TypeAlias = Callable[[object], str]
Link: TypeAlias = Literal["", "instance", "solver", "solve"]  # pages made on a click
SHORT_ID: Final = 12  # characters of a row_id that a reader sees


@dataclass(frozen=True, kw_only=True)
class Note:
    """A sentence."""

    kind: ClassVar = "note"
    text: str
    tone: str = ""  # good, bad, or nothing


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Names and their values."""

    kind: ClassVar = "facts"
    items: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing and the sentence that says how to read it."""

    kind: ClassVar = "chart"
    title: str
    reading: str
    drawing: Drawing


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure of a table: as shown, and as it sorts."""

    text: str
    value: float | str | None = None
    link: Link = ""  # page that shows what the text names


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A column of a frame as a column of a table."""

    name: str  # in the frame
    title: str
    unit: str = ""
    form: Form = formats.text
    link: Link = ""  # page that shows what the cells name
    hint: str = ""

    @property
    def numeric(self) -> bool:
        """Whether figures stand right and sort by value."""
        return self.form is not formats.text

    def cell(self, value: object) -> Cell:
        """The figure in one row."""
        if self.link and formats.text(value) != formats.NONE:
            shown = str(value)[:SHORT_ID] if self.link == "solve" else str(value)
            return Cell(text=shown, value=shown, link=self.link)
        sort = formats.number(value) if self.numeric else formats.text(value)
        return Cell(text=self.form(value), value=sort)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Figures in rows and columns, sorted by a click on a heading."""

    kind: ClassVar = "table"
    caption: str
    columns: Sequence[Shown]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Outcomes of every method on every family; a cell opens its solves."""

    kind: ClassVar = "matrix"
    columns: Sequence[str]  # families
    rows: Sequence[tuple[str, Sequence[Mapping[str, int]]]]  # method, counts by group


@dataclass(frozen=True, kw_only=True)
class Special:
    """A part with a template of its own."""

    kind: ClassVar = "special"
    name: str
    values: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of several groups of parts at a time."""

    kind: ClassVar = "choice"
    label: str
    options: Sequence[tuple[str, Sequence["Part"]]]
    first: int = 0  # shown at the start


Part: TypeAlias = Note | Facts | Chart | Table | Matrix | Special | Choice


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the report."""

    anchor: str
    title: str
    lead: str  # what question it answers
    parts: Sequence[Part]


def table(caption: str, frame: "pd.DataFrame", columns: Sequence[Shown]) -> Table:
    """A frame's columns as a table, its rows in their order."""
    present = [column for column in columns if column.name in frame.columns]
    rows = [
        [column.cell(row[column.name]) for column in present]
        for row in frame.to_dict("records")
    ]
    return Table(caption=caption, columns=present, rows=rows)


def chosen(label: str, options: Sequence[tuple[str, Sequence[Part]]]) -> list[Part]:
    """A choice, or the parts themselves where there is but one."""
    if len(options) == 1:
        return list(options[0][1])
    return [Choice(label=label, options=options)] if options else []
