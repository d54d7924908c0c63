"""Charts as scalable vector graphics, drawn here: no library travels in the report."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sma_benchmarks.report.axes import Axis
from sma_benchmarks.report.styles import Style

Joined: TypeAlias = Literal["line", "step", "none"]
WIDTH: Final = 760.0
HEIGHT: Final = 400.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 18.0, 14.0, 50.0  # margins
SIZE: Final = 5.0  # half a mark
MOST_NAMES: Final = 10  # of a chart before it shows its leaders alone
LEADERS: Final = 8
_SHAPES: Final[Mapping[str, str]] = {
    "circle": "M{l},{y}a{s},{s} 0 1,0 {d},0a{s},{s} 0 1,0 -{d},0Z",
    "square": "M{l},{t}h{d}v{d}h-{d}Z",
    "triangle": "M{x},{t}L{r},{b}L{l},{b}Z",
    "diamond": "M{x},{t}L{r},{y}L{x},{b}L{l},{y}Z",
    "cross": "M{l},{t}L{r},{b}M{r},{t}L{l},{b}",
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """A figure, and what is said where a reader points at it."""

    x: float
    y: float
    tip: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """The points of one method."""

    name: str
    style: Style
    points: Sequence[Point]
    joined: Joined = "line"
    marked: bool = True
    faded: bool = False
    dash: str | None = None  # instead of the style's
    legend: bool = True
    size: float = SIZE  # half a mark


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark on an axis."""

    place: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A point on the paper."""

    path: str
    tip: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A series on the paper."""

    name: str
    style: Style
    dash: str
    path: str
    marks: Sequence[Mark]
    faded: bool
    legend: bool
    behind: bool  # not one of the leaders of a chart with many


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A chart on the paper, in pixels."""

    title: str
    x: Axis
    y: Axis
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    lines: Sequence[Line]
    guide: str  # path of a dotted line of reference
    names: int  # series with a name of their own
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def draw(
    title: str, series: Sequence[Series], x: Axis, y: Axis,
    guide: Sequence[tuple[float, float]] = (),
) -> Drawing:  # fmt: skip
    """Place series on two axes; points that are not finite are left out.

    With more than `MOST_NAMES` names the first `LEADERS` lead, the rest are behind.
    """
    names = list(dict.fromkeys(one.name for one in series))
    behind = set(names[LEADERS:] if len(names) > MOST_NAMES else ())
    return Drawing(
        title=title,
        x=x,
        y=y,
        x_ticks=[Tick(place=_right(x, v), text=text) for v, text in x.ticks],
        y_ticks=[Tick(place=_up(y, v), text=text) for v, text in y.ticks],
        lines=[_line(one, x, y, behind=one.name in behind) for one in series],
        names=len(names),
        guide=_path([(_right(x, a), _up(y, b)) for a, b in guide], "line"),
    )


def _right(x: Axis, value: float) -> float:
    return round(LEFT + x.share(value) * (WIDTH - LEFT - RIGHT), 1)


def _up(y: Axis, value: float) -> float:
    return round(HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM), 1)


def _line(series: Series, x: Axis, y: Axis, *, behind: bool) -> Line:
    finite = [p for p in series.points if math.isfinite(p.x) and math.isfinite(p.y)]
    places = [(_right(x, p.x), _up(y, p.y)) for p in finite]
    marks = [
        Mark(path=mark(series.style.mark, *place, series.size), tip=point.tip)
        for place, point in zip(places, finite, strict=True)
    ]
    return Line(
        name=series.name,
        style=series.style,
        dash=series.style.dash if series.dash is None else series.dash,
        path=_path(places, series.joined),
        marks=marks if series.marked else [],
        faded=series.faded,
        legend=series.legend,
        behind=behind,
    )


def mark(shape: str, x: float, y: float, size: float = SIZE) -> str:
    """Path of a mark around a place."""
    values = {"x": x, "y": y, "l": x - size, "r": x + size, "t": y - size,
              "b": y + size, "s": size, "d": 2 * size}  # fmt: skip
    return _SHAPES[shape].format(**{k: f"{v:g}" for k, v in values.items()})


def _path(places: Sequence[tuple[float, float]], joined: Joined) -> str:
    if joined == "none" or len(places) < 2:
        return ""
    (x, y), *rest = places
    parts = [f"M{x:g},{y:g}"]
    if joined == "line":
        return "".join([*parts, *(f"L{right:g},{up:g}" for right, up in rest)])
    for right, up in rest:
        if up != y:
            parts.append(f"H{right:g}V{up:g}")
        x, y = right, up
    return "".join([*parts, f"H{x:g}"])
