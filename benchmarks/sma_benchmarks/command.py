"""``sma bench``: the verbs. Importing this loads typer and nothing heavier.

===========  =====================================================================
exit code    meaning
===========  =====================================================================
0            done, or passed
1            a regression, or a wrong answer
2            usage or bad input
3            inconclusive: the noise is larger than what is asked for
4            the harness itself failed
5            the file of ``--baseline`` is not there, or lacks some of the rows; where
             none is named, the gate judges correctness alone
130          stopped by Ctrl-C; every finished row is kept
===========  =====================================================================
"""

import typer

from sma_benchmarks.command_compare import compare, gate
from sma_benchmarks.command_list import list_suites
from sma_benchmarks.command_query import query
from sma_benchmarks.command_report import export, report
from sma_benchmarks.command_run import run_suite
from sma_benchmarks.command_verify import verify

bench_app = typer.Typer(
    name="bench",
    help="Measure methods on suites of accounts, and judge what they answer.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
bench_app.command("list")(list_suites)
bench_app.command("run")(run_suite)
bench_app.command()(report)
bench_app.command()(compare)
bench_app.command()(gate)
bench_app.command()(verify)
bench_app.command()(query)
bench_app.command()(export)
