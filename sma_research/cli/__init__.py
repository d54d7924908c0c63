"""The program ``sma``. Importing it loads typer and nothing heavier."""

from sma_research.cli.program import app, main

__all__ = ["app", "main"]
