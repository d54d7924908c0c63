"""Measurements of formulations and backends."""
