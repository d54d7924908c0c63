"""Published optima as programs: what no bound may pass and no answer may beat."""

from sma_benchmarks.published.case import Published as Published
from sma_benchmarks.published.cesarone import cesarone as cesarone
from sma_benchmarks.published.comparison import Comparison as Comparison
from sma_benchmarks.published.comparison import compare as compare
from sma_benchmarks.published.minimum_buy_in import minimum_buy_in as minimum_buy_in
from sma_benchmarks.published.minlplib import minlplib as minlplib

__all__ = [
    "Comparison",
    "Published",
    "cesarone",
    "compare",
    "minimum_buy_in",
    "minlplib",
]
