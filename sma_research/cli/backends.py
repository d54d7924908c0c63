"""``sma solvers`` and ``sma check``: which backends are here, and whether they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from sma_research.cli.options import Json, console, write_json
from sma_research.errors import BackendNotFound

if TYPE_CHECKING:
    from sma_research.program.backend import Availability, BackendInfo

SERVICE_COLUMNS = ("backend", "library", "solves", "services")


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A backend as it is found on this machine."""

    name: str
    info: "BackendInfo | None"  # None if it does not load
    engines: "tuple[Availability, ...]"
    missing: str  # why it does not load, or what its engines lack


def installed() -> tuple[Installed, ...]:
    """Every registered backend, those that do not load included."""
    from sma_research.program.registry import backend_names

    return tuple(_inspect(name) for name in backend_names())


def backend_table(backends: Sequence[Installed] | None = None) -> str:
    """Markdown table of all backends that load, without versions and licences."""
    found = installed() if backends is None else backends
    rows = [SERVICE_COLUMNS, ("---",) * len(SERVICE_COLUMNS)]
    rows += [
        (f"`{b.name}`", b.info.library, ", ".join(_solves(b.info)), _services(b.info))
        for b in found
        if b.info is not None
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def solvers(json_file: Json = None) -> None:
    """List installed backends, and what each can do here."""
    from rich import box
    from rich.table import Table

    found = installed()
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for name in ("backend", "library", "solves", "services", "engines"):
        table.add_column(name, overflow="fold")
    for backend in found:
        info = backend.info
        table.add_row(
            backend.name,
            f"{info.library} {info.version}" if info else "-",
            " ".join(_solves(info)) if info else "-",
            _services(info) if info else "-",
            "\n".join(_engine(engine) for engine in backend.engines) or "-",
        )
    content = {"backends": [_record(backend) for backend in found]}
    write_json(json_file, "sma.solvers/1", content)
    console().print(table, markup=False)
    for backend in found:
        for said in filter(None, backend.missing.split("; ")):
            console().print(f"{backend.name}: {said}", markup=False, soft_wrap=True)


def check(
    name: Annotated[str, typer.Argument(help="Backend, see `sma solvers`.")],
    json_file: Json = None,
) -> None:
    """Run the clauses of the backend contract."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    rows = _outcomes(name)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in ("clause", "outcome", "said"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(row["clause"], row["outcome"], Text(row["message"]))
    write_json(json_file, "sma.check/1", {"backend": name, "clauses": rows})
    console().print(table)
    if any(row["outcome"] == "failed" for row in rows):
        raise typer.Exit(1)


def _outcomes(name: str) -> list[dict[str, str]]:
    from sma_research.program.registry import load_backend
    from sma_research.testing.conformance import CHECKS, run_check

    backend = load_backend(name)
    engines = backend.probe()
    if engines and not any(engine.usable for engine in engines):
        lacking = "; ".join(f"{e.engine}: {e.missing}" for e in engines)
        raise BackendNotFound(f"{name} does not run here: {lacking}")
    able = backend.info.solves | backend.info.services
    rows = []
    for clause in CHECKS:
        if clause.applies_to(backend):
            result = run_check(clause, backend)
            outcome, said = result.outcome, result.message
        else:
            lacking = ", ".join(sorted(clause.needs - able))
            outcome, said = "not applicable", f"not declared: {lacking}"
        rows.append({"clause": clause.name, "outcome": outcome, "message": said})
    return rows


def _inspect(name: str) -> Installed:
    from sma_research.program.registry import load_backend

    try:
        backend = load_backend(name)
        info, engines = backend.info, backend.probe()
    except Exception as error:  # a stranger's module may raise anything
        said = " ".join(str(error).split()) or type(error).__name__
        return Installed(name=name, info=None, engines=(), missing=said)
    lacking = [f"{e.engine}: {e.missing}" for e in engines if not e.usable]
    return Installed(name=name, info=info, engines=engines, missing="; ".join(lacking))


def _solves(info: "BackendInfo") -> list[str]:
    from sma_research.program.form import ProblemClass

    return [str(c) for c in ProblemClass if c in info.solves]


def _services(info: "BackendInfo") -> str:
    from sma_research.program.backend import Service

    return ", ".join(s.name.lower() for s in Service if s in info.services)


def _engine(engine: "Availability") -> str:
    if not engine.usable:
        return f"{engine.engine}: not usable here"
    return f"{engine.engine} {engine.version}: {engine.licence}"


def _record(backend: Installed) -> dict[str, object]:
    info = backend.info
    return {
        "name": backend.name,
        "library": info.library if info else None,
        "version": info.version if info else None,
        "solves": _solves(info) if info else [],
        "services": sorted(s.name.lower() for s in info.services) if info else [],
        "engines": [
            {
                "engine": engine.engine,
                "version": engine.version,
                "usable": engine.usable,
                "licence": str(engine.licence),
                "missing": engine.missing,
            }
            for engine in backend.engines
        ],
        "missing": backend.missing,
    }
