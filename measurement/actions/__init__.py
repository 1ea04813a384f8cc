"""Everything that changes rows of measurement."""

from measurement.actions.rollups import mark_hours, recompute_rollups, refresh_rollups

__all__ = ["mark_hours", "recompute_rollups", "refresh_rollups"]
