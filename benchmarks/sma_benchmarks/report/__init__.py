"""Scores for a reader: one HTML file that opens offline, Markdown, CSV and Parquet."""
