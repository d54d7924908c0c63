"""Exact engines on small accounts: one optimum, whoever finds it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import sma_research as sma
from sma_benchmarks.figures.figure import Figure, at_most, client
from sma_research.program.registry import load_backend

ENGINES: Final = ("highs", "pyomo", "pyomo:scip")
SETTINGS: Final = sma.Settings(relative_gap=1e-6, time_limit_s=120.0)
CASES: Final = ((20, 4), (20, 8), (25, 5), (30, 6), (30, 10), (35, 7), (40, 5))  # n, K


def exact() -> Sequence[Figure]:
    """Largest relative difference of optima, and every engine's seconds."""
    engines = [name for name in ENGINES if _usable(name)]
    spread, seconds = 0.0, dict.fromkeys(engines, 0.0)
    unfinished = []
    for n, names in CASES:
        problem = small(n, names)
        values = []
        for engine in engines:
            report = sma.solve(problem, engine, settings=SETTINGS)
            seconds[engine] += report.total_s
            if report.metrics is None or report.status is not sma.Status.OPTIMAL:
                unfinished.append(f"{engine} n={n} K={names}: {report.status}")
            else:
                values.append(report.metrics.objective)
        spread = max(spread, max(values) / min(values) - 1)
    took = ", ".join(f"{name} {s:.1f} s" for name, s in seconds.items())
    what = f"{len(CASES)} accounts, n = 20 to 40, K = 4 to 10: optima differ ({took})"
    done = Figure(
        name="exact",
        what="runs of exact engines that did not end with an optimum",
        asked="none",
        measured="; ".join(unfinished) or "none",
        met=not unfinished,
    )
    return at_most("exact", what, spread, 1e-5, "relative"), done


def small(n: int, names: int) -> sma.Problem:
    """Client A on a market of a few stocks."""
    where = sma.synthetic_market(n_assets=n, n_factors=4, n_etfs=0, seed=n + names)
    account = client(where)
    mandate = replace(
        account.mandate,
        max_names=names,
        max_weight=0.6,
        tracking_error_cap=None,
        min_position=0.01,
    )
    return sma.Problem(market=where, account=replace(account, mandate=mandate))


def _usable(engine: str) -> bool:
    found = load_backend(engine).probe()
    _, _, wanted = engine.partition(":")
    wanted = f"pyomo:{wanted}" if wanted else ""
    return any(a.usable for a in found if not wanted or a.engine == wanted)
