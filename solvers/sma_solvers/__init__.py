"""Backends shipped with sma-research, one file each."""
