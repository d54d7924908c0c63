"""A peer: somebody else's tool that answers an account with weights.

Its model may differ from ours; its weights are judged by the same referee.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from importlib.util import find_spec
from typing import Protocol

from sma_benchmarks.task import Budget
from sma_research.arrays import Vector
from sma_research.portfolio.problem import Problem
from sma_research.program.backend import Availability, Licence


@dataclass(frozen=True, eq=False, kw_only=True)
class PeerAnswer:
    """What a peer hands over. What it says of its own model is nobody's to judge."""

    weight: Vector | None  # (n,) of account value; None where it found no answer
    message: str = ""
    version: str = ""


class Peer(Protocol):
    """Somebody else's tool."""

    @property
    def name(self) -> str:
        """Name after ``peer:``."""
        ...

    @property
    def seeded(self) -> bool:
        """Whether another seed may change its answer."""
        ...

    def probe(self) -> Availability:
        """Whether it runs here, established by a tiny solve."""
        ...

    def weights(self, problem: Problem, budget: Budget, seed: int) -> PeerAnswer:
        """Its answer to an account.

        Raises
        ------
        UnsupportedProgram
            The account asks for what the peer cannot state.
        LicenceError
            The peer's licence is missing or too small.
        BackendError
            The peer raised anything else.
        """
        ...


def version_of(package: str) -> str:
    """Version of an installed package, without importing it."""
    try:
        return installed(package)
    except PackageNotFoundError:
        return "not installed"


def absent(name: str, module: str, package: str) -> Availability | None:
    """What to say of a peer whose package is missing; None where it is there."""
    if find_spec(module) is not None:
        return None
    return Availability(
        engine=f"peer:{name}",
        version=version_of(package),
        usable=False,
        licence=Licence.UNKNOWN,
        missing=f"pip install {package}",
    )
