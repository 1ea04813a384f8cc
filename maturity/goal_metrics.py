"""The metrics by which goals can be set: those of measurement that can be told of each department at once."""

from __future__ import annotations

from measurement.aims import Aim
from measurement.counts import READ
from measurement.metrics import METRICS

# What is counted as it lies there now, whenever it was made.
LYING = ("backlog", "overdue")
GOAL_METRICS = {key: Aim(key) for key in METRICS if key in READ or key in LYING}
CHOICES = [(key, METRICS[key].label) for key in GOAL_METRICS]
