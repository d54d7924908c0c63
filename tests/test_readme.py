"""README is true: its table is the backends' own data, its account runs."""

import re
from pathlib import Path

from sma_research.cli.backends import backend_table


def test_the_backend_table_is_the_backends_own(repository: Path) -> None:
    readme = (repository / "README.md").read_text()
    found = re.search(r"<!-- backends -->\n(.*)\n<!-- /backends -->", readme, re.DOTALL)
    assert found is not None
    assert found.group(1).strip() == backend_table().strip()


def test_the_account_of_the_readme_runs(repository: Path) -> None:
    readme = (repository / "README.md").read_text()
    code = re.search(r"## One account\n\n```python\n(.*?)```", readme, re.DOTALL)
    assert code is not None
    names: dict[str, object] = {}
    exec(code.group(1), names)
    report = names["report"]
    assert getattr(report, "solved")  # noqa: B009
