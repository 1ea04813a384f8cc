"""What must look across organizations: whose address is called, and what is to be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection

from listening.models import InboundBody, InboundWebhook, OutboundEvent

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)


def by_key(key: str) -> InboundWebhook | None:
    """Return the inbound webhook whose address this is."""
    return InboundWebhook.everywhere.select_related("source", "organization").filter(key=key).first()


def claim_event(at: datetime) -> OutboundEvent | None:
    """Claim the event that is due first, of whatever organization; one whose worker died is due again."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"at": at, "until": at + LEASE, "key": str(uuid4())})
        row = cursor.fetchone()
    return OutboundEvent.everywhere.select_related("webhook", "organization").get(pk=row[0]) if row else None


# Telling twice does no harm: the receiver knows the event by its id. So a dead worker's event simply goes out again.
_CLAIM = """
UPDATE listening_outboundevent SET state = 'sending', lease_until = %(until)s, lease_key = %(key)s
WHERE id = (
    SELECT event.id FROM listening_outboundevent event
    JOIN listening_outboundwebhook webhook ON webhook.id = event.webhook_id AND webhook.is_active
    WHERE event.state = 'ready' AND event.next_attempt_at <= %(at)s
        OR event.state = 'sending' AND event.lease_until < %(at)s
    ORDER BY event.next_attempt_at LIMIT 1 FOR UPDATE OF event SKIP LOCKED
)
RETURNING id
"""


def forget_old(before: datetime) -> int:
    """Remove bodies that were taken in and events that ended long ago; returns how many."""
    bodies = InboundBody.everywhere.filter(taken_at__lt=before - KEPT).delete()[0]
    ended = [OutboundEvent.State.TAKEN, OutboundEvent.State.FAILED]
    return bodies + OutboundEvent.everywhere.filter(state__in=ended, happened_at__lt=before - KEPT).delete()[0]


def waiting_too_long(at: datetime) -> int:
    """How many bodies were kept a while ago and not taken in: somebody should look why."""
    rows = InboundBody.everywhere.filter(taken_at=None, received_at__lt=at - timedelta(minutes=10))
    return rows.filter(webhook__source__state="active").count()
