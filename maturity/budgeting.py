"""How a week is split over activities: the usual mix of a level, shapes to begin with, what is wrong with a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from maturity.models import Activity, Line
from roles.models import Level

Hours = Mapping[str, float]
# Per cent of the hours, by level; a level that is not named for a line has none of it.
MIXES: dict[Line, dict[Level, dict[Activity, int]]] = {
    Line.ENGAGEMENT: {
        Level.PASSIVE: {Activity.MONITORING: 80, Activity.MEASURING: 20},
        Level.RESPONSIVE: {Activity.MONITORING: 60, Activity.RESPONDING: 20, Activity.MEASURING: 20},
        Level.ENGAGING: {
            Activity.MONITORING: 40, Activity.RESPONDING: 20, Activity.INITIATING: 20, Activity.MEASURING: 20,
        },
        Level.CREATING: {
            Activity.MONITORING: 40, Activity.RESPONDING: 20, Activity.INITIATING: 20, Activity.MEASURING: 20,
        },
    },
    Line.CONTENT: {Level.CREATING: {Activity.MONITORING: 50, Activity.CREATING: 40, Activity.MEASURING: 10}},
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A team to begin with: its words, people and hours a week."""

    key: str
    title: str | Promise
    text: str | Promise
    people: int
    hours: int


SHAPES = (
    Shape("one", _("One person"),
        _("Everything in one pair of hands: begin with listening, and with few hours."), 1, 10),
    Shape(
        "small", _("A small business, side by side with other work"),
        _("One listens 10 to 15 hours a week; one to three people take part for 1 to 3 hours a day each; one measures"
          " 5 to 10 hours a week."),
        4, 45,
    ),
    Shape(
        "large", _("A larger organization, by line"),
        _("Customer service, sales and community listen and engage; marketing, press and community create; the others"
          " are kept informed."),
        8, 120,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Hours a week by line and activity, and by how many people."""

    hours: Mapping[tuple[str, str], float]
    people: int
    level: Level
    # Whether any hours belong to nobody by name.
    has_nameless: bool = False

    @property
    def total(self) -> float:
        """All hours a week."""
        return sum(self.hours.values())

    def of_activity(self, activity: str) -> float:
        """The hours of one activity, in both lines."""
        return sum(hours for (_line, one), hours in self.hours.items() if one == activity)

    def of_line(self, line: str) -> dict[str, float]:
        """The hours of one line by activity."""
        return {activity: hours for (one, activity), hours in self.hours.items() if one == line}


def mix(line: Line, level: Level) -> dict[Activity, int]:
    """The usual split of a line at a level, in per cent; of the highest level that has one."""
    by_level = MIXES[line]
    return next((by_level[one] for one in reversed(Level) if one.rank <= level.rank and one in by_level), {})


def split(hours: float, shares: Mapping[str, float]) -> dict[str, float]:
    """Split hours by shares of any size; what is left by rounding to a tenth goes to the largest."""
    whole = sum(shares.values())
    if whole <= 0:
        return {}
    parts = {activity: round(hours * share / whole, 1) for activity, share in shares.items() if share > 0}
    largest = max(parts, key=lambda activity: parts[activity])
    parts[largest] = round(parts[largest] + hours - sum(parts.values()), 1)
    return {activity: part for activity, part in parts.items() if part > 0}


def warnings(plan: Plan) -> list[str]:
    """What the model of levels finds wrong with a plan, in sentences."""
    if plan.total <= 0:
        return []
    found = []
    for line in Line:
        hours = plan.of_line(line)
        listening = hours.get(Activity.MONITORING, 0)
        if hours and listening < max(hours.values()):
            found.append(
                _now("In the line “%(line)s” listening is not the largest part: speaking comes after it.")
                % {"line": line.label}
            )
    if plan.level.rank >= Level.ENGAGING.rank and plan.people < 2 and not plan.has_nameless:
        found.append(
            _now("From “engaging” on it takes more than one person to do it well; these hours are one person's.")
        )
    for activity, level in ((Activity.RESPONDING, Level.RESPONSIVE), (Activity.INITIATING, Level.ENGAGING),
                            (Activity.CREATING, Level.CREATING)):  # fmt: skip
        hours_of = plan.of_activity(activity)
        if hours_of and plan.level.rank < level.rank:
            found.append(
                _now("%(activity)s has hours, but opens at “%(level)s” only.")
                % {"activity": activity.label, "level": level.label}
            )
    if plan.level.rank >= Level.RESPONSIVE.rank and not plan.of_activity(Activity.RESPONDING):
        found.append(_now("Nobody has hours for responding, though the level promises answers."))
    if not plan.of_activity(Activity.MEASURING):
        found.append(_now("Nobody has hours for measuring: nobody will know what it brought."))
    return found


def add_up(rows: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """Sum hours by line and activity."""
    found: dict[tuple[str, str], float] = {}
    for line, activity, hours in rows:
        found[line, activity] = found.get((line, activity), 0) + hours
    return found
