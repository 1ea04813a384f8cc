"""Which organization has media that something is to be done with: the only reads of media across organizations."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from roles.models import Organization

LEASE = timedelta(minutes=5)
AT_ONCE = 10
_CLAIM_RENDITIONS = """
WITH due AS MATERIALIZED (
    SELECT id FROM content_rendition WHERE due_at <= %(at)s ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE content_rendition AS row SET due_at = %(until)s FROM due WHERE row.id = due.id
RETURNING row.organization_id, row.id
"""
_WITH_STRAY_FILES = "SELECT DISTINCT organization_id FROM content_strayfile WHERE due_at <= %s"
_WITH_OLD_UPLOADS = "SELECT DISTINCT organization_id FROM content_upload WHERE ends_at <= %s"


def claim_renditions(*, at: datetime) -> dict[Organization, list[int]]:
    """Take renditions that are to be made, for the length of a lease; by organization."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_RENDITIONS, {"at": at, "until": at + LEASE, "most": AT_ONCE})
        rows = cursor.fetchall()
    known = Organization.objects.in_bulk({key for key, _row in rows})
    return {house: [row for key, row in rows if key == house.pk] for house in known.values()}


def organizations_with_stray_files(*, at: datetime) -> list[Organization]:
    """Return those in whose storage files lie that belong to nothing."""
    return _organizations(_WITH_STRAY_FILES, at)


def organizations_with_old_uploads(*, at: datetime) -> list[Organization]:
    """Return those where uploads were begun and never came to their end."""
    return _organizations(_WITH_OLD_UPLOADS, at)


def _organizations(statement: str, at: datetime) -> list[Organization]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [at])
        keys = [key for (key,) in cursor.fetchall()]
    return list(Organization.objects.filter(pk__in=keys).order_by("pk"))
