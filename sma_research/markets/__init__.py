"""Where markets come from: a generator, and importers of files."""
