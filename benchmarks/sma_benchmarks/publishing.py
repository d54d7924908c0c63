"""The summary that README shows, from the published results."""

import math
from pathlib import Path
from typing import Final

SHOWN: Final = {
    "method": "method",
    "covered %": "coverage",
    "verified %": "verified",
    "wrong": "wrong",
    "reached %": "reached",
    "regret bp": "regret_bp",
    "time s": "time_s",
    "gap %": "gap",
}
PERCENT: Final = ("coverage", "verified", "reached", "gap")
LEAST_COVERED: Final = 0.5  # a method that states less is in the report only


def published_table(methods: Path) -> str:
    """Markdown of the methods that cover at least half of the solves, best first.

    ``methods`` is ``methods.csv`` of ``sma bench export``.
    """
    import pandas as pd

    table = pd.read_csv(methods)
    table = table[(table["coverage"] >= LEAST_COVERED) & (table["verified"] > 0)]
    lines = [" | ".join(SHOWN), " | ".join(["---"] + ["--:"] * (len(SHOWN) - 1))]
    for _, row in table.iterrows():
        cells = [_cell(name, row[name]) for name in SHOWN.values()]
        lines.append(" | ".join(cells))
    return "\n".join(f"| {line} |" for line in lines)


def _cell(name: str, value: object) -> str:
    if name == "method":
        return f"`{value}`"
    if name == "wrong":
        return str(value)
    number = float(str(value))
    if math.isnan(number):
        return "-"
    return f"{100 * number:.1f}" if name in PERCENT else f"{number:.2f}"
