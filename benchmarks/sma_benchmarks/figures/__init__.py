"""Figures asked of the project, each with the command that measures it.

``python -m sma_benchmarks.figures`` prints what was asked beside what is measured.
"""
