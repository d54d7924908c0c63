"""``sma bench list``: suites, families of instances, and what can be measured."""

import typer

from sma_benchmarks.command_table import print_table
from sma_research.cli.options import Json, write_json


def list_suites(json_file: Json = None) -> None:
    """List suites, families of instances, backends and peers."""
    from sma_benchmarks.instances.catalog import FAMILIES
    from sma_benchmarks.peers import PEERS
    from sma_benchmarks.suite import load_suite, suites
    from sma_research.program.registry import backend_names

    known = [
        {
            "name": suite.name,
            "tier": suite.tier,
            "instances": len(suite.instances),
            "methods": list(suite.methods),
            "time_limit_s": suite.budget.time_limit_s,
            "description": suite.description,
        }
        for suite in map(load_suite, suites())
    ]
    families: list[dict[str, object]] = [
        {"name": f.name, "needs_data": f.needs_data, "description": f.description}
        for f in FAMILIES.values()
    ]
    solvers = [*backend_names(), *(f"peer:{name}" for name in sorted(PEERS))]
    content = {"suites": known, "families": families, "solvers": solvers}
    write_json(json_file, "sma.bench.list/1", content)
    _table(known, ("name", "tier", "instances", "time_limit_s", "description"))
    _table(families, ("name", "needs_data", "description"))
    typer.echo(f"solvers: {', '.join(solvers)}")


def _table(rows: list[dict[str, object]], columns: tuple[str, ...]) -> None:
    print_table(columns, [[str(row[column]) for column in columns] for row in rows])
