"""What keeps the figures in step with the rows. Only the application itself does this, so no capability is asked for.

Marks and figures are safe against each other by three facts. A mark is committed with the change that it speaks of.
A worker first takes marks away and then, in a later statement, reads the rows: whatever a taken mark spoke of is
visible by then, and a mark that came meanwhile was not taken. And an organization has one computing worker at a time,
so nobody writes an older count over a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import inf
from time import monotonic

from django.db import connection, transaction

from measurement.computing import ROLL_UPS, compute
from measurement.models import RollUp, StaleHour
from measurement.querysets import Spans
from measurement.windows import Window
from roles.background import hint
from roles.live import look_again
from roles.tenancy import active_organization

HOURS_AT_ONCE = 200
LOCK = 7251  # the first half of the advisory lock's key; the second is the organization's

_MARK = """
INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
SELECT DISTINCT %s::bigint, date_trunc('hour', moment, %s), %s::timestamptz FROM unnest(%s::timestamptz[]) AS moment
"""
_MARK_ALL = """
INSERT INTO measurement_stalehour (organization_id, hour, marked_at)
SELECT %(organization)s, date_trunc('hour', captured_at, %(zone)s), %(at)s::timestamptz
FROM listening_mention WHERE organization_id = %(organization)s
UNION
SELECT %(organization)s, date_trunc('hour', created_at, %(zone)s), %(at)s::timestamptz
FROM engagement_assignment WHERE organization_id = %(organization)s
UNION
SELECT %(organization)s, date_trunc('hour', resolved_at, %(zone)s), %(at)s::timestamptz
FROM engagement_assignment WHERE organization_id = %(organization)s AND resolved_at IS NOT NULL
"""
_TAKE = """
DELETE FROM measurement_stalehour WHERE organization_id = %s AND hour IN (
    SELECT DISTINCT hour FROM measurement_stalehour WHERE organization_id = %s ORDER BY hour DESC LIMIT %s
) RETURNING hour
"""


def mark_hours(moments: Iterable[datetime], *, at: datetime) -> None:
    """Mark the hours in which these moments lie, in the transaction of what changed there, and hint a worker."""
    organization = active_organization()
    if not (kept := list(set(moments))):
        return
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [organization.pk, organization.zone.key, at, kept])
    hint("measurement.tasks.refresh_rollups")


def refresh_rollups(*, at: datetime, seconds: float = inf) -> int:
    """Compute the active organization's stale hours again; returns how many. Does nothing where a worker is at it.

    After each commit it looks again, so that what was marked while it held the lock waits for no beat. When the seconds
    are over it leaves the rest to the next look.
    """
    computed, end = 0, monotonic() + seconds
    while True:
        with transaction.atomic():
            done = _refresh_once(at) if _locked(wait=False) else None
            if done:
                look_again("measure")
        computed += done or 0
        if done is None or not StaleHour.objects.exists():
            break
        if monotonic() >= end:
            hint("measurement.tasks.refresh_rollups")
            break
    return computed


def recompute_rollups(window: Window, *, at: datetime) -> None:
    """Compute every hour of a window again from the rows, whether marked or not."""
    with transaction.atomic():
        _locked(wait=True)
        _begin_anew(at)
        compute(Spans(((window.start, window.end),)), [(window.first, window.last)], window.zone)
        RollUp.objects.update(computed_at=at)
        look_again("measure")


def _locked(*, wait: bool) -> bool:
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCK, active_organization().pk % 2**31])
        return wait or bool(cursor.fetchone()[0])


def _refresh_once(at: datetime) -> int:
    _begin_anew(at)
    organization = active_organization()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [organization.pk, organization.pk, HOURS_AT_ONCE])
        hours_taken = sorted({hour for (hour,) in cursor.fetchall()})
    if not hours_taken:
        return 0
    zone = organization.zone
    days = sorted({hour.astimezone(zone).date() for hour in hours_taken})
    compute(Spans.of_hours(hours_taken), [(day, day) for day in days], zone)
    RollUp.objects.update(computed_at=at)
    return len(hours_taken)


def _begin_anew(at: datetime) -> None:
    """Where days were cut in another time zone, or never, drop all roll-ups and mark every hour that has rows."""
    organization = active_organization()
    zone = organization.zone.key
    if RollUp.objects.filter(time_zone=zone).exists():
        return
    StaleHour.objects.all().delete()
    for model in ROLL_UPS:
        model._default_manager.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(_MARK_ALL, {"organization": organization.pk, "zone": zone, "at": at})
    RollUp.objects.update_or_create(defaults={"time_zone": zone, "computed_at": at})
