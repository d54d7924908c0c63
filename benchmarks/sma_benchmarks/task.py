"""One solve to be done: an instance, a method and a budget."""

from dataclasses import asdict, dataclass
from functools import cached_property

from sma_benchmarks.records import Value, row_id


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a solve may use."""

    time_limit_s: float = 60.0  # sent to the solver
    grace_s: float = 5.0  # then the process group is killed
    memory_limit_mb: float = 4096.0  # resident; then it is killed
    target_gap: float = 1e-4
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Task:
    """One row to be."""

    suite: str
    suite_hash: str
    family: str
    instance: str  # "family:parameter=value,..."
    instance_hash: str
    method: str  # canonical text of a `Method`
    start_mode: str = "cold"
    seed: int = 0
    repeat: int = 0
    budget: Budget = Budget()

    @property
    def columns(self) -> dict[str, Value]:
        """The columns known before the solve, key columns among them."""
        mine = asdict(self)
        budget = mine.pop("budget")
        return {**mine, **budget}

    @cached_property
    def row_id(self) -> str:
        """Key of the row."""
        return row_id(self.columns)
