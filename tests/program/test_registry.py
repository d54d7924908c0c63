"""Backends by name: found without importing, loaded alone, refused when unclear."""

import subprocess
import sys
from pathlib import Path

import pytest

from sma_research.errors import BackendNotFound
from sma_research.program.registry import GROUP, backend_names, load_backend

SHIPPED = {"clarabel", "highs", "osqp", "pyomo"}


def install(folder: Path, distribution: str, entry: str, module: str = "") -> None:
    """Write the metadata an installer writes, and one module."""
    name = distribution.replace("-", "_")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
    )
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entry}\n")
    (folder / f"{name}.py").write_text(module)


def test_names_of_the_shipped_backends() -> None:
    assert set(backend_names()) >= SHIPPED
    assert list(backend_names()) == sorted(backend_names())


def test_listing_imports_no_solver() -> None:
    code = (
        "import sys; from sma_research.program.registry import backend_names;"
        "backend_names();"
        "print(sorted({'highspy', 'osqp', 'clarabel', 'pyomo'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["osqp", "highs", "clarabel"])
def test_loads_by_name(name: str) -> None:
    assert load_backend(name).info.name == name


def test_an_unknown_name_lists_what_is_installed() -> None:
    with pytest.raises(BackendNotFound, match=r"'nonsense'.*clarabel, highs, osqp"):
        load_backend("nonsense")


def test_a_misspelt_name_is_guessed() -> None:
    with pytest.raises(BackendNotFound, match=r"one of clarabel, .*mean 'clarabel'\?$"):
        load_backend("clarabell")


def test_two_backends_of_one_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for distribution in ("first-twin", "second-twin"):
        module = distribution.replace("-", "_")
        install(tmp_path, distribution, f"twin = {module}:Twin", "class Twin: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BackendNotFound, match="2 backends are called 'twin'"):
        load_backend("twin")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("import a_library_nobody_has\n", "a_library_nobody_has"),
        ("", "Broken"),
        ("raise RuntimeError('no licence file')\n", "no licence file"),
    ],
    ids=["library missing", "class missing", "raises"],
)
def test_a_broken_plugin_breaks_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, said: str
) -> None:
    name = f"broken-{abs(hash(said)) % 10**8}"
    install(tmp_path, name, f"broken = {name.replace('-', '_')}:Broken", module)
    monkeypatch.syspath_prepend(tmp_path)
    assert "broken" in backend_names()
    with pytest.raises(BackendNotFound, match=said) as refusal:
        load_backend("broken")
    assert refusal.value.__cause__ is not None
    assert load_backend("highs").info.name == "highs"


def test_an_engine_is_named_after_a_colon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "class Motor:\n"
        "    def __init__(self, engine='default'):\n"
        "        self.engine = engine\n"
    )
    install(tmp_path, "motor-plugin", "motor = motor_plugin:Motor", source)
    monkeypatch.syspath_prepend(tmp_path)
    assert vars(load_backend("motor:diesel")) == {"engine": "diesel"}
    assert vars(load_backend("motor")) == {"engine": "default"}
