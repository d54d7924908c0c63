"""What a run shows while it runs."""

import io

import pytest
from rich.console import Console
from sma_benchmarks.estimate import Estimate
from sma_benchmarks.outcome import Outcome
from sma_benchmarks.progress import Watcher
from sma_benchmarks.runner import Step
from sma_benchmarks.task import Task

LONG = Task(
    suite="s", suite_hash="h", family="names", instance_hash="h",
    instance="names:n=3000,k=250,factors=40,minimum=0.001,owned=0.5,tax=us",
    method="highs[formulation=perspective_outer,tolerance=1e-7]",
)  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 240])
def test_a_long_name_gives_way_to_count_and_time(width: int) -> None:
    screen = Console(width=width, force_terminal=True, file=io.StringIO())
    watcher = Watcher([LONG] * 120, Estimate(), 1, screen)
    watcher.show(Step(task=LONG))
    shown = Console(width=width, file=io.StringIO(), record=True)
    shown.print(watcher.renderable)
    lines = shown.export_text().splitlines()
    assert len(lines) == 1
    assert "0/120" in lines[0]
    assert " left highs[" in lines[0]
    assert (LONG.instance in lines[0]) == (width == 240)
    assert ("…" in lines[0]) == (width < 240)


def test_without_a_terminal_a_solve_is_a_line() -> None:
    screen = Console(width=80, file=io.StringIO(), record=True)
    with Watcher([LONG], Estimate(), 1, screen) as watcher:
        watcher.show(Step(task=LONG))
        watcher.show(
            Step(task=LONG, outcome=Outcome.CERTIFIED_OPTIMAL, wall_s=1.5, seconds=2.0)
        )
    (line,) = screen.export_text().splitlines()
    assert line == (
        f"1/1 {LONG.method} on {LONG.instance}: certified_optimal 1.5 s; about 0 s left"
    )
