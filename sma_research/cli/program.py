"""The verbs of ``sma``, and how it ends.

===========  =====================================================================
exit code    meaning
===========  =====================================================================
0            done
1            some accounts were not solved, or a backend fails its clauses
2            usage or bad input; each mistake is one line on standard error
130          stopped by Ctrl-C; what was finished is written
===========  =====================================================================
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from sma_research.cli.backends import check, solvers
from sma_research.cli.build import build, demo
from sma_research.cli.extensions import add_extensions
from sma_research.cli.imports import import_app
from sma_research.cli.ledger import ledger
from sma_research.cli.schemas import formulations, schema
from sma_research.errors import SmaError

BAD_INPUT = 2
STOPPED = 130
# The base of usage errors has no public name in typer.
UsageError: Final[type[typer.BadParameter]] = typer.BadParameter.__mro__[1]


class OneLineErrors(TyperGroup):
    """A group of verbs that reports each mistake as one line."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a verb and exit the process with its code."""
        options["standalone_mode"] = False
        try:
            code = super().main(*args, **options)
            sys.stdout.flush()
        except SmaError as error:
            code = _refuse(str(error))
        except UsageError as error:
            asked = options.get("args")
            verb = _verb(self, sys.argv[1:] if asked is None else asked)
            code = _refuse(_usage(error, verb))
        except BrokenPipeError:
            code = _closed()
        except OSError as error:
            code = _refuse(f"cannot write: {error.strerror or error}")
            _closed()
        if code == STOPPED:
            typer.echo("stopped by Ctrl-C", err=True)
        raise SystemExit(code or 0)


app = typer.Typer(
    name="sma",
    cls=OneLineErrors,
    help="Build custom separately managed accounts, and prove how good each one is.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.")
    ] = False,
) -> None:
    """Build custom separately managed accounts, and prove how good each one is."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"sma-research {installed('sma-research')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command()(demo)
app.command()(build)
app.add_typer(import_app)
app.command()(ledger)
app.command()(solvers)
app.command()(check)
app.command()(formulations)
app.command()(schema)
add_extensions(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``sma`` and exit; the arguments of the process unless given."""
    app(args=None if arguments is None else list(arguments), prog_name="sma")


def _refuse(message: str) -> int:
    for line in message.splitlines():
        typer.echo(f"error: {line}", err=True)
    return BAD_INPUT


def _usage(error: typer.BadParameter, verb: str) -> str:
    """One line; an option without its value does not know whose it was."""
    said = " ".join(error.format_message().split()).rstrip(".")
    command = error.ctx.command_path if error.ctx else verb
    return f"{said}; see `{command} --help`"


def _verb(program: TyperGroup, arguments: Sequence[str]) -> str:
    """The verb that arguments begin with, as a reader types it."""
    words, within = ["sma"], program
    for word in arguments:
        if word not in within.commands:
            break
        words.append(word)
        found = within.commands[word]
        if not isinstance(found, TyperGroup):
            break
        within = found
    return " ".join(words)


def _closed() -> int:
    # The reader left: point the stream elsewhere, or Python complains at exit.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
