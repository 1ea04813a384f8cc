"""Reads of time that have a name, and the one statement by which it is counted."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import connection
from django.db.models import F, Sum

from roles.models import Member
from roles.tenancy import OwnedQuerySet, active_organization

if TYPE_CHECKING:
    from maturity.models import MeasuredTime, TimeEntry  # noqa: F401

# By member, day and activity.
Cell = tuple[int, date, str]


class _TimeQuerySet(OwnedQuerySet[Any]):
    """Seconds by member, day and activity."""

    def between(self, first: date, last: date) -> Self:
        """Those of some days, the last included."""
        return self.filter(day__gte=first, day__lte=last)

    def by_cell(self) -> dict[Cell, float]:
        """Seconds by member, day and activity."""
        rows = self.order_by().values_list("member", "day", "activity").annotate(sum=Sum("seconds"))
        return {(member, day, activity): seconds for member, day, activity, seconds in rows}

    def by_day(self) -> dict[date, float]:
        """Seconds by day."""
        return dict(self.order_by().values_list("day").annotate(sum=Sum("seconds")))

    def by_activity(self) -> dict[str, float]:
        """Seconds by activity."""
        return dict(self.order_by().values_list("activity").annotate(sum=Sum("seconds")))


class MeasuredTimeQuerySet(_TimeQuerySet):
    """What was measured in the active organization."""


class TimeEntryQuerySet(_TimeQuerySet):
    """What people of the active organization said of their time."""

    def newest_days_first(self) -> Self:
        """The newest day first, and of a day what was entered last."""
        return self.order_by("-day", "-pk")


# What was spent until a sign that says how long somebody has been at it...
_AT_IT = """
    SELECT %(activity)s AS activity, %(at)s AS ends,
        greatest((SELECT at FROM sign), %(at)s - %(seconds)s * interval '1 second') AS begins
"""
# ... and until one that only says that they went on to another page.
_WENT_ON = """
    SELECT activity, %(at)s AS ends, at AS begins FROM sign WHERE %(at)s - at <= %(seconds)s * interval '1 second'
"""
_COUNT = """
WITH sign AS (
    -- One after the other for each person: of two windows at once the second finds what the first has counted.
    SELECT at, activity FROM maturity_lastsign WHERE member_id = %(member)s FOR UPDATE
), given AS (
    INSERT INTO maturity_lastsign (organization_id, member_id, at, activity)
    -- Read first: a row that this very statement has changed could not be locked any more.
    SELECT %(organization)s, %(member)s, %(at)s, %(activity)s FROM (SELECT count(*) FROM sign) AS before
    ON CONFLICT (member_id) DO UPDATE SET at = excluded.at, activity = excluded.activity
    WHERE maturity_lastsign.at <= excluded.at
), spent AS ({spent}), cut AS (
    SELECT activity, begins, ends,
        least(ends, date_trunc('day', ends AT TIME ZONE %(zone)s) AT TIME ZONE %(zone)s) AS midnight
    FROM spent WHERE ends > begins AND activity <> ''
), parts AS (
    SELECT activity, (ends AT TIME ZONE %(zone)s)::date AS day, ends - greatest(begins, midnight) AS lasted FROM cut
    UNION ALL
    SELECT activity, (begins AT TIME ZONE %(zone)s)::date, midnight - begins FROM cut WHERE begins < midnight
)
INSERT INTO maturity_measuredtime (organization_id, member_id, day, activity, seconds)
SELECT %(organization)s, %(member)s, day, activity, extract(epoch FROM sum(lasted))
FROM parts WHERE lasted > interval '0' GROUP BY day, activity
ON CONFLICT (member_id, day, activity) DO UPDATE SET seconds = maturity_measuredtime.seconds + excluded.seconds
"""


def count_time(member: Member, *, activity: str, seconds: float, at: datetime, is_at_it: bool) -> None:
    """Count what a member spent until this moment, once however many windows tell of it; days are the organization's.

    Who is at it says for how many seconds; who went on to another page has spent the time since their last sign at what
    they were at, unless it is longer than so many seconds ago.
    """
    said = {
        "member": member.pk, "organization": member.organization_id, "activity": activity, "seconds": seconds, "at": at,
        "zone": active_organization().time_zone,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(spent=_AT_IT if is_at_it else _WENT_ON), said)


def forget_time(before: date) -> int:
    """Remove the time of days before one; returns how many rows."""
    from maturity.models import MeasuredTime, TimeEntry

    return sum(model.objects.filter(day__lt=before).delete()[0] for model in (MeasuredTime, TimeEntry))


def correct(member: Member, *, day: date, activity: str, by_seconds: float, at: datetime) -> None:
    """Move the correction of a member's day and activity, in one statement."""
    from maturity.models import TimeEntry

    row = TimeEntry(
        member=member, day=day, activity=activity, kind=TimeEntry.Kind.CORRECTED, seconds=by_seconds, entered_at=at
    )
    known = TimeEntry.objects.filter(member=member, day=day, activity=activity, kind=TimeEntry.Kind.CORRECTED)
    if not known.update(seconds=F("seconds") + by_seconds, entered_at=at):
        row.save()
