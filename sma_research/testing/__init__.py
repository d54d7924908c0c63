"""Public helpers for authors of backends."""
