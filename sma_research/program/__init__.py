"""Mathematics, without finance: all that a backend may import."""
