"""The never-imports hold."""

import subprocess
import sys
from pathlib import Path


def test_import_contracts(repository: Path) -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(tool)], cwd=repository, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
