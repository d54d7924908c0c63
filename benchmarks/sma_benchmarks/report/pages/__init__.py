"""The pages of the report, one module each, in their order."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from sma_benchmarks.report.pages import (
    anytime,
    certificates,
    choose,
    details,
    failures,
    formulations,
    methodology,
    noise,
    profiles,
    quality,
    scaling,
    turnover,
    warm,
)
from sma_benchmarks.report.parts import Page
from sma_benchmarks.report.styles import Style

if TYPE_CHECKING:
    from sma_benchmarks.scores import Scores

Maker: TypeAlias = Callable[["Scores", Mapping[str, Style]], Page]
PAGES: Final[Mapping[str, Maker]] = MappingProxyType({
    "choose": choose.page,
    "quality": quality.page,
    "anytime": anytime.page,
    "profiles": profiles.page,
    "scaling": scaling.page,
    "formulations": formulations.page,
    "failures": failures.page,
    "certificates": certificates.page,
    "warm": warm.page,
    "turnover": turnover.page,
    "instances": details.instances,
    "solvers": details.solvers,
    "noise": noise.page,
    "methodology": methodology.page,
})  # fmt: skip
