"""Options of ``sma bench``."""

from pathlib import Path
from typing import Annotated

import typer

SuiteName = Annotated[
    str,
    typer.Argument(
        metavar="SUITE", help="A suite of `sma bench list`, or a TOML file."
    ),
]
Folder = Annotated[
    Path, typer.Option("--out", help="Folder of the run.", metavar="DIR")
]
Methods = Annotated[
    list[str] | None,
    typer.Option(
        "--method",
        "-s",
        help="solver[formulation=...,setting=...]; may be repeated.",
        metavar="METHOD",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data", envvar="SMA_DATA", help="Folder of real data.", metavar="DIR"
    ),
]
LimitInstances = Annotated[
    int | None,
    typer.Option("--limit-instances", min=1, help="Only the first N.", metavar="N"),
]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", help="Seconds for each solve.", metavar="S"),
]
Seeds = Annotated[
    str | None, typer.Option("--seeds", help="Such as 0,1,2.", metavar="LIST")
]
Repeats = Annotated[
    int | None,
    typer.Option("--repeats", help="Times that each solve is done.", metavar="N"),
]
BestKnown = Annotated[
    Path | None,
    typer.Option(
        "--best-known",
        help="File of best known values; the checkout's for the suite if left out.",
        metavar="FILE",
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        min=1,
        help="Solves at a time; more than one disturbs times.",
        metavar="N",
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Continue the run in the folder.")
]
Retry = Annotated[
    list[str] | None,
    typer.Option(
        "--retry",
        help="Continue, and run rows of this outcome again; may be repeated.",
        metavar="OUTCOME",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would run, and for how long.")
]
