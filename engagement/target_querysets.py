"""Reads of response targets, promises and their events that have a name."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import connection
from django.db.models import Q

from roles.tenancy import OwnedQuerySet, active_organization_id

if TYPE_CHECKING:
    from engagement.models import Promise, ResponseTarget, TargetEvent  # noqa: F401
    from roles.models import Member


class ResponseTargetQuerySet(OwnedQuerySet["ResponseTarget"]):
    """Response targets of the active organization."""

    def applying_by_themselves(self) -> Self:
        """Those that apply where no routing rule names a target."""
        return self.filter(is_default=True)


class PromiseQuerySet(OwnedQuerySet["Promise"]):
    """What response targets promise of the active organization's assignments."""

    def running(self) -> Self:
        """Neither kept nor at their end."""
        return self.filter(kept_at=None, ended_at=None)


class TargetEventQuerySet(OwnedQuerySet["TargetEvent"]):
    """Warnings and misses of the active organization."""

    def visible_to(self, member: Member) -> Self:
        """Those of the departments in which the member holds a position, and the member's own."""
        departments = member.reach
        if None in departments:
            return self
        return self.filter(Q(department__in=departments) | Q(member=member))

    def untold(self) -> Self:
        """Misses of which nobody has been written to yet."""
        return self.filter(kind="miss", told_at=None)

    def with_everything(self) -> Self:
        """With assignment, post, author, department and member read along."""
        return self.select_related(
            "promise", "assignment__mention__post__author", "department", "member__user", "assignment__department"
        )


TELLING = 7254  # the first half of the advisory lock's key; the second is the organization's

# MATERIALIZED: the rows are chosen and locked once, whatever plan is made. Who holds the assignment is changing it at
# this moment: such a one is looked at when that is done.
_WRITE_DUE = """
WITH due AS MATERIALIZED (
    SELECT promise.id, promise.assignment_id, promise.organization_id, promise.due_at,
        assignment.department_id, assignment.member_id,
        promise.due_at < coalesce(promise.kept_at, promise.ended_at, %(at)s) AS missed,
        promise.kept_at IS NULL AND promise.ended_at IS NULL AS runs
    FROM engagement_promise AS promise JOIN engagement_assignment AS assignment ON assignment.id = promise.assignment_id
    WHERE promise.organization_id = %(organization)s AND promise.next_look_at <= %(at)s
    ORDER BY promise.next_look_at, promise.id LIMIT %(at_once)s
    FOR UPDATE OF promise SKIP LOCKED FOR NO KEY UPDATE OF assignment SKIP LOCKED
), looked AS (
    UPDATE engagement_promise AS promise
    SET next_look_at = CASE WHEN due.runs AND NOT due.missed THEN promise.due_at END
    FROM due WHERE promise.id = due.id
), written AS (
    INSERT INTO engagement_targetevent (organization_id, assignment_id, promise_id, kind, at, due_at, department_id,
        member_id, told_at)
    SELECT organization_id, assignment_id, id, CASE WHEN missed THEN 'miss' ELSE 'warning' END, %(at)s, due_at,
        department_id, member_id, CASE WHEN missed THEN NULL ELSE %(at)s END
    FROM due WHERE missed OR runs
    ON CONFLICT (assignment_id, promise_id, kind) DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM written)
"""
# What was counted while a calendar changed may have been counted with either; half a minute is more than that takes.
_TO_COUNT = """
SELECT promise.assignment_id FROM roles_calendar AS calendar JOIN engagement_promise AS promise
    ON promise.calendar_id = calendar.id AND promise.counted_at < calendar.changed_at + interval '30 seconds'
WHERE calendar.organization_id = %(organization)s AND promise.kept_at IS NULL AND promise.ended_at IS NULL
    AND promise.in_business_hours
UNION
SELECT promise.assignment_id FROM roles_calendar AS calendar JOIN engagement_promise AS promise
    ON promise.calendar_id IS NULL AND promise.organization_id = calendar.organization_id
    AND promise.counted_at < calendar.changed_at + interval '30 seconds'
WHERE calendar.organization_id = %(organization)s AND calendar.is_default AND promise.kept_at IS NULL
    AND promise.ended_at IS NULL AND promise.in_business_hours
ORDER BY 1
"""


def write_due_events(*, at: datetime, at_once: int) -> tuple[int, int]:
    """Write what is due of the active organization, once; returns how many promises were looked at, and new events."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_DUE, {"at": at, "organization": active_organization_id(), "at_once": at_once})
        looked, written = cursor.fetchone()
    return looked, written


def assignments_to_count_anew() -> list[int]:
    """The keys of assignments of which something runs in a calendar that has changed since it was counted."""
    with connection.cursor() as cursor:
        cursor.execute(_TO_COUNT, {"organization": active_organization_id()})
        return [key for (key,) in cursor.fetchall()]


def hold_telling() -> bool:
    """Be the only one who writes about misses in the active organization, or return False at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [TELLING, active_organization_id() % 2**31])
        return bool(cursor.fetchone()[0])
