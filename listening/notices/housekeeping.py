"""What must look across organizations: at whose addresses something is due, and what was told long ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection

from listening.models import Notice, NoticeAddress

LEASE = timedelta(seconds=90)
KEPT = timedelta(days=30)


def claim_address(at: datetime) -> NoticeAddress | None:
    """Claim an address at which something is due; nobody else tells it while the lease lasts."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": at + LEASE, "key": str(uuid4())})
        row = cursor.fetchone()
    return NoticeAddress.everywhere.select_related("organization").get(pk=row[0]) if row else None


_CLAIM = """
UPDATE listening_noticeaddress SET lease_until = %(until)s, lease_key = %(key)s
WHERE id = (
    SELECT address.id FROM listening_noticeaddress address
    JOIN roles_member member ON member.id = address.member_id AND member.is_active
    WHERE address.is_active AND (address.lease_until IS NULL OR address.lease_until < %(at)s)
        AND EXISTS (
            SELECT FROM listening_notice notice
            WHERE notice.address_id = address.id AND notice.state = 'ready' AND notice.due_at <= %(at)s
        )
    ORDER BY address.id LIMIT 1 FOR UPDATE OF address SKIP LOCKED
)
RETURNING id
"""


def forget_old(before: datetime) -> int:
    """Remove notices that ended long ago; returns how many."""
    ended = [Notice.State.SENT, Notice.State.FAILED]
    return Notice.everywhere.filter(state__in=ended, written_at__lt=before - KEPT).delete()[0]
