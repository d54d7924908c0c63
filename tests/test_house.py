"""The budgets of the house: short files, short functions, and a word on what is public."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("sma_research", "solvers", "benchmarks")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
CORE = sorted((ROOT / "sma_research").rglob("*.py"))
LONGEST_FILE = 250
LONGEST_BACKEND = 200  # one file of `solvers`
LONGEST_FUNCTION = 40  # its docstring not counted

Function = ast.FunctionDef | ast.AsyncFunctionDef
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def length(function: Function) -> int:
    """Lines of a function from its `def`, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def public(tree: ast.Module) -> Iterator[Named]:
    """Public functions and classes of a module, and public methods of the latter."""
    for node in tree.body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    part
                    for part in node.body
                    if isinstance(part, Function) and not part.name.startswith("_")
                )


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path: Path) -> None:
    most = LONGEST_BACKEND if "solvers" in path.parts else LONGEST_FILE
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= most, f"{name_of(path)} has {lines} lines, expected {most} or less"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_functions_are_short(path: Path) -> None:
    long = [
        f"{node.name} (line {node.lineno}) has {length(node)} lines"
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function) and length(node) > LONGEST_FUNCTION
    ]
    assert not long, f"{name_of(path)}: {long}, expected {LONGEST_FUNCTION} or less"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_what_is_public_says_what_it_is(path: Path) -> None:
    tree = tree_of(path)
    silent = [node.name for node in public(tree) if not ast.get_docstring(node)]
    assert not silent, f"{name_of(path)}: {silent} have no docstring"
    assert ast.get_docstring(tree), f"{name_of(path)} has no docstring"
