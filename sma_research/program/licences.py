"""What libraries say when their licence is missing or too small, in their own words.

Only for the text of a native error, where it is caught: what it means is from there on
told by its type, `LicenceError`. A word such as "licence" alone means nothing, for a
path or a person's note may hold it.
"""

import re
from typing import Final

REFUSALS: Final = (
    r"size-limited licen[cs]e",  # Gurobi
    r"\bno (\w+ )?licen[cs]e (was )?found\b",  # Gurobi, COPT
    r"\blicen[cs]e (has |is )?expired\b",  # Gurobi, MOSEK
    r"problem size limits exceeded",  # CPLEX
    r"problem has too many (rows|columns)",  # Xpress
    r"could not find (an? )?(\w+ )?licen[cs]e\b",  # Xpress
    r"\blicen[cs]e (could not|cannot) be (located|verified|found)\b",  # MOSEK, Xpress
    r"\b(bigger|larger) than the licen[cs]e\b",  # MOSEK
    r"\(license\)",  # COPT, the kind of its error
)
_ANY: Final = re.compile("|".join(REFUSALS), re.IGNORECASE)


def says_unlicensed(text: str) -> bool:
    """Whether a library's error says that its licence does not cover the program."""
    return _ANY.search(" ".join(text.split())) is not None
