"""An instance: one abstract problem with its sizes and its hash."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from sma_research.arrays import Vector
from sma_research.portfolio.account import Account
from sma_research.portfolio.benchmark import Market
from sma_research.portfolio.problem import Problem
from sma_research.program.form import Parameters, Structure


class InstanceKind(StrEnum):
    """What is to be solved."""

    ACCOUNT = "account"
    PROGRAM = "program"
    BOOK = "book"
    PATH = "path"


@dataclass(frozen=True, eq=False, kw_only=True)
class AccountCase:
    """One account; `before` is an account of the same shape for a hot start."""

    problem: Problem
    before: Problem | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class ProgramCase:
    """A program of no account, with what is published of its optimum."""

    structure: Structure
    parameters: Parameters
    lower: float = -np.inf  # best proven bound
    upper: float = np.inf  # best known value
    precision: float = 1e-6  # relative, of the two published values


@dataclass(frozen=True, eq=False, kw_only=True)
class BookCase:
    """Accounts on one market."""

    market: Market
    accounts: Sequence[Account]


@dataclass(frozen=True, eq=False, kw_only=True)
class Period:
    """One rebalance of a path, and what happens until the next."""

    market: Market
    returns: Vector  # (n, days) simple returns until the next rebalance
    benchmark_returns: Vector  # (days,)
    date: date
    per_year: float = 252.0  # returns in a year: 52 where a "day" is a week


@dataclass(frozen=True, eq=False, kw_only=True)
class PathCase:
    """An account rebalanced again and again, holdings carried along."""

    account: Account  # before the first rebalance
    periods: Sequence[Period]


Case: TypeAlias = AccountCase | ProgramCase | BookCase | PathCase


@dataclass(frozen=True, eq=False, kw_only=True)
class Instance:
    """A case with its reference, sizes and hash."""

    reference: str  # "family:parameter=value,..."
    family: str  # cluster for the bootstrap
    kind: InstanceKind
    case: Case
    n_assets: int
    n_factors: int = 0
    n_lots: int = 0
    k_names: int | None = None
    hash: str  # sha256 of the abstract problem


def digest(parts: Iterable[object]) -> str:
    """``sha256`` of arrays, texts and numbers in their order."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray) and part.dtype != object:
            content = np.ascontiguousarray(part)
            total.update(f"{content.dtype}{content.shape}".encode())
            total.update(content.tobytes())
        else:
            total.update(repr(part).encode())
        total.update(b"\0")
    return total.hexdigest()
