"""Connections to networks: what is kept of them, how they are tended, what is left of their limits."""
