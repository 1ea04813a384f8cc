"""What a metric is: a measured figure with everything that one must know to believe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
# What is typed for a figure and how it is said: a number, a part of a whole (0 to 1), a balance (-1 to 1), a time.
Kind = Literal["count", "share", "balance", "seconds", "hours", "money", "level"]
# What a figure is about: what is heard, what is answered, or what we say ourselves.
About = Literal["heard", "worked", "published"]

LOUD, FRIENDLY, FAST, MUCH, COST = "loud", "friendly", "fast", "much", "cost"
GROUPS: Mapping[str, Text] = {
    LOUD: _("How loud"),
    FRIENDLY: _("How friendly"),
    FAST: _("How fast"),
    MUCH: _("How much"),
    COST: _("At what cost"),
}
WALL = _("Wall time: nights and weekends count.")
BUSINESS = _("Business hours of the department, by the calendar that it had when it happened.")
DAYS = _("Days of the organization's time zone.")
NOW = _("The moment at which the page is opened.")
ROUGH = _("From a histogram whose steps grow by 5 %: at most 5 % off.")


@dataclass(frozen=True)
class Metric:
    """A measured figure: its name and unit, how it is computed, what it counts and leaves out, and from which rows."""

    label: Text
    kind: Kind
    unit: Text
    group: str
    formula: Text
    counts: Text
    source: str
    # Of what a share is a share; empty for what is no share.
    denominator: Text = ""
    clock: Text = DAYS
    exclusions: Text = ""
    # How far it may be off; empty: it is exact.
    precision: Text = ""
    # Whether more is better (1), less is (-1), or neither.
    better: int = 0
    # Of how many days it is told at most, in one figure or in many beside each other; 0: of any.
    longest: int = 0
    # Whether it can be told of one department.
    of_departments: bool = True
    # Whether it can be told of one campaign: it is about what we say ourselves.
    of_campaigns: bool = False
    # The wait that it tells of, without which share of it did not exceed that; empty for what is no wait.
    wait: Text = ""
    # Where it stands, if it is a list of figures rather than one.
    place: str = ""

    @property
    def about(self) -> About:
        """Whether it is about what is heard, what is answered or what we say ourselves: of that it can be told."""
        if self.of_campaigns:
            return "published"
        return "worked" if self.of_departments else "heard"
