"""Options that several verbs share, and what becomes of them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from sma_research.program.backend import BackendInfo, Settings

Solver = Annotated[
    str, typer.Option("--solver", help="Backend, see `sma solvers`.", metavar="NAME")
]
Formulation = Annotated[
    str | None,
    typer.Option(
        "--formulation",
        help="Formulation, see `sma formulations`; the backend's best if left out.",
        metavar="NAME",
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", help="Seconds for each account.", metavar="S"),
]
Threads = Annotated[
    int, typer.Option("--threads", help="Threads of the solver.", metavar="N")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Folder for weights, trades (CSV and Parquet) and report.json.",
        metavar="DIR",
    ),
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json", help="File for the result as versioned JSON.", metavar="FILE"
    ),
]

PIPE_WIDTH = 160  # columns, when nobody's terminal says how many


@dataclass(frozen=True, kw_only=True)
class Method:
    """A solver, a formulation, and the settings both get."""

    solver: str
    formulation: str | None
    time_limit: float | None  # seconds for each account
    threads: int

    def settings(self) -> "Settings":
        """Settings for the solver.

        Raises
        ------
        SettingError
            A time limit or a number of threads out of range.
        """
        from sma_research.program.backend import Settings

        limit = float("inf") if self.time_limit is None else self.time_limit
        return Settings(time_limit_s=limit, threads=self.threads)

    def check(self) -> "BackendInfo":
        """Refuse unknown names before any work; what the backend can do.

        Raises
        ------
        BackendNotFound
            No backend has that name, or it cannot be imported.
        SettingError
            No formulation has that name, or a setting is out of range.
        """
        from sma_research.formulations.catalog import parse
        from sma_research.program.registry import load_backend

        parse(self.formulation)
        self.settings()
        return load_backend(self.solver).info


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where a run writes."""

    out: Path | None
    json_file: Path | None

    def prepare(self) -> None:
        """Refuse a place that cannot be written to, before any work."""
        from sma_research.io.write import prepare_file, prepare_folder

        if self.out is not None:
            prepare_folder(self.out)
        if self.json_file is not None:
            prepare_file(self.json_file)


def console() -> "Console":
    """Standard output; wide when it is no terminal and COLUMNS does not say how."""
    from rich.console import Console

    found = Console(highlight=False)
    if (
        not found.is_terminal
        and not os.environ.get("COLUMNS", "").lstrip("0").isdigit()
    ):
        found = Console(highlight=False, width=PIPE_WIDTH)
    return found


def counted(number: int, what: str) -> str:
    """A number and what it counts, in the singular or the plural."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def write_json(path: Path | None, schema: str, content: Mapping[str, object]) -> None:
    """Write a versioned JSON object, if a file is asked for."""
    if path is not None:
        from sma_research.io.write import prepare_file, write_text

        prepare_file(path)
        text = json.dumps({"schema": schema, **content}, indent=1, allow_nan=False)
        write_text(path, text + "\n")
