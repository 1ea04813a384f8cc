"""What is asked of the rows: at which moment, over which days, and of which side of the practice field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q

from measurement.models import DailyMentions, DailyResponses
from measurement.querysets import rehearsals
from measurement.selecting import Side, on_side
from measurement.windows import Window
from roles.business_hours import Calendars
from roles.clock import BusinessHours
from roles.models import Department
from roles.tenancy import active_organization

# By the key of a department; None is the whole organization. None as a figure: there was nothing to judge by.
Figures = Mapping[int | None, float | None]
# What an organization does with what is said: hear it, answer it. Each may still be at the practice field.
Sense = Literal["hearing", "answering"]
T = TypeVar("T")
HEARD_WITHIN = timedelta(days=90)
MONTH = 28


@dataclass(frozen=True)
class Asked:
    """One moment at which all evidence is read; what several need is read once."""

    at: datetime

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the organization's days."""
        return active_organization().zone

    @cached_property
    def today(self) -> date:
        """The day of the organization."""
        return self.at.astimezone(self.zone).date()

    @cached_property
    def window(self) -> Window:
        """The last four weeks, today included up to now."""
        return Window.up_to(self.at, days=MONTH, zone=self.zone)

    def since(self, days: int) -> datetime:
        """The beginning of the first of so many days, today included."""
        return Window.up_to(self.at, days=days, zone=self.zone).start

    @cached_property
    def reach(self) -> Mapping[int, Sequence[int]]:
        """The key of each department with the keys of itself and of those below it."""
        return {key: [key, *below] for key, below in Department.objects.values_list("pk", "below")}

    @property
    def departments(self) -> list[int]:
        """The keys of all departments."""
        return list(self.reach)

    def with_below(self, rows: Mapping[int, T]) -> dict[int | None, list[T]]:
        """Of each department what was read of it and of those below it; of the whole, by None, all that was read."""
        found: dict[int | None, list[T]] = {None: list(rows.values())}
        return found | {key: [rows[one] for one in keys if one in rows] for key, keys in self.reach.items()}

    @cached_property
    def sides(self) -> Mapping[Sense, Side]:
        """Where we hear and where we answer: outside, or the practice field where in a quarter of a year it was all.

        One may listen to the whole town and answer nobody yet but on the practice field; what was answered nowhere
        goes with what was heard.
        """
        since = (self.at - HEARD_WITHIN).astimezone(self.zone).date()
        outside = ~Q(network__in=rehearsals())
        heard = DailyMentions.objects.filter(outside, query_id=0, day__gte=since).exists()
        worked_on = DailyResponses.objects.filter(day__gte=since)
        answered = worked_on.filter(outside).exists() or (heard and not worked_on.exists())
        return {"hearing": _side(heard), "answering": _side(answered)}

    def heard(self, field: str) -> Q:
        """The condition on a network that keeps apart what is heard outside and on the practice field."""
        return on_side(self.sides["hearing"], field=field)

    def answered(self, field: str) -> Q:
        """The condition on a network that keeps apart what is answered outside and on the practice field."""
        return on_side(self.sides["answering"], field=field)

    @cached_property
    def working_days(self) -> list[date]:
        """The working days of the four weeks before today, by the default calendar; without one Monday to Friday."""
        calendars = Calendars()
        hours = calendars.hours(calendars.of_department(None))
        days = [self.today - timedelta(days=number) for number in range(1, MONTH + 1)]
        if isinstance(hours, BusinessHours):
            return [day for day in days if hours.spans_on(day)]
        return [day for day in days if day.weekday() < 5]


def _side(is_outside: bool) -> Side:
    return "outside" if is_outside else "practice"
