"""One look for each method, the same in every chart.

Colours are those of Okabe and Ito (2008), told apart by all kinds of colour vision,
without the yellow that vanishes on white; marks differ too, and dashes
tell one round of colours from the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

COLOURS: Final = 7  # variables --c0 to --c6 of `templates/report.css`
MARKS: Final = ("circle", "square", "triangle", "diamond", "cross")
DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "4 2")


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a method is drawn."""

    place: int  # among the methods
    colour: int
    mark: str
    dash: str


def styles(names: Iterable[str]) -> Mapping[str, Style]:
    """A style for each name, by its place in alphabetical order."""
    return {
        name: Style(
            place=i,
            colour=i % COLOURS,
            mark=MARKS[i % len(MARKS)],
            dash=DASHES[(i // COLOURS) % len(DASHES)],
        )
        for i, name in enumerate(sorted(set(names)))
    }
