"""Run ``sma`` as ``python -m sma_research.cli``."""

from sma_research.cli.program import main

main()
