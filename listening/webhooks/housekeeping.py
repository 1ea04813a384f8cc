"""What must look across organizations: whose address is called, and what is to be told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection

from listening.models import InboundBody, InboundWebhook, OutboundEvent

LEASE = timedelta(seconds=60)
# A row's own time is read before its transaction begins, by a batch a while before.
WRITTEN_BEFORE = timedelta(minutes=3)


def by_key(key: str) -> InboundWebhook | None:
    """Return the inbound webhook whose address this is."""
    return InboundWebhook.everywhere.select_related("source", "organization").filter(key=key).first()


def claim_event(at: datetime, *, without: Collection[int] = ()) -> OutboundEvent | None:
    """Claim the event that is due first, of whatever organization; one whose worker died is due again.

    `without` are webhooks that are passed over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": at + LEASE, "key": str(uuid4()), "without": list(without)})
        row = cursor.fetchone()
    return OutboundEvent.everywhere.select_related("webhook", "organization").get(pk=row[0]) if row else None


# Telling twice does no harm: the receiver knows the event by its id. So a dead worker's event simply goes out again.
_CLAIM = """
UPDATE listening_outboundevent SET state = 'sending', lease_until = %(until)s, lease_key = %(key)s
WHERE id = (
    SELECT event.id FROM listening_outboundevent event
    JOIN listening_outboundwebhook webhook ON webhook.id = event.webhook_id AND webhook.is_active
    WHERE event.webhook_id <> ALL (%(without)s::bigint[]) AND (
        event.state = 'ready' AND event.next_attempt_at <= %(at)s
        OR event.state = 'sending' AND event.lease_until < %(at)s
    )
    ORDER BY event.next_attempt_at LIMIT 1 FOR UPDATE OF event SKIP LOCKED
)
RETURNING id
"""


def open_since(at: datetime) -> datetime:
    """Since when a transaction may be open that has written rows which nobody sees yet.

    Rows get their keys before they are committed, so whoever goes through a table by its keys looks at what was written
    since then once more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        row = cursor.fetchone()
    oldest = row[0] if row and row[0] else at
    return min(at, oldest) - WRITTEN_BEFORE


_OLDEST = """
SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def waiting_too_long(at: datetime) -> int:
    """How many bodies were kept a while ago and not taken in: somebody should look why."""
    rows = InboundBody.everywhere.filter(taken_at=None, received_at__lt=at - timedelta(minutes=10))
    return rows.filter(webhook__source__state="active").count()
