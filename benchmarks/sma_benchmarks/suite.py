"""Suites: files that say which instances, methods, budgets and seeds make a table.

A suite is frozen by the hash of what it resolves to, so that a comment or the order
of keys changes nothing and any other edit does.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sma_benchmarks.instances import catalog
from sma_benchmarks.instances.instance import Instance
from sma_benchmarks.methods import Method, parse, uses_seed
from sma_benchmarks.suite_refusals import suite_refusals
from sma_benchmarks.task import Budget, Task
from sma_research.errors import DataError, SettingError
from sma_research.io.refusals import refuse_all, unreadable

Tier = Literal["smoke", "ci", "nightly", "full"]
StartMode = Literal["cold", "hot"]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0)]
T = TypeVar("T")
PACKAGE: Final = "sma_benchmarks"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BudgetFile(_Closed):
    """What each solve may use, as written in a file."""

    time_limit_s: Positive
    grace_s: Positive = 5.0
    memory_limit_mb: Positive = 4096.0
    target_gap: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1e-4
    threads: Annotated[int, Field(ge=1)] = 1


class Suite(_Closed):
    """A suite, its grids expanded and its methods in canonical text."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: Annotated[str, Field(min_length=1)]
    tier: Tier
    instances: Annotated[list[str], Field(min_length=1)]
    methods: Annotated[list[str], Field(min_length=1)]
    budget: BudgetFile
    seeds: Annotated[list[Seed], Field(min_length=1)] = [0]
    repeats: Annotated[int, Field(ge=1)] = 1
    start_modes: Annotated[list[StartMode], Field(min_length=1)] = ["cold"]

    @field_validator("instances")
    @classmethod
    def _expanded(cls, texts: list[str]) -> list[str]:
        return _once("instance", [one for text in texts for one in _expand(text)])

    @field_validator("methods")
    @classmethod
    def _canonical(cls, texts: list[str]) -> list[str]:
        return _once("method", [str(_method(text)) for text in texts])

    @field_validator("seeds", "start_modes")
    @classmethod
    def _distinct(cls, values: list[int]) -> list[int]:
        return _once("value", values)

    @cached_property
    def hash(self) -> str:
        """``sha256`` of the resolved content; the description does not count."""
        content = self.model_dump(exclude={"description"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def limits(self) -> Budget:
        """The budget of every solve."""
        return Budget(**self.budget.model_dump())

    def tasks(
        self, data: Path | None, methods: Sequence[Method] | None = None
    ) -> Iterator[Task]:
        """Every solve of the suite, instance by instance.

        Methods that neither branch nor sample get the first seed only: another one
        would change nothing.

        Raises
        ------
        DataError
            Real data that is absent, or an instance that cannot be made.
        """
        chosen = [parse(text) for text in self.methods] if methods is None else methods
        for reference in self.instances:
            instance = _loaded(reference, data)
            for method in chosen:
                yield from self._solves(instance, method)

    def _solves(self, instance: Instance, method: Method) -> Iterator[Task]:
        seeds = self.seeds if uses_seed(method) else self.seeds[:1]
        for mode, seed, repeat in product(self.start_modes, seeds, range(self.repeats)):
            yield Task(
                suite=self.name,
                suite_hash=self.hash,
                family=instance.family,
                instance=instance.reference,
                instance_hash=instance.hash,
                method=str(method),
                start_mode=mode,
                seed=seed,
                repeat=repeat,
                budget=self.limits,
            )


TABLES: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {"": Suite, "budget": BudgetFile}
)


def suites() -> dict[str, Path]:
    """Files of the suites that come with the package, by name."""
    found = sorted(_folder().glob("*.toml"))
    return {path.stem: path for path in found}


def load_suite(name: str) -> Suite:
    """A suite that comes with the package, or that of a file ``*.toml``.

    Raises
    ------
    DataError
        No such suite or file, or what `read_suite` refuses.
    """
    known = suites()
    if name in known:
        return read_suite(known[name])
    if name.endswith(".toml"):
        return read_suite(Path(name))
    raise DataError(
        f"no suite {name!r}, expected one of {', '.join(known)}, or a file ending "
        "in .toml"
    )


def read_suite(path: Path) -> Suite:
    """The suite of a file.

    Raises
    ------
    DataError
        A file that is absent or no TOML, a key that is unknown, missing or of
        another type, an instance or a method that cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path} is not there, expected a suite") from error
    except OSError as error:
        raise unreadable(path, error) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} is no TOML: {error}") from error
    return suite_of(content, str(path))


def suite_of(
    content: Mapping[str, object],
    where: str,
    options: Mapping[str, str] = MappingProxyType({}),
) -> Suite:
    """The suite that a file, or what is changed in one by options, describes.

    Raises
    ------
    DataError
        A line for each field that is refused, called by the option that gave it.
    """
    try:
        return Suite.model_validate(content)
    except ValidationError as error:
        refuse_all(suite_refusals(where, error, TABLES, options))
        raise


def _folder() -> Path:
    """Suites inside the installed package, or beside it in a checkout."""
    inside = Path(str(files(PACKAGE))) / "suites"
    return inside if inside.is_dir() else inside.parent.parent / "suites"


def _expand(text: str) -> tuple[str, ...]:
    try:
        return catalog.expand(text)
    except DataError as error:
        raise ValueError(str(error)) from error


def _loaded(reference: str, data: Path | None) -> Instance:
    try:
        return catalog.load(reference, data)
    except DataError as error:
        raise DataError(f"instance {reference}: {error}") from error


def _method(text: str) -> Method:
    try:
        return parse(text)
    except SettingError as error:
        raise ValueError(str(error)) from error


def _once(what: str, values: list[T]) -> list[T]:
    for i, value in enumerate(values):
        if value in values[:i]:
            raise ValueError(f"{what} {value} is given twice, expected once")
    return values
