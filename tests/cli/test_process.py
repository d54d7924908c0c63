"""The program as a process of its own: start-up, streams, exit codes."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("numpy", "scipy", "pandas", "pydantic_core", "pandera", "clarabel")


def sma(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sma_research.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from sma_research.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "finally:\n"
        f"    loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "    sys.stderr.write(','.join(loaded))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "demo" in done.stdout
    assert done.stderr == ""


def test_a_mistake_is_one_line_and_no_trace(tmp_path: Path) -> None:
    done = sma("build", tmp_path / "no.toml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_a_reader_that_leaves_is_no_mistake() -> None:
    command = [sys.executable, "-m", "sma_research.cli", "schema"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() in {0, 1}
